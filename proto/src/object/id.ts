import { type Bytes, fromHex, hex } from '../bytes.ts'
import { Failure } from '../failure.ts'

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** SHA-256 of all stored bytes of an object, as 64 lower-case hexadecimal digits. */
export type ObjectId = Branded<string, 'ObjectId'>
/** First 16 bytes of SHA-256 of the device's Ed25519 key, as 32 hexadecimal digits. */
export type DeviceId = Branded<string, 'DeviceId'>
/** SHA-256 of the payload of Trust version 1, as 64 hexadecimal digits. */
export type FleetId = Branded<string, 'FleetId'>
/** The stored bytes of an object: what may be sent and kept by anyone. */
export type Sealed = Branded<Bytes, 'Sealed'>

export const idBytes = 32
export const deviceIdBytes = 16

/** Throws `bad_id` unless given exactly 32 bytes. */
export function objectId(bytes: Bytes): ObjectId {
  if (bytes.length !== idBytes) throw new Failure('bad_id', `an object id has 32 bytes, not ${bytes.length}`)
  return hex(bytes) as ObjectId
}

/** Throws `bad_id` unless given exactly 16 bytes. */
export function deviceId(bytes: Bytes): DeviceId {
  if (bytes.length !== deviceIdBytes) {
    throw new Failure('bad_id', `a device id has 16 bytes, not ${bytes.length}`)
  }
  return hex(bytes) as DeviceId
}

/** Throws `bad_id` unless given exactly 32 bytes. */
export function fleetId(bytes: Bytes): FleetId {
  if (bytes.length !== idBytes) throw new Failure('bad_id', `a fleet id has 32 bytes, not ${bytes.length}`)
  return hex(bytes) as FleetId
}

export function idToBytes(id: ObjectId | DeviceId | FleetId): Bytes {
  const bytes = fromHex(id)
  if (bytes === undefined) throw new Failure('bad_id', `"${id}" is not an id`)
  return bytes
}

/** Reads ids that stand one after another; throws `bad_id` when the length is not a multiple of 32. */
export function splitIds(bytes: Bytes): ObjectId[] {
  if (bytes.length % idBytes !== 0) throw new Failure('bad_id', 'a list of ids is cut short')
  const ids: ObjectId[] = []
  for (let at = 0; at < bytes.length; at += idBytes) ids.push(objectId(bytes.subarray(at, at + idBytes)))
  return ids
}

export function joinIds(ids: readonly ObjectId[]): Bytes {
  const bytes = new Uint8Array(ids.length * idBytes)
  for (const [index, id] of ids.entries()) bytes.set(idToBytes(id), index * idBytes)
  return bytes
}
