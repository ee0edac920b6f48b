/** A signed one-time command for devices. */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, deviceId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'
import type { Role } from './trust-shape.ts'

export type JobKind = 'backup' | 'verify' | 'restore' | 'diagnostics' | 'pause' | 'resume'

export interface Job {
  readonly order: Order
  readonly kind: JobKind
  /** age file for the device; what is in it depends on the kind. May be empty. */
  readonly sealed: Bytes
  /** Of a restore: the device whose snapshot is given back on this one. The collector hands out that device's objects for it. */
  readonly source?: DeviceId
  /** Of a pause: how long, from when the device begins it. */
  readonly minutes?: number
}

/** A job that waited longer than this for its device is no longer what its signer meant. */
export const jobDaysMax = 7
/** What all pauses from afar of one device may add up to within any seven days, whoever signed them: the device counts. */
export const afarPauseMinutesMax = 24 * 60
/** A pause that waits longer for its device is no longer meant; and nobody signs a stock of them. */
export const pauseWaitsMsMax = 3_600_000
const dayMs = 86_400_000
const jobSealedBytesMax = 256 * 1024

const roleOfKind = {
  ...({ backup: 'policy', verify: 'policy', restore: 'restore', diagnostics: 'policy' } as const),
  ...({ pause: 'policy', resume: 'policy' } as const),
}
const jobKinds = Object.keys(roleOfKind) as JobKind[]

/** The role that must sign jobs of this kind. */
export function roleForJob(kind: JobKind): Role {
  return roleOfKind[kind]
}

export function encodeJob(job: Job): Bytes {
  const { kind, sealed, source, minutes } = job
  const message = {
    ...{ kind, sealed, order: writeOrder(job.order) },
    ...(source && { source: idToBytes(source) }),
    ...(minutes && { minutes }),
  }
  return plain(backstay.trust.Job.encode(message).finish())
}

/** Throws `bad_job`. Unknown fields are refused: a command half understood must not be obeyed. */
export function decodeJob(payload: Bytes): Job {
  const fields = fieldsOf('job', 'a job')
  const message = fields.decode(backstay.trust.Job, payload, 'strict')
  const kind = jobKinds.find(kind => kind === message.kind)
  if (kind === undefined) throw fields.bad('its kind is not known to this version')
  const minutes = fields.integer('minutes', message.minutes, afarPauseMinutesMax)
  const job = {
    order: readOrder(fields, message.order),
    kind,
    sealed: fields.bytes('sealed part', message.sealed, { max: jobSealedBytesMax }),
    ...(message.source?.length && { source: deviceId(fields.fixed('source', message.source, 16)) }),
    ...(minutes > 0 && { minutes }),
  }
  if (job.source !== undefined && kind !== 'restore') throw fields.bad('only a restore has a source')
  if (minutes > 0 !== (kind === 'pause'))
    throw fields.bad('a pause lasts some minutes, and nothing else does')
  const { issuedAtMs, expiresAtMs } = job.order
  if (expiresAtMs <= issuedAtMs) throw fields.bad('it has no end')
  if (expiresAtMs - issuedAtMs > jobDaysMax * dayMs)
    throw fields.bad(`it lasts longer than ${jobDaysMax} days`)
  if (kind === 'pause' && expiresAtMs - issuedAtMs > pauseWaitsMsMax)
    throw fields.bad('a pause is begun within an hour or not at all')
  return job
}

export function signJob(p: Primitives, job: Job, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'job', encodeJob(job), [key])
}
