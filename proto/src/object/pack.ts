/**
 * The layout of a pack: a file of many objects, appended to and then sealed. docs/format.md §5.
 *
 *     pack    = "BKP1" | version u8 | kind u8 | 10 zero bytes | frame … | [ index | trailer ]
 *     frame   = "BKPf" | length u32 | domain 16 | id 32 | crc32 u32 of the 56 bytes before | stored bytes
 *     index   = PackIndex (object.proto)
 *     trailer = index length u32 | SHA-256 of the index, 32 | "BKPe"
 *
 * An open pack has no index yet; its frames are found one after another, and a torn tail is where they stop.
 */

import { type Bytes, equalBytes, utf8, viewOf } from '../bytes.ts'
import { crc32 } from '../crc32.ts'
import { Failure } from '../failure.ts'
import { type ObjectType, objectBytesMax, objectTypes } from './header.ts'
import { type DeviceId, deviceId, deviceIdBytes, idBytes, idToBytes, type ObjectId, objectId } from './id.ts'
import { backstay } from './object.pb.js'

/** Segments lie apart from pages and records, so that a rebuild or a collection reads few bytes. */
export type PackKind = 'segments' | 'pages'
const packKinds = { segments: 1, pages: 2 } as const

export interface Packed {
  readonly domain: DeviceId
  readonly id: ObjectId
  readonly type: ObjectType
  /** Of the stored bytes in the pack, behind the frame header. */
  readonly offset: number
  readonly length: number
}

export const packHeaderBytes = 16
export const frameHeaderBytes = 60
export const trailerBytes = 40
/** A pack is sealed when it would grow beyond this. */
export const packBytesMax = 64 * 1024 * 1024

const packMagic = utf8('BKP1')
const frameMagic = utf8('BKPf')
const endMagic = utf8('BKPe')
const packVersion = 1
const none = new Uint8Array()

export function packKindOf(type: ObjectType): PackKind {
  return type === 'segment' ? 'segments' : 'pages'
}

export function encodePackHeader(kind: PackKind): Bytes {
  const bytes = new Uint8Array(packHeaderBytes)
  bytes.set(packMagic)
  bytes[4] = packVersion
  bytes[5] = packKinds[kind]
  return bytes
}

/** Throws `bad_pack`. */
export function decodePackHeader(bytes: Bytes): PackKind {
  if (bytes.length < packHeaderBytes || !equalBytes(bytes.subarray(0, 4), packMagic)) {
    throw damaged('it does not begin like one')
  }
  if (bytes[4] !== packVersion) throw damaged(`version ${bytes[4]} is not known to this program`)
  if (bytes[5] === packKinds.segments) return 'segments'
  if (bytes[5] === packKinds.pages) return 'pages'
  throw damaged(`kind ${bytes[5]} is not known to this program`)
}

export interface FrameHeader {
  readonly domain: DeviceId
  readonly id: ObjectId
  readonly length: number
}

export function encodeFrameHeader(frame: FrameHeader): Bytes {
  const bytes = new Uint8Array(frameHeaderBytes)
  const view = viewOf(bytes)
  bytes.set(frameMagic)
  view.setUint32(4, frame.length, true)
  bytes.set(idToBytes(frame.domain), 8)
  bytes.set(idToBytes(frame.id), 24)
  view.setUint32(56, crc32(bytes.subarray(0, 56)), true)
  return bytes
}

/** Undefined when the bytes are not a whole, undamaged frame header: a torn tail or the index begins here. */
export function decodeFrameHeader(bytes: Bytes): FrameHeader | undefined {
  if (bytes.length < frameHeaderBytes || !equalBytes(bytes.subarray(0, 4), frameMagic)) return undefined
  const view = viewOf(bytes)
  if (view.getUint32(56, true) !== crc32(bytes.subarray(0, 56))) return undefined
  const length = view.getUint32(4, true)
  if (length > objectBytesMax) return undefined
  return { length, domain: deviceId(bytes.subarray(8, 24)), id: objectId(bytes.subarray(24, 56)) }
}

export function encodeIndex(objects: readonly Packed[]): Bytes {
  const rows = objects.map(object => ({
    domain: idToBytes(object.domain),
    id: idToBytes(object.id),
    offset: object.offset,
    length: object.length,
    type: objectTypes[object.type],
  }))
  return backstay.object.PackIndex.encode({ objects: rows }).finish()
}

/** `sha256` is of the index, which `encodeIndex` returned. */
export function encodeTrailer(index: Bytes, sha256: Bytes): Bytes {
  const bytes = new Uint8Array(trailerBytes)
  viewOf(bytes).setUint32(0, index.length, true)
  bytes.set(sha256, 4)
  bytes.set(endMagic, 36)
  return bytes
}

/** Undefined when the last 40 bytes of a pack are no trailer: the pack was never sealed. */
export function decodeTrailer(
  bytes: Bytes,
): { readonly indexBytes: number; readonly sha256: Bytes } | undefined {
  if (bytes.length !== trailerBytes || !equalBytes(bytes.subarray(36), endMagic)) return undefined
  return { indexBytes: viewOf(bytes).getUint32(0, true), sha256: bytes.subarray(4, 36) }
}

/** Throws `bad_pack`. Call only when SHA-256 of the bytes equals the trailer's. */
export function decodeIndex(bytes: Bytes): Packed[] {
  let index: backstay.object.PackIndex
  try {
    index = backstay.object.PackIndex.decode(bytes)
  } catch (cause) {
    throw new Failure('bad_pack', 'not a pack: its index cannot be read', { remedy: 'repair', cause })
  }
  return index.objects.map(readRow)
}

function readRow(row: backstay.object.PackedObject.$Properties): Packed {
  const { domain = none, id = none, offset = 0, length = 0 } = row
  if (domain?.length !== deviceIdBytes || id?.length !== idBytes) throw damaged('its index has no ids')
  if (!Number.isSafeInteger(offset)) throw damaged('its index points nowhere')
  return {
    domain: deviceId(domain),
    id: objectId(id),
    type: typeNamed(row.type ?? 0),
    offset: offset ?? 0,
    length: length ?? 0,
  }
}

function typeNamed(code: number): ObjectType {
  for (const [name, value] of Object.entries(objectTypes)) if (value === code) return name as ObjectType
  throw damaged(`its index names an object of type ${code}`)
}

function damaged(why: string): Failure {
  return new Failure('bad_pack', `not a pack: ${why}`, { remedy: 'repair' })
}
