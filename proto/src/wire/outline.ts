/**
 * The outside of a frame, read and written by hand: the request number and one body, nothing else, nothing twice.
 * Protobuf itself would take the last of two bodies and allocate for a million empty elements before anyone could count
 * them; here a frame is counted before it is decoded. An object is copied once when written and not at all when read.
 */
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'

export interface Outline {
  readonly request: number
  /** Field number of the body in wire.proto. */
  readonly field: number
  readonly body: Bytes
}

const varintType = 0
const fixed64Type = 1
const bytesType = 2
const fixed32Type = 5
const requestTag = (1 << 3) | varintType

export function writeOutline(request: number, field: number, body: readonly Bytes[]): Bytes {
  const bodyBytes = body.reduce((sum, part) => sum + part.length, 0)
  const tag = field * 8 + bytesType
  const requestBytes = request === 0 ? 0 : 1 + varintBytes(request)
  const frame = new Uint8Array(requestBytes + varintBytes(tag) + varintBytes(bodyBytes) + bodyBytes)
  let at = 0
  if (request !== 0) {
    frame[at++] = requestTag
    at = writeVarint(frame, at, request)
  }
  at = writeVarint(frame, at, tag)
  at = writeVarint(frame, at, bodyBytes)
  for (const part of body) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}

/** The tag and length before a bytes field, to be followed by the bytes themselves. */
export function bytesField(field: number, bytes: Bytes): readonly Bytes[] {
  const tag = field * 8 + bytesType
  const head = new Uint8Array(varintBytes(tag) + varintBytes(bytes.length))
  writeVarint(head, writeVarint(head, 0, tag), bytes.length)
  return [head, bytes]
}

/** Throws `bad_frame`. The body is a view of the frame. */
export function readOutline(frame: Bytes): Outline {
  const reader = { bytes: frame, at: 0 }
  let request = 0
  let tag = readVarint(reader)
  if (tag === requestTag) {
    request = readVarint(reader)
    tag = readVarint(reader)
  }
  if (tag % 8 !== bytesType) throw badFrame('it has no body')
  const body = readBytes(reader)
  if (reader.at !== frame.length) throw badFrame('something follows its body')
  return { request, field: Math.floor(tag / 8), body }
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
