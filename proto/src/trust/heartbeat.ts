/**
 * A device's word about itself: what it could not read, what waits and why, how it watches, how its machine is. Signed,
 * so that no collector can make a device look healthier than it is; public, so nothing in it names a file or a folder;
 * of people only the account that works there. It carries durations, not times: whoever hears it knows when that was. docs/protocol.md §8.
 */
import { type Bytes, equalBytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type DeviceId, deviceId, type FleetId, fleetId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { epochMax } from './commit.ts'
import { decodeEnvelope, signEnvelope, signersOf } from './envelope.ts'
import { type Fields, fieldsOf, plain } from './fields.ts'
import { backstay } from './trust.pb.js'

export interface Heartbeat {
  readonly fleet: FleetId
  readonly device: DeviceId
  /** Grows with each. */
  readonly number: number
  /** By the device's clock: shown, never reckoned with. */
  readonly sentAtMs: number
  readonly agentVersion: string
  readonly platform: string
  readonly seenTrust: number
  /** `standingHash` (policy/standing.ts) of the orders that the device obeys; undefined when it does not say. */
  readonly standing: Bytes | undefined
  readonly refused: readonly RefusedOrder[]
  /** Of the newest acknowledged commit; 0 = none. */
  readonly headSequence: number
  readonly escrowEpoch: number
  /** The last word before the agent ends or the machine sleeps. */
  readonly leaving: boolean
  /** Undefined: there is no complete snapshot. */
  readonly sinceCompleteMs: number | undefined
  /** Age of the oldest change that is on no collector; undefined when none is known. */
  readonly unprotectedMs: number | undefined
  readonly paused: Paused | undefined
  /** Why no backup runs; empty while one does. */
  readonly waiting: string
  /** Code of what the last backup failed with; empty after a good one. */
  readonly failure: string
  /** Files not read in the newest snapshot, by reason. */
  readonly unread: readonly Trouble[]
  /** Roots that lost what they held, by how: missing, unmounted, emptied, shrunk. */
  readonly roots: readonly Trouble[]
  /** What is wrong without stopping protection. */
  readonly alarms: readonly Trouble[]
  /** Undefined: nothing is watched. */
  readonly watch: Watch | undefined
  /** Undefined: it does not say. */
  readonly queue: Queue | undefined
  /** Undefined: no backup runs. */
  readonly running: Running | undefined
  readonly vitals: Vitals | undefined
  /** Of the collector's log: the newest that the device saw, so that others can compare (proto/log). */
  readonly checkpoint: Bytes | undefined
  /** The checkpoint that the log did not continue, as long as its alarm is told. */
  readonly forkedFrom: Bytes | undefined
  /** The account that works there; empty when it is unknown. */
  readonly user: string
  /** What the system keeps from the agent until somebody there lets it: full_disk_access, unreadable_root, vss_failed. */
  readonly access: readonly Trouble[]
  /** Where its keys lie: file, credential, keychain. Empty: it does not say. */
  readonly keyProtection: string
}

export interface Paused {
  readonly forMs: number
  readonly leftMs: number
  /** The admin who paused it from afar, as Trust names him; empty: who works there did. */
  readonly by: string
}

export interface RefusedOrder {
  /** 16 bytes. */
  readonly id: Bytes
  readonly code: string
}

export interface Trouble {
  /** A word: lower case, digits, underscores. */
  readonly code: string
  readonly count: number
  /** Since when, of the oldest. */
  readonly forMs: number
}

/** Roots that are none of `native`, `polled` and `absent` are still being looked through. */
export interface Watch {
  readonly roots: number
  readonly native: number
  readonly polled: number
  readonly absent: number
  readonly folders: number
  /** Folders that are looked at by rescans only. */
  readonly unwatched: number
  /** How often notices of changes were lost since the agent began. */
  readonly missed: number
}

/** What waits, as far as it is known without looking. */
export interface Queue {
  /** Perhaps all of it: a look at everything is due. */
  readonly everything: boolean
  /** In which something changed, that no backup has looked at. */
  readonly folders: number
  /** Sent, and not acknowledged. */
  readonly objects: number
  readonly bytes: number
}

export interface Running {
  readonly entries: number
  readonly readBytes: number
  readonly sentBytes: number
  readonly forMs: number
}

export interface Vitals {
  /** Name and version of the operating system; empty when unknown, as all below is 0. */
  readonly system: string
  readonly model: string
  /** The file system of the state folder first, then those of the roots; each once. */
  readonly disks: readonly { readonly bytes: number; readonly freeBytes: number }[]
  readonly memoryBytes: number
  readonly memoryFreeBytes: number
  readonly batteryPercent: number | undefined
  readonly charging: boolean
  readonly uptimeMs: number
  readonly agentMemoryBytes: number
  readonly agentCpuMs: number
}

/** An envelope with all lists full takes about 4.3 KiB. */
export const heartbeatBytesMax = 5120
export const refusedMax = 16
/** Reasons, roots' troubles and alarms are words of ours, about ten of each. */
export const troublesMax = 16
export const accessMax = 4
export const disksMax = 8
/** Of the name of an account. */
export const userBytesMax = 64
/** Of the name of an admin; a longer one is cut. */
export const pausedByBytesMax = 64
/** One signature and no extension take 342. */
export const toldCheckpointBytesMax = 360
const wordBytesMax = 48
const lineBytesMax = 96

export function encodeHeartbeat(heartbeat: Heartbeat): Bytes {
  const { paused, running, vitals, watch, queue, ...rest } = heartbeat
  const message = {
    ...rest,
    fleet: idToBytes(heartbeat.fleet),
    device: idToBytes(heartbeat.device),
    standing: heartbeat.standing ?? null,
    refused: heartbeat.refused.map(one => ({ ...one })),
    checkpoint: heartbeat.checkpoint ?? null,
    forkedFrom: heartbeat.forkedFrom ?? null,
    sinceCompleteMs: heartbeat.sinceCompleteMs ?? null,
    unprotectedMs: heartbeat.unprotectedMs ?? null,
    pausedForMs: paused?.forMs ?? null,
    pausedLeftMs: paused?.leftMs ?? null,
    pausedBy: paused?.by ?? '',
    unread: heartbeat.unread.map(one => ({ ...one })),
    roots: heartbeat.roots.map(one => ({ ...one })),
    alarms: heartbeat.alarms.map(one => ({ ...one })),
    access: heartbeat.access.map(one => ({ ...one })),
    watch: watch ?? null,
    queue: queue ?? null,
    running: running ?? null,
    vitals: vitals && {
      ...vitals,
      disks: vitals.disks.map(disk => ({ ...disk })),
      batteryPercent: vitals.batteryPercent ?? null,
    },
  }
  return plain(backstay.trust.Heartbeat.encode({ ...message, vitals: message.vitals ?? null }).finish())
}

/** Throws `bad_heartbeat`. Believes nothing: use `verifyHeartbeat`. */
export function decodeHeartbeat(payload: Bytes): Heartbeat {
  const fields = fieldsOf('heartbeat', 'a heartbeat')
  if (payload.length > heartbeatBytesMax) throw fields.bad(`it has ${payload.length} bytes`)
  const message = fields.decode(backstay.trust.Heartbeat, payload, 'lenient')
  const number = fields.integer('number', message.number)
  if (number < 1) throw fields.bad('its number does not begin at 1')
  const troubles = (
    name: string,
    values: readonly backstay.trust.ITrouble[] | null | undefined,
    max = troublesMax,
  ) => fields.list(name, values, { max }, one => troubleOf(fields, one))
  return {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    device: deviceId(fields.fixed('device id', message.device, 16)),
    number,
    sentAtMs: fields.time('time', message.sentAtMs),
    agentVersion: fields.text('version', message.agentVersion, lineBytesMax),
    platform: fields.text('platform', message.platform, lineBytesMax),
    seenTrust: fields.integer('Trust version', message.seenTrust),
    standing:
      (message.standing?.length ?? 0) === 0 ? undefined : fields.fixed('standing', message.standing, 32),
    refused: fields.list('refused orders', message.refused, { max: refusedMax }, ({ id, code }) => ({
      id: fields.fixed('order id', id, 16),
      code: wordOf(fields, code),
    })),
    headSequence: fields.integer('head', message.headSequence),
    escrowEpoch: fields.integer('epoch', message.escrowEpoch, epochMax),
    leaving: message.leaving ?? false,
    sinceCompleteMs: someDuration(fields, message.sinceCompleteMs),
    unprotectedMs: someDuration(fields, message.unprotectedMs),
    paused: pausedOf(fields, message),
    waiting: wordOf(fields, message.waiting),
    failure: wordOf(fields, message.failure),
    unread: troubles('reasons', message.unread),
    roots: troubles('root troubles', message.roots),
    alarms: troubles('alarms', message.alarms),
    queue: message.queue ? queueOf(fields, message.queue) : undefined,
    watch: message.watch ? watchOf(fields, message.watch) : undefined,
    running: message.running ? runningOf(fields, message.running) : undefined,
    vitals: message.vitals ? vitalsOf(fields, message.vitals) : undefined,
    checkpoint: checkpointOf(fields, message.checkpoint),
    forkedFrom: checkpointOf(fields, message.forkedFrom),
    user: fields.text('user', message.user, userBytesMax),
    access: troubles('access', message.access, accessMax),
    keyProtection: wordOf(fields, message.keyProtection),
  }
}

export function signHeartbeat(p: Primitives, heartbeat: Heartbeat, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'heartbeat', encodeHeartbeat(heartbeat), [key])
}

