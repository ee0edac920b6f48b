/**
 * What a job of kind restore asks for, sealed to the device. Where it is put, and that nothing there is overwritten, is
 * not asked: there is no field in which anybody could say otherwise.
 */
import type { Bytes } from '../bytes.ts'
import { isAbsoluteRoot } from '../policy/places.ts'
import { fieldsOf, plain } from './fields.ts'
import { backstay } from './trust.pb.js'

/** Which snapshot: the newest complete one, the newest at a time, or one by its number. */
export type SnapshotChoice =
  | { readonly kind: 'newest' }
  | { readonly kind: 'at'; readonly ms: number }
  | { readonly kind: 'number'; readonly sequence: number }

export interface RestoreWish {
  /** Absolute, as it was backed up. */
  readonly path: Bytes
  readonly snapshot: SnapshotChoice
}

/** As long as a path may be on any system of ours. */
const pathBytesMax = 4096

export function encodeRestoreWish({ path, snapshot }: RestoreWish): Bytes {
  const message = {
    path,
    ...(snapshot.kind === 'at' && { atMs: snapshot.ms }),
    ...(snapshot.kind === 'number' && { sequence: snapshot.sequence }),
  }
  return plain(backstay.trust.RestoreWish.encode(message).finish())
}

/** Throws `bad_wish`. Unknown fields are refused: one might say something that this version would not keep. */
export function decodeRestoreWish(payload: Bytes): RestoreWish {
  const fields = fieldsOf('wish', 'a wish to restore')
  const message = fields.decode(backstay.trust.RestoreWish, payload, 'strict')
  const path = fields.bytes('path', message.path, { max: pathBytesMax })
  if (!isAbsoluteRoot(path)) throw fields.bad('its path is not absolute, or climbs')
  const ms = fields.time('time', message.atMs)
  const sequence = fields.integer('number of a snapshot', message.sequence)
  if (ms > 0 && sequence > 0) throw fields.bad('it names two snapshots')
  if (ms > 0) return { path, snapshot: { kind: 'at', ms } }
  return { path, snapshot: sequence > 0 ? { kind: 'number', sequence } : { kind: 'newest' } }
}
