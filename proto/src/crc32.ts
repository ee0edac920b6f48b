/**
 * CRC-32 as in IEEE 802.3 and zip; finds torn and misplaced bytes, never malice. Eight bytes at a time: sums are a good part of the work
 * of a thread that makes a zip.
 */
import type { Bytes } from './bytes.ts'

const polynomial = 0xedb88320
const lanes = 8
/** For the byte that is `lane` bytes before the end of a step: at `lane * 256`. */
const table = new Int32Array(lanes * 256)

for (let byte = 0; byte < 256; byte++) {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1
  table[byte] = sum
}
for (let at = 256; at < table.length; at++) {
  const before = table[at - 256] as number
  table[at] = (before >>> 8) ^ (table[before & 255] as number)
}

/** Of `bytes`, behind what has the sum `before`. */
export function crc32(bytes: Bytes, before = 0): number {
  const t = table
  const at = (index: number) => bytes[index] as number
  let sum = ~before
  let index = 0
  for (const last = bytes.length - lanes; index <= last; index += lanes) {
    sum ^= at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24)
    sum =
      (t[1792 + (sum & 255)] as number) ^
      (t[1536 + ((sum >>> 8) & 255)] as number) ^
      (t[1280 + ((sum >>> 16) & 255)] as number) ^
      (t[1024 + (sum >>> 24)] as number) ^
      (t[768 + at(index + 4)] as number) ^
      (t[512 + at(index + 5)] as number) ^
      (t[256 + at(index + 6)] as number) ^
      (t[at(index + 7)] as number)
  }
  for (; index < bytes.length; index++) sum = (sum >>> 8) ^ (t[(sum ^ at(index)) & 255] as number)
  return ~sum >>> 0
}
