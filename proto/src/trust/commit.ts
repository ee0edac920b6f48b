/**
 * A commit: the device's signed word that a map page is its state at a time. The children of its record are that page and, where
 * the device keeps one, the index of its names.
 */
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import {
  type DeviceId,
  deviceId,
  type FleetId,
  fleetId,
  idToBytes,
  type ObjectId,
  objectId,
} from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { deviceIdOf } from './certificate.ts'
import { decodeEnvelope, signEnvelope, signersOf } from './envelope.ts'
import { type Fields, fieldsOf, plain } from './fields.ts'
import { backstay } from './trust.pb.js'

export interface Commit {
  readonly fleet: FleetId
  readonly device: DeviceId
  readonly epoch: number
  /** 1, 2, 3 … */
  readonly sequence: number
  /** Record id of the commit before; undefined in the first. */
  readonly previous: ObjectId | undefined
  /** The root page of the snapshot map. */
  readonly root: ObjectId
  /** The index of names (content/names.ts). */
  readonly names?: ObjectId | undefined
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** False: a snapshot on the way of a long backup. */
  readonly complete: boolean
  readonly entries: number
  readonly bytes: number
  readonly unread: number
  /** The commit body under the epoch's commit key (content/commit-body.ts). */
  readonly sealed: Bytes
  readonly seenTrust: number
  readonly seenPolicy: number
  /** 16 random bytes when this line of snapshots left an older head. */
  readonly branch: Bytes | undefined
}

/** Stands in the object header as u16. */
export const epochMax = 65_535
/** Key, host, labels and the paths of all roots; 256 roots of 32 KiB would not fit, 4,096 usual ones do. */
export const sealedBytesMax = 512 * 1024

/** What the header of a commit's record names: sorted and unique, as in every header. */
export function childrenOfCommit({ root, names }: Pick<Commit, 'root' | 'names'>): Bytes[] {
  return [root, ...(names === undefined || names === root ? [] : [names])].sort().map(idToBytes)
}

export function encodeCommit(commit: Commit): Bytes {
  const message = {
    ...commit,
    fleet: idToBytes(commit.fleet),
    device: idToBytes(commit.device),
    previous: commit.previous === undefined ? null : idToBytes(commit.previous),
    root: idToBytes(commit.root),
    names: commit.names === undefined ? null : idToBytes(commit.names),
    branch: commit.branch ?? null,
  }
  return plain(backstay.trust.Commit.encode(message).finish())
}

/** Throws `bad_commit`. Believes nothing: use `verifyCommit`. */
export function decodeCommit(payload: Bytes): Commit {
  const fields = fieldsOf('commit', 'a commit')
  const message = fields.decode(backstay.trust.Commit, payload, 'lenient')
  const names = optional(fields, 'index of names', message.names, 32, objectId)
  const commit = {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    device: deviceId(fields.fixed('device id', message.device, 16)),
    epoch: fields.integer('epoch', message.epoch, epochMax),
    sequence: fields.integer('sequence', message.sequence),
    previous: optional(fields, 'link to the commit before', message.previous, 32, objectId),
    root: objectId(fields.fixed('root', message.root, 32)),
    ...(names && { names }),
    startedAtMs: fields.time('start', message.startedAtMs),
    endedAtMs: fields.time('end', message.endedAtMs),
    complete: message.complete ?? false,
    entries: fields.integer('count of entries', message.entries),
    bytes: fields.integer('count of bytes', message.bytes),
    unread: fields.integer('count of unread entries', message.unread),
    sealed: fields.bytes('sealed part', message.sealed, { min: 1, max: sealedBytesMax }),
    seenTrust: fields.integer('Trust version', message.seenTrust),
    seenPolicy: fields.integer('policy sequence', message.seenPolicy),
    branch: optional(fields, 'branch', message.branch, 16, bytes => bytes),
  }
  if (commit.sequence < 1) throw fields.bad('its sequence does not begin at 1')
  if ((commit.sequence === 1) !== (commit.previous === undefined)) {
    throw fields.bad('only the first commit has none before it')
  }
  return commit
}

export function signCommit(p: Primitives, commit: Commit, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'commit', encodeCommit(commit), [key])
}

/** `deviceKey` is from the device's certificate. Throws `bad_signature`, `bad_commit`, `bad_envelope`, `wrong_kind`. */
export async function verifyCommit(p: Primitives, bytes: Bytes, deviceKey: Bytes): Promise<Commit> {
  const envelope = decodeEnvelope(bytes)
  if ((await signersOf(p, 'commit', envelope, [deviceKey])).length === 0) {
    throw new Failure('bad_signature', 'the commit is not signed by its device')
  }
  const commit = decodeCommit(envelope.payload)
  if (commit.device !== (await deviceIdOf(p, deviceKey))) {
    throw new Failure('bad_commit', `the commit is for device "${commit.device}", which did not sign it`)
  }
  return commit
}

function optional<T>(
  fields: Fields,
  name: string,
  value: Uint8Array | null | undefined,
  length: number,
  read: (bytes: Bytes) => T,
): T | undefined {
  return value && value.length > 0 ? read(fields.fixed(name, value, length)) : undefined
}
