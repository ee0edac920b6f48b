/**
 * The outside of a frame, read and written by hand: the request number and one body, nothing else, nothing twice.
 * Protobuf itself would take the last of two bodies and allocate for a million empty elements before anyone could count
 * them; here a frame is counted before it is decoded.
 *
 * A large object stands last in its body and in a part of its own, so that neither side copies it:
 *
 *     [ request, kind, length of the body, small fields, tag 1, length of the object ] [ object ]
 */
import { type Bytes, concat } from '../bytes.ts'
import { Failure } from '../failure.ts'

/** One frame in one or two parts that follow one another; the second part is an object. */
export type FrameBytes = readonly Bytes[]

export interface Outline {
  readonly request: number
  /** Field number of the body in wire.proto. */
  readonly field: number
  /** The body, or what stands before the object. */
  readonly body: Bytes
  /** Field 1 of the body, when it came in a part of its own. */
  readonly object: Bytes | undefined
}

const varintType = 0
const fixed64Type = 1
const bytesType = 2
const fixed32Type = 5
const requestTag = (1 << 3) | varintType
const objectTag = (1 << 3) | bytesType
/** Smaller objects are cheaper to copy than to send by themselves. */
const ownPartBytes = 16 * 1024

/** The parts of a body follow one another; only its last may be an object. */
export function writeOutline(request: number, field: number, body: readonly Bytes[]): FrameBytes {
  const bodyBytes = frameLength(body)
  const last = body.at(-1)
  const object = last !== undefined && last.length >= ownPartBytes ? last : undefined
  const tag = field * 8 + bytesType
  const requestBytes = request === 0 ? 0 : 1 + varintBytes(request)
  const headBytes = requestBytes + varintBytes(tag) + varintBytes(bodyBytes)
  const frame = new Uint8Array(headBytes + bodyBytes - (object?.length ?? 0))
  let at = 0
  if (request !== 0) {
    frame[at++] = requestTag
    at = writeVarint(frame, at, request)
  }
  at = writeVarint(frame, at, tag)
  at = writeVarint(frame, at, bodyBytes)
  for (const part of body) {
    if (part === object) return [frame, object]
    frame.set(part, at)
    at += part.length
  }
  return [frame]
}

export function frameLength(frame: FrameBytes): number {
  return frame.reduce((sum, part) => sum + part.length, 0)
}

/** For what is hashed or kept as a whole. */
export function joined(frame: FrameBytes): Bytes {
  const [only] = frame
  return frame.length === 1 && only !== undefined ? only : concat(...frame)
}

/** The tag and length before a bytes field, to be followed by the bytes themselves. */
export function bytesField(field: number, bytes: Bytes): readonly Bytes[] {
  const tag = field * 8 + bytesType
  const head = new Uint8Array(varintBytes(tag) + varintBytes(bytes.length))
  writeVarint(head, writeVarint(head, 0, tag), bytes.length)
  return [head, bytes]
}

/** Throws `bad_frame`. Body and object are views of the frame. */
export function readOutline(frame: FrameBytes): Outline {
  return readParts(frame) ?? readWhole(joined(frame))
}

function readWhole(frame: Bytes): Outline {
  const head = readHead(frame)
  if (head.rest.length !== head.bodyBytes) throw badFrame('its body is not as long as it says')
  return { request: head.request, field: head.field, body: head.rest, object: undefined }
}

/** Undefined for a frame that is cut where no object begins: nothing of ours does that, but it is the same frame. */
function readParts([first, object, ...more]: FrameBytes): Outline | undefined {
  if (first === undefined || object === undefined || more.length > 0) return undefined
  try {
    const { request, field, bodyBytes, rest } = readHead(first)
    const body = beforeObject(rest, object.length)
    if (body === undefined || rest.length + object.length !== bodyBytes) return undefined
    return { request, field, body, object }
  } catch {
    return undefined
  }
}

function readHead(bytes: Bytes) {
  const reader = { bytes, at: 0 }
  let request = 0
  let tag = readVarint(reader)
  if (tag === requestTag) {
    request = readVarint(reader)
    tag = readVarint(reader)
  }
  if (tag % 8 !== bytesType) throw badFrame('it has no body')
  const bodyBytes = readVarint(reader)
  return { request, field: Math.floor(tag / 8), bodyBytes, rest: bytes.subarray(reader.at) }
}

/** What stands before `tag 1, length` at the end of the bytes; undefined when they do not end so. */
function beforeObject(bytes: Bytes, length: number): Bytes | undefined {
  const end = new Uint8Array(1 + varintBytes(length))
  end[0] = objectTag
  writeVarint(end, 1, length)
  const at = bytes.length - end.length
  // Only varint fields may stand before it, so that the tag cannot be the middle of something else.
  if (at < 0 || end.some((byte, index) => bytes[at + index] !== byte)) return undefined
  return isVarints(bytes.subarray(0, at)) ? bytes.subarray(0, at) : undefined
}

function isVarints(bytes: Bytes): boolean {
  const reader = { bytes, at: 0 }
  try {
    while (reader.at < bytes.length) {
      if (readVarint(reader) % 8 !== varintType) return false
      readVarint64(reader)
    }
    return true
  } catch {
    return false
  }
}

/** Walks the fields of a body without decoding it; throws `bad_frame` when there are more than `max`. */
export function requireFields(body: Bytes, max: number): void {
  const reader = { bytes: body, at: 0 }
  for (let count = 0; reader.at < body.length; count++) {
    if (count >= max) throw badFrame(`its body has more than ${max} fields`)
    const type = readVarint(reader) % 8
    if (type === varintType) readVarint64(reader)
    else if (type === bytesType) readBytes(reader)
    else if (type === fixed32Type) skip(reader, 4)
    else if (type === fixed64Type) skip(reader, 8)
    // Groups nest without a length in front; no message of ours has one.
    else throw badFrame(`its body has a field of wire type ${type}`)
  }
}

export function badFrame(why: string, cause?: unknown): Failure {
  return new Failure('bad_frame', `not a frame: ${why}`, { cause })
}

interface Reader {
  readonly bytes: Bytes
  at: number
}

function skip(reader: Reader, length: number): void {
  if (length > reader.bytes.length - reader.at) throw badFrame('it is cut short')
  reader.at += length
}

function readBytes(reader: Reader): Bytes {
  const length = readVarint(reader)
  const start = reader.at
  skip(reader, length)
  return reader.bytes.subarray(start, reader.at)
}

/** An unsigned number below 2^32 in at most five bytes. */
function readVarint(reader: Reader): number {
  let value = 0
  for (let place = 1; place <= 2 ** 28; place *= 128) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw badFrame('it is cut short')
    value += (byte & 0x7f) * place
    if (byte < 0x80) {
      if (value >= 2 ** 32) break
      return value
    }
  }
  throw badFrame('it has a number that is too large')
}

function readVarint64(reader: Reader): void {
  for (let bytes = 0; bytes < 10; bytes++) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw badFrame('it is cut short')
    if (byte < 0x80) return
  }
  throw badFrame('it has a number that is too large')
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

function writeVarint(bytes: Bytes, at: number, value: number): number {
  let rest = value
  let next = at
  while (rest >= 128) {
    bytes[next++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  bytes[next++] = rest
  return next
}
