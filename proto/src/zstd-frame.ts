/**
 * Decoders disagree about bytes behind the first zstd frame: some ignore them, some decode a second frame. So we walk
 * the frame ourselves first (RFC 8878 §3.1) and refuse whatever is not exactly one frame without dictionary and
 * checksum, and what only some decoders would take: windows and blocks over the limits. docs/format.md §3.3.
 */
import { type Bytes, viewOf } from './bytes.ts'

/** RFC 8878 §3.1.1.1.2 recommends that decoders support it; no object is longer. */
const windowBytesMax = 8 * 1024 * 1024
/** RFC 8878 §3.1.1.2.4. */
const blockBytesMax = 128 * 1024

export interface ZstdFrame {
  /** Of its content; undefined when the header does not say. */
  readonly length: number | undefined
  /** Where its first block lies, and its last. */
  readonly start: number
  readonly last: number
  readonly blocks: number
}

export function oneZstdFrame(bytes: Bytes): boolean {
  return readZstdFrame(bytes) !== undefined
}

/** Undefined for whatever is not one frame that every decoder takes. */
export function readZstdFrame(bytes: Bytes): ZstdFrame | undefined {
  if (bytes.length < 6 || viewOf(bytes).getUint32(0, true) !== 0xfd2fb528) return undefined
  const descriptor = bytes[4] as number
  const singleSegment = (descriptor & 0x20) !== 0
  const hasDictionary = (descriptor & 0x03) !== 0
  // Checksums, since not every decoder verifies them, and the two bits without a meaning.
  const unwanted = (descriptor & 0x1c) !== 0
  if (hasDictionary || unwanted) return undefined
  const sizeFlag = descriptor >> 6
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag
  const start = 5 + (singleSegment ? 0 : 1) + sizeBytes
  if (start > bytes.length) return undefined
  const length = sizeBytes === 0 ? undefined : contentBytes(bytes.subarray(start - sizeBytes, start))
  const windowBytes = singleSegment ? (length ?? 0) : describedWindow(bytes[5] as number)
  if (windowBytes > windowBytesMax) return undefined
  const blockMax = Math.min(blockBytesMax, windowBytes)
  for (let [at, blocks] = [start, 1]; ; blocks++) {
    if (at + 3 > bytes.length) return undefined
    const block = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)
    const type = (block >> 1) & 3
    if (type === 3 || block >> 3 > blockMax) return undefined
    const end = at + 3 + (type === 1 ? 1 : block >> 3)
    if (block & 1) return end === bytes.length ? { length, start, last: at, blocks } : undefined
    at = end
  }
}

/** RFC 8878 §3.1.1.1.4: 1, 2, 4 or 8 bytes. */
function contentBytes(field: Bytes): number {
  const view = viewOf(field)
  if (field.length === 1) return view.getUint8(0)
  if (field.length === 2) return view.getUint16(0, true) + 256
  return field.length === 4 ? view.getUint32(0, true) : Number(view.getBigUint64(0, true))
}

/** RFC 8878 §3.1.1.1.2. */
function describedWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}
