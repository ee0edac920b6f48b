/**
 * Decoders disagree about bytes behind the first zstd frame: some ignore them, some decode a second frame. So we walk
 * the frame ourselves first (RFC 8878 §3.1) and refuse whatever is not exactly one frame without dictionary and checksum.
 */
import { type Bytes, viewOf } from './bytes.ts'

export function oneZstdFrame(bytes: Bytes): boolean {
  if (bytes.length < 6 || viewOf(bytes).getUint32(0, true) !== 0xfd2fb528) return false
  const descriptor = bytes[4] as number
  const singleSegment = (descriptor & 0x20) !== 0
  const hasDictionary = (descriptor & 0x03) !== 0
  // Checksums, since not every decoder verifies them, and the two bits without a meaning.
  const unwanted = (descriptor & 0x1c) !== 0
  if (hasDictionary || unwanted) return false
  const sizeFlag = descriptor >> 6
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag
  let at = 5 + (singleSegment ? 0 : 1) + sizeBytes
  for (;;) {
    if (at + 3 > bytes.length) return false
    const block = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)
    const type = (block >> 1) & 3
    if (type === 3) return false
    at += 3 + (type === 1 ? 1 : block >> 3)
    if (block & 1) break
  }
  return at === bytes.length
}
