/**
 * The sealed part of a commit: the key of its root page and what describes the snapshot to people. docs/format.md §10.
 *
 *     sealed = nonce 12 | AES-256-GCM(commit key, nonce, aad, padded) | tag 16
 *     padded = length u32 | CommitBody | zeros to a multiple of 256
 *     aad    = "backstay/commit-body" | fleet 32 | device 16 | sequence u64
 */
import { type Bytes, concat, u32le, utf8, viewOf } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type ObjectType, objectTypes } from '../object/header.ts'
import { type DeviceId, type FleetId, idToBytes } from '../object/id.ts'
import type { Primitives } from '../primitives.ts'
import { fieldsOf, plain, printable } from '../trust/fields.ts'
import { backstay } from './content.pb.js'
import type { EpochKeys } from './keys.ts'

export interface CommitBody {
  /** AES-256 key of the root page, 32 bytes. Never logged. */
  readonly rootKey: Bytes
  readonly rootType: ObjectType
  readonly host: string
  /** Backed-up roots, as path bytes. */
  readonly roots: readonly Bytes[]
  /** Entries that could not be read, by reason. */
  readonly unread: readonly { readonly reason: string; readonly entries: number }[]
  readonly agentVersion: string
  readonly label: string
  /** AES-256 key of the index of names that the commit names, 32 bytes. Never logged. */
  readonly namesKey?: Bytes | undefined
}

/** What a body is sealed for: it opens nowhere else. */
export interface CommitPlace {
  readonly fleet: FleetId
  readonly device: DeviceId
  readonly sequence: number
}

const nonceBytes = 12
const tagBytes = 16
/** Hides how long host name, label and paths are. */
const padding = 256
/** All roots of a policy: 64 backup sets of 256. */
const rootsMax = 16_384
const pathBytesMax = 32 * 1024
const reasonsMax = 64

export async function sealCommitBody(
  p: Primitives,
  keys: EpochKeys,
  place: CommitPlace,
  body: CommitBody,
): Promise<Bytes> {
  const nonce = p.random(nonceBytes)
  return concat(
    nonce,
    await p.aeadSeal(keys.commitKey, nonce, associated(place), padded(encodeCommitBody(body))),
  )
}

/** Throws `bad_commit_body` for another device's, another sequence's or a damaged body. */
export async function openCommitBody(
  p: Primitives,
  keys: EpochKeys,
  place: CommitPlace,
  sealed: Bytes,
): Promise<CommitBody> {
  if (sealed.length < nonceBytes + tagBytes) throw damaged(place, 'it is cut short')
  const nonce = sealed.subarray(0, nonceBytes)
  const body = await p.aeadOpen(keys.commitKey, nonce, associated(place), sealed.subarray(nonceBytes))
  if (body === undefined) throw damaged(place, 'it does not open with the keys of its epoch')
  return decodeCommitBody(unpadded(place, body))
}

export function encodeCommitBody(body: CommitBody): Bytes {
  const message = {
    ...body,
    namesKey: body.namesKey ?? null,
    rootType: objectTypes[body.rootType],
    roots: [...body.roots],
    unread: body.unread.map(one => ({ ...one })),
  }
  return plain(backstay.content.CommitBody.encode(message).finish())
}

/** Throws `bad_commit_body`. */
export function decodeCommitBody(bytes: Bytes): CommitBody {
  const fields = fieldsOf('commit_body', 'the sealed part of a commit')
  const message = fields.decode(backstay.content.CommitBody, bytes, 'lenient')
  const rootType = (Object.keys(objectTypes) as ObjectType[]).find(
    type => objectTypes[type] === message.rootType,
  )
  if (rootType === undefined) throw fields.bad(`its root is of type ${message.rootType}`)
  return {
    rootKey: fields.fixed('root key', message.rootKey, 32),
    rootType,
    host: printable(message.host ?? ''),
    roots: fields.list('roots', message.roots, { max: rootsMax }, root =>
      fields.bytes('root', root, { min: 1, max: pathBytesMax }),
    ),
    unread: fields.list('reasons', message.unread, { max: reasonsMax }, one => ({
      reason: printable(one.reason ?? ''),
      entries: fields.integer('count of entries', one.entries),
    })),
    agentVersion: printable(message.agentVersion ?? ''),
    label: printable(message.label ?? ''),
    ...(message.namesKey?.length && { namesKey: fields.fixed('key of the names', message.namesKey, 32) }),
  }
}

function associated(place: CommitPlace): Bytes {
  const sequence = new Uint8Array(8)
  viewOf(sequence).setBigUint64(0, BigInt(place.sequence), true)
  return concat(utf8('backstay/commit-body'), idToBytes(place.fleet), idToBytes(place.device), sequence)
}

function padded(body: Bytes): Bytes {
  const whole = new Uint8Array(Math.ceil((4 + body.length) / padding) * padding)
  whole.set(u32le(body.length))
  whole.set(body, 4)
  return whole
}

function unpadded(place: CommitPlace, whole: Bytes): Bytes {
  const length = whole.length < 4 ? 0 : viewOf(whole).getUint32(0, true)
  if (whole.length < 4 || length > whole.length - 4) throw damaged(place, 'it is not as long as it says')
  return whole.subarray(4, 4 + length)
}

function damaged(place: CommitPlace, why: string): Failure {
  return new Failure('bad_commit_body', `snapshot ${place.sequence} of device "${place.device}": ${why}`, {
    remedy: 'repair',
  })
}
