/**
 * Walks the frames of a pack without its index and checks every byte: the header's CRC says where an object lies, the
 * object's id is the SHA-256 of its bytes. Where a frame is broken the walk goes on at the next one, so that one bad
 * sector never hides what lies behind it. docs/format.md §5.
 */
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { decodeWhole, type Header } from '@backstay/proto/object/header'
import { type DeviceId, type ObjectId, objectId } from '@backstay/proto/object/id'
import { decodeFrameHeader, frameHeaderBytes } from '@backstay/proto/object/pack'
import type { Primitives } from '@backstay/proto/primitives'
import type { PackStore } from './pack-store.ts'
import { windowOn } from './window.ts'

/** `offset` and `length` are of the stored bytes; a gap has no readable frame header. */
export type Scanned =
  | {
      readonly state: 'whole'
      readonly domain: DeviceId
      readonly id: ObjectId
      readonly offset: number
      readonly length: number
      readonly header: Header
      readonly stored: Bytes
    }
  | {
      readonly state: 'damaged'
      readonly domain: DeviceId
      readonly id: ObjectId
      readonly offset: number
      readonly length: number
    }
  | { readonly state: 'gap'; readonly offset: number; readonly length: number }

const frameMagic = Buffer.from(utf8('BKPf'))
const searchBytes = 1024 * 1024

/** `stored` is a view of a larger buffer: copy what is kept. Throws what the store throws when the medium fails. */
export async function* scanFrames(
  p: Pick<Primitives, 'sha256'>,
  store: Pick<PackStore, 'read'>,
  name: string,
  range: { readonly from: number; readonly to: number },
): AsyncIterable<Scanned> {
  const window = windowOn(store, name)
  for (let at = range.from; at < range.to; ) {
    const frame = decodeFrameHeader(await window.at(at, Math.min(frameHeaderBytes, range.to - at)))
    if (frame === undefined) {
      const next = await nextFrame(window, at + 1, range.to)
      yield { state: 'gap', offset: at, length: next - at }
      at = next
      continue
    }
    const { domain, id, length } = frame
    const offset = at + frameHeaderBytes
    const stored = await window.at(offset, Math.min(length, range.to - offset))
    const whole = stored.length === length && objectId(await p.sha256(stored)) === id
    const header = whole ? headerOf(stored) : undefined
    if (header === undefined) yield { state: 'damaged', domain, id, offset, length }
    else yield { state: 'whole', domain, id, offset, length, header, stored }
    at = offset + length
  }
}

/** Undefined for what was never admitted: behind a broken frame, the inside of an object can look like a frame. */
function headerOf(stored: Bytes): Header | undefined {
  try {
    return decodeWhole(stored).header
  } catch (error) {
    if (isFailure(error, 'bad_object')) return undefined
    throw error
  }
}

/** Where the next readable frame header begins, or `to`. */
async function nextFrame(window: ReturnType<typeof windowOn>, from: number, to: number): Promise<number> {
  for (let at = from; at < to; ) {
    const bytes = Buffer.from(await window.at(at, Math.min(searchBytes, to - at)))
    if (bytes.length === 0) return to
    for (let found = bytes.indexOf(frameMagic); found !== -1; found = bytes.indexOf(frameMagic, found + 1)) {
      const header = await window.at(at + found, Math.min(frameHeaderBytes, to - at - found))
      if (decodeFrameHeader(header) !== undefined) return at + found
    }
    // A magic number may lie across the border of two pieces.
    at += bytes.length < searchBytes ? bytes.length : bytes.length - frameMagic.length + 1
  }
  return to
}
