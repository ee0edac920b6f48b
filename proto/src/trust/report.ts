/** A device's word what became of a job; details are for the admin who signed the job alone. */
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type DeviceId, deviceId, type FleetId, fleetId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { decodeEnvelope, signEnvelope, signersOf } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { backstay } from './trust.pb.js'

export type JobState = 'done' | 'failed' | 'refused'

export interface JobReport {
  readonly fleet: FleetId
  readonly device: DeviceId
  /** Order id of the job, 16 bytes. */
  readonly job: Bytes
  readonly state: JobState
  /** A Failure code; empty when it was done. */
  readonly code: string
  /** age file, or empty. */
  readonly sealed: Bytes
  readonly atMs: number
}

/** What a job found is a few numbers, or a hundred names. */
export const reportSealedBytesMax = 64 * 1024
const states: readonly JobState[] = ['done', 'failed', 'refused']

export function signReport(p: Primitives, report: JobReport, key: SigningKey): Promise<Bytes> {
  const { fleet, device } = report
  const message = { ...report, fleet: idToBytes(fleet), device: idToBytes(device) }
  return signEnvelope(p, 'report', plain(backstay.trust.JobReport.encode(message).finish()), [key])
}

/** Throws `bad_report`. */
export function decodeReport(payload: Bytes): JobReport {
  const fields = fieldsOf('report', 'a report on a job')
  const message = fields.decode(backstay.trust.JobReport, payload, 'lenient')
  const state = states.find(one => one === message.state)
  if (state === undefined) throw fields.bad('its state is not known to this version')
  const code = fields.text('code', message.code, 64)
  if (!/^[a-z0-9_]*$/.test(code)) throw fields.bad('its code is not a word')
  return {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    device: deviceId(fields.fixed('device id', message.device, 16)),
    job: fields.fixed('job', message.job, 16),
    state,
    code,
    sealed: fields.bytes('sealed part', message.sealed, { max: reportSealedBytesMax }),
    atMs: fields.time('time', message.atMs),
  }
}

/** Throws `bad_signature`, `bad_report`, `wrong_kind`. */
export async function verifyReport(p: Primitives, bytes: Bytes, deviceKey: Bytes): Promise<JobReport> {
  const envelope = decodeEnvelope(bytes)
  if ((await signersOf(p, 'report', envelope, [deviceKey])).length === 0) {
    throw new Failure('bad_signature', 'a report that its device did not sign')
  }
  return decodeReport(envelope.payload)
}
