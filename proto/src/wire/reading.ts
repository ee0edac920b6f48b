/** Checks what generated code decoded, field by field; each throws `bad_frame`. */
import type { Bytes } from '../bytes.ts'
import {
  type DeviceId,
  deviceId,
  deviceIdBytes,
  type FleetId,
  fleetId,
  idBytes,
  type ObjectId,
  objectId,
  type Sealed,
  splitIds,
} from '../object/id.ts'
import { badFrame } from './outline.ts'

type Maybe<T> = T | null | undefined

export function bytesOf(name: string, value: Maybe<Bytes>, length: number): Bytes {
  if (value?.length !== length) throw badFrame(`its ${name} has ${value?.length ?? 0} bytes`)
  return value
}

/** Undefined when the field is absent or empty, which protobuf does not tell apart. */
export function someBytes(value: Maybe<Bytes>): Bytes | undefined {
  return value && value.length > 0 ? value : undefined
}

/** Not empty. */
export function content(name: string, value: Maybe<Bytes>): Bytes {
  const bytes = someBytes(value)
  if (bytes === undefined) throw badFrame(`its ${name} is empty`)
  return bytes
}

export const sealed = (value: Maybe<Bytes>): Sealed => content('object', value) as Sealed

/** A whole number from 0 to `max`. Generated code gives 64-bit numbers as objects whatever its types say. */
export function integer(name: string, value: Maybe<number>, max = Number.MAX_SAFE_INTEGER): number {
  const number = Number(value ?? 0)
  if (!Number.isSafeInteger(number) || number < 0 || number > max)
    throw badFrame(`its ${name} is out of range`)
  return number
}

/** One line of printable ASCII: it may end in a log or on a terminal. */
export function text(name: string, value: Maybe<string>, bytesMax: number): string {
  const line = value ?? ''
  if (line.length > bytesMax || !/^[\x20-\x7e]*$/.test(line))
    throw badFrame(`its ${name} is not one short line`)
  return line
}

export const objectIdOf = (name: string, value: Maybe<Bytes>): ObjectId =>
  objectId(bytesOf(name, value, idBytes))
export const fleetIdOf = (name: string, value: Maybe<Bytes>): FleetId =>
  fleetId(bytesOf(name, value, idBytes))

export function someObjectId(name: string, value: Maybe<Bytes>): ObjectId | undefined {
  return someBytes(value) && objectIdOf(name, value)
}

export function someDeviceId(name: string, value: Maybe<Bytes>): DeviceId | undefined {
  return someBytes(value) && deviceId(bytesOf(name, value, deviceIdBytes))
}

export function idList(value: Maybe<Bytes>, max: number): ObjectId[] {
  const length = value?.length ?? 0
  if (length % idBytes !== 0 || length > max * idBytes) throw badFrame(`its list of ids has ${length} bytes`)
  return splitIds(value ?? new Uint8Array())
}

export function list<T>(name: string, values: Maybe<readonly T[]>, max: number): readonly T[] {
  if ((values?.length ?? 0) > max) throw badFrame(`it has ${values?.length} ${name}`)
  return values ?? []
}
