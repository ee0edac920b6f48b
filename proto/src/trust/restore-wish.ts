/**
 * What a job of kind restore asks for, sealed to the device. It may ask for the place in which it was, and for no other; and
 * that nothing there is overwritten is not asked: there is no field in which anybody could say otherwise.
 */
import type { Bytes } from '../bytes.ts'
import { idToBytes, type ObjectId, objectId } from '../object/id.ts'
import { isAbsoluteRoot } from '../policy/places.ts'
import { type Fields, fieldsOf, plain } from './fields.ts'
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
  readonly place: WishedPlace
  /** Of another device's snapshot, which `snapshot` names by its number: it opens that one and no other. */
  readonly root?: { readonly id: ObjectId; readonly key: Bytes }
}

/** A folder of the device's choice, or where it was; `existing` says what becomes of an entry whose name is taken there. */
export type WishedPlace =
  | { readonly kind: 'new' }
  | { readonly kind: 'original'; readonly existing: 'keep_both' | 'leave' }

export const newFolderPlace: WishedPlace = { kind: 'new' }

/** As long as a path may be on any system of ours. */
const pathBytesMax = 4096

export function encodeRestoreWish({ path, snapshot, place, root }: RestoreWish): Bytes {
  const message = {
    path,
    ...(snapshot.kind === 'at' && { atMs: snapshot.ms }),
    ...(snapshot.kind === 'number' && { sequence: snapshot.sequence }),
    ...(place.kind === 'original' && { place: 1, existing: place.existing === 'leave' ? 1 : 0 }),
    ...(root && { root: idToBytes(root.id), rootKey: root.key }),
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
  const place = placeOf(fields, message.place ?? 0, message.existing ?? 0)
  if (message.root?.length || message.rootKey?.length) {
    const root = {
      id: objectId(fields.fixed('root', message.root, 32)),
      key: fields.fixed('key of the root', message.rootKey, 32),
    }
    if (sequence === 0) throw fields.bad('its root has no number')
    return { path, place, root, snapshot: { kind: 'number', sequence } }
  }
  if (ms > 0) return { path, place, snapshot: { kind: 'at', ms } }
  return { path, place, snapshot: sequence > 0 ? { kind: 'number', sequence } : { kind: 'newest' } }
}

function placeOf(fields: Fields, place: number, existing: number): WishedPlace {
  if (place === 0 && existing === 0) return newFolderPlace
  if (place === 1 && existing <= 1)
    return { kind: 'original', existing: existing === 1 ? 'leave' : 'keep_both' }
  throw fields.bad('its place is not known to this version')
}
