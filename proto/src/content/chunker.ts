/**
 * Cuts large files by content, so that an insertion moves one cut and not all. docs/format.md §7.
 *
 * A 32-bit gear hash with a secret table runs over the bytes; where its upper 8 bits are zero, SipHash-1-3 of the last
 * 32 bytes under a secret key decides. So a cut tells an observer at most the 8 bits of the gate about the table: a
 * gear or Rabin hash alone, even keyed, can be solved for from the cuts (Alexeev et al., 2025; Truong et al., 2025).
 */
import { type Bytes, viewOf } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { sipHash } from './siphash.ts'

export const chunkBytesMin = 256 * 1024
export const chunkBytesMax = 4 * 1024 * 1024
/** Average distance of cuts behind the minimum: 768 KiB, so that chunks average 1 MiB. */
const cutDistance = 768 * 1024
const gateShift = 24
/** Of 2^32 hashes at the gate, which opens once in 256 bytes, this many cut. */
const cutBelow = Math.floor(2 ** 32 / (cutDistance / 256))
/** The gear hash forgets a byte after 32 shifts. */
const windowBytes = 32

export interface Chunker {
  /**
   * The end of the chunk that starts at `start`, at most `end`. Give it at least `chunkBytesMax` bytes unless the file
   * ends at `end`: the answer depends on nothing else.
   */
  cut(bytes: Bytes, start: number, end: number): number
}

/** `chunkerKey`: 32 bytes of the epoch's keys. */
export async function makeChunker(primitives: Primitives, chunkerKey: Bytes): Promise<Chunker> {
  const table = await gearTable(primitives, chunkerKey)
  const prf = sipHash(await primitives.hkdfSha256(chunkerKey, 'backstay/chunker/prf', 16))
  return {
    cut(bytes, start, end) {
      const last = Math.min(end, start + chunkBytesMax)
      let at = start + chunkBytesMin - windowBytes
      if (at + windowBytes >= last) return last
      let gear = 0
      for (const warm = at + windowBytes; at < warm; at++) {
        gear = ((gear << 1) + (table[bytes[at] as number] as number)) | 0
      }
      for (; at < last; at++) {
        gear = ((gear << 1) + (table[bytes[at] as number] as number)) | 0
        if (gear >>> gateShift === 0 && prf.hash(bytes, at + 1 - windowBytes, at + 1) < cutBelow)
          return at + 1
      }
      return last
    },
  }
}

async function gearTable(primitives: Primitives, key: Bytes): Promise<Int32Array> {
  const bytes = await primitives.hkdfSha256(key, 'backstay/chunker/gear', 1024)
  const view = viewOf(bytes)
  return Int32Array.from({ length: 256 }, (_, index) => view.getInt32(4 * index, true))
}