/** Whom it must be from. */
export interface Sender {
  readonly fleet: FleetId
  readonly device: DeviceId
  /** From the device's certificate. */
  readonly deviceKey: Bytes
}

/**
 * Throws `bad_signature`, `wrong_fleet`, `bad_heartbeat` (also when it is for another device), `bad_envelope`,
 * `wrong_kind`.
 */
export async function verifyHeartbeat(p: Primitives, bytes: Bytes, sender: Sender): Promise<Heartbeat> {
  if (bytes.length > heartbeatBytesMax) {
    throw new Failure('bad_heartbeat', `not a heartbeat: it has ${bytes.length} bytes`)
  }
  const envelope = decodeEnvelope(bytes)
  if (envelope.signatures.length !== 1) throw new Failure('bad_heartbeat', 'a heartbeat has one signature')
  const [signer] = await signersOf(p, 'heartbeat', envelope, [sender.deviceKey])
  if (signer === undefined || !equalBytes(signer, sender.deviceKey)) {
    throw new Failure('bad_signature', 'the heartbeat is not signed by its device')
  }
  const heartbeat = decodeHeartbeat(envelope.payload)
  if (heartbeat.fleet !== sender.fleet) {
    throw new Failure('wrong_fleet', `the heartbeat is for fleet "${heartbeat.fleet}"`)
  }
  if (heartbeat.device !== sender.device) {
    throw new Failure(
      'bad_heartbeat',
      `the heartbeat is of device "${heartbeat.device}", which did not sign it`,
    )
  }
  return heartbeat
}

