/**
 * Cuts large files by content, so that an insertion moves one cut and not all. docs/format.md §7.
 *
 * A 32-bit gear hash with a secret table runs over the bytes; where its upper 8 bits are zero, SipHash-1-3 of the last
 * 32 bytes under a secret key decides. So a cut tells an observer at most the 8 bits of the gate about the table: a
 * gear or Rabin hash alone, even keyed, can be solved for from the cuts (Alexeev et al., 2025; Truong et al., 2025).
 */
import type { Bytes } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { makeCutting } from './cutting.ts'

export const chunkBytesMin = 256 * 1024
export const chunkBytesMax = 4 * 1024 * 1024
/** Average distance of cuts behind the minimum: 768 KiB, so that chunks average 1 MiB. */
const cutDistance = 768 * 1024
/** Of 2^32 hashes at the gate, which opens once in 256 bytes, this many cut. */
const cutBelow = Math.floor(2 ** 32 / (cutDistance / 256))

export interface Chunker {
  /**
   * The end of the chunk that starts at `start`, at most `end`. Give it at least `chunkBytesMax` bytes unless the file
   * ends at `end`: the answer depends on nothing else.
   */
  cut(bytes: Bytes, start: number, end: number): number
  /**
   * As `cut`, while more of the file may follow: undefined when the chunk does not end up to `end`. A second call for the
   * same chunk need not look again at what the first one saw: `seen` was its `end`.
   */
  find(bytes: Bytes, start: number, end: number, seen: number): number | undefined
}

/** `chunkerKey`: 32 bytes of the epoch's keys. */
export async function makeChunker(primitives: Primitives, chunkerKey: Bytes): Promise<Chunker> {
  const cutting = makeCutting({
    gearTable: await primitives.hkdfSha256(chunkerKey, 'backstay/chunker/gear', 1024),
    sipKey: await primitives.hkdfSha256(chunkerKey, 'backstay/chunker/prf', 16),
    cutBelow,
  })

  function find(bytes: Bytes, start: number, end: number, seen: number): number | undefined {
    const most = start + chunkBytesMax
    const from = Math.max(start + chunkBytesMin, seen)
    return cutting.next(bytes, from, Math.min(end, most)) ?? (end >= most ? most : undefined)
  }

  return { find, cut: (bytes, start, end) => find(bytes, start, end, start) ?? end }
}
