/**
 * The part of an object that everyone can read: its type and the ids of its children. docs/format.md §2.
 *
 *     "BKO1" | type u8 | alg u8 | domain u8 | epoch u16 | bodyLen u32 | n u32 | n × 32 child ids | body
 *
 * Integers are little-endian. A sealed body (alg 1) is followed by a 16-byte tag; a record (alg 0) is not sealed.
 */
import { type Bytes, compareBytes, concat, equalBytes, utf8, viewOf } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { idBytes, type ObjectId, objectId } from './id.ts'

export const objectTypes = { segment: 1, extents: 2, page: 3, record: 4, names: 5 } as const
export type ObjectType = keyof typeof objectTypes

export interface Header {
  readonly type: ObjectType
  /** 1: a device's own keys; 0 in records, which are not sealed. */
  readonly alg: 0 | 1
  /** 0: keys of one device. 1 is reserved for groups. */
  readonly domain: number
  readonly epoch: number
  /** Bytes of the body, without the tag. */
  readonly bodyBytes: number
  /** Sorted and unique. */
  readonly children: readonly Bytes[]
}

const magic = utf8('BKO1')
export const fixedHeaderBytes = 17
export const tagBytes = 16
/** A page of the map has at most a few thousand children; the number only bounds memory. */
export const childrenMax = 65_536
/** The largest chunk is 4 MiB before compression; twice that, and room for the body's own header. */
export const bodyBytesMax = 8 * 1024 * 1024 + 4096
export const objectBytesMax = fixedHeaderBytes + childrenMax * idBytes + bodyBytesMax + tagBytes

export function encodeHeader(header: Header): Bytes {
  const bytes = new Uint8Array(fixedHeaderBytes + header.children.length * idBytes)
  const view = viewOf(bytes)
  bytes.set(magic)
  view.setUint8(4, objectTypes[header.type])
  view.setUint8(5, header.alg)
  view.setUint8(6, header.domain)
  view.setUint16(7, header.epoch, true)
  view.setUint32(9, header.bodyBytes, true)
  view.setUint32(13, header.children.length, true)
  for (const [index, child] of header.children.entries()) bytes.set(child, fixedHeaderBytes + index * idBytes)
  return bytes
}

/** Bytes of the whole header, read from its first 17; throws `bad_object`. */
export function headerBytes(fixed: Bytes): number {
  if (fixed.length < fixedHeaderBytes || !equalBytes(fixed.subarray(0, 4), magic)) {
    throw damaged('it does not begin like one')
  }
  const children = viewOf(fixed).getUint32(13, true)
  if (children > childrenMax) throw damaged(`it names ${children} children`)
  return fixedHeaderBytes + children * idBytes
}

/** Reads the header at the start of `bytes`, which may end before the body does; throws `bad_object`. */
export function decodeHeader(bytes: Bytes): Header {
  const length = headerBytes(bytes)
  if (bytes.length < length) throw damaged('its header is cut short')
  const view = viewOf(bytes)
  const type = typeNamed(view.getUint8(4))
  const alg = view.getUint8(5)
  const bodyBytes = view.getUint32(9, true)
  if (alg !== (type === 'record' ? 0 : 1)) throw damaged(`algorithm ${alg} does not fit its type`)
  // Otherwise one envelope could be stored under 65,536 ids.
  if (alg === 0 && view.getUint16(7, true) !== 0) throw damaged('a record belongs to no epoch')
  if (view.getUint8(6) !== 0) throw damaged(`key domain ${view.getUint8(6)} is not known to this version`)
  if (bodyBytes > bodyBytesMax) throw damaged(`its body of ${bodyBytes} bytes is too long`)
  return {
    type,
    alg,
    domain: 0,
    epoch: view.getUint16(7, true),
    bodyBytes,
    children: readChildren(bytes, length),
  }
}

/** Reads the header of a whole object and checks that the object ends where it must; throws `bad_object`. */
export function decodeWhole(stored: Bytes): { readonly header: Header; readonly body: Bytes } {
  const header = decodeHeader(stored)
  const start = fixedHeaderBytes + header.children.length * idBytes
  const tag = header.alg === 1 ? tagBytes : 0
  if (stored.length !== start + header.bodyBytes + tag) throw damaged('it is not as long as its header says')
  return { header, body: stored.subarray(start) }
}

/** A record: one signed envelope with, for a commit, the root of its map as child. */
export function encodeRecord(envelope: Bytes, children: readonly Bytes[] = []): Bytes {
  const header = {
    type: 'record',
    alg: 0,
    domain: 0,
    epoch: 0,
    bodyBytes: envelope.length,
    children,
  } as const
  return concat(encodeHeader(header), envelope)
}

export function childIds(header: Header): ObjectId[] {
  return header.children.map(objectId)
}

function readChildren(bytes: Bytes, end: number): Bytes[] {
  const children: Bytes[] = []
  for (let at = fixedHeaderBytes; at < end; at += idBytes) {
    const child = bytes.subarray(at, at + idBytes)
    const last = children.at(-1)
    if (last !== undefined && compareBytes(last, child) >= 0) throw damaged('its children are not sorted')
    children.push(child)
  }
  return children
}

function typeNamed(code: number): ObjectType {
  for (const [name, value] of Object.entries(objectTypes)) if (value === code) return name as ObjectType
  throw damaged(`type ${code} is not known to this version`)
}

function damaged(why: string): Failure {
  return new Failure('bad_object', `not an object: ${why}`, { remedy: 'repair' })
}