function someDuration(fields: Fields, value: number | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : fields.time('duration', value)
}

function pausedOf(fields: Fields, message: backstay.trust.IHeartbeat): Heartbeat['paused'] {
  const forMs = someDuration(fields, message.pausedForMs)
  const leftMs = someDuration(fields, message.pausedLeftMs)
  const by = fields.text('pauser', message.pausedBy, pausedByBytesMax)
  return leftMs === undefined ? undefined : { forMs: forMs ?? 0, leftMs, by }
}

/** Its form is judged by whoever compares it. */
function checkpointOf(fields: Fields, value: Uint8Array | null | undefined): Bytes | undefined {
  const bytes = fields.bytes('checkpoint', value, { max: toldCheckpointBytesMax })
  return bytes.length === 0 ? undefined : bytes
}

function wordOf(fields: Fields, value: string | null | undefined): string {
  const word = fields.text('word', value, wordBytesMax)
  if (word !== '' && !/^[a-z][a-z0-9_]*$/.test(word)) throw fields.bad('one of its codes is not a word')
  return word
}

function troubleOf(fields: Fields, { code, count, forMs }: backstay.trust.ITrouble): Trouble {
  return {
    code: wordOf(fields, code),
    count: fields.integer('count', count),
    forMs: fields.time('duration', forMs),
  }
}

function watchOf(fields: Fields, watch: backstay.trust.IWatch): Watch {
  const count = (value: number | null | undefined) => fields.integer('count', value)
  return {
    roots: count(watch.roots),
    native: count(watch.native),
    polled: count(watch.polled),
    absent: count(watch.absent),
    folders: count(watch.folders),
    unwatched: count(watch.unwatched),
    missed: count(watch.missed),
  }
}

function queueOf(fields: Fields, { everything, folders, objects, bytes }: backstay.trust.IQueue): Queue {
  return {
    everything: everything ?? false,
    folders: fields.integer('count', folders),
    objects: fields.integer('count', objects),
    bytes: fields.integer('count', bytes),
  }
}

function runningOf(fields: Fields, running: backstay.trust.IRunning): Running {
  return {
    entries: fields.integer('count', running.entries),
    readBytes: fields.integer('count', running.readBytes),
    sentBytes: fields.integer('count', running.sentBytes),
    forMs: fields.time('duration', running.forMs),
  }
}

function vitalsOf(fields: Fields, vitals: backstay.trust.IVitals): Vitals {
  const size = (value: number | null | undefined) => fields.integer('size', value)
  const percent = vitals.batteryPercent
  return {
    system: fields.text('system', vitals.system, lineBytesMax),
    model: fields.text('model', vitals.model, lineBytesMax),
    disks: fields.list('disks', vitals.disks, { max: disksMax }, disk => ({
      bytes: size(disk.bytes),
      freeBytes: size(disk.freeBytes),
    })),
    memoryBytes: size(vitals.memoryBytes),
    memoryFreeBytes: size(vitals.memoryFreeBytes),
    batteryPercent:
      percent === null || percent === undefined ? undefined : fields.integer('battery', percent, 100),
    charging: vitals.charging ?? false,
    uptimeMs: fields.time('duration', vitals.uptimeMs),
    agentMemoryBytes: size(vitals.agentMemoryBytes),
    agentCpuMs: fields.time('duration', vitals.agentCpuMs),
  }
}
