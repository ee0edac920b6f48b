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
  /**
   * As `cut`, while more of the file may follow: undefined when the chunk does not end up to `end`. A second call for the
   * same chunk need not look again at what the first one saw: `seen` was its `end`.
   */
  find(bytes: Bytes, start: number, end: number, seen: number): number | undefined
}

/** `chunkerKey`: 32 bytes of the epoch's keys. */
export async function makeChunker(primitives: Primitives, chunkerKey: Bytes): Promise<Chunker> {
  const table = await gearTable(primitives, chunkerKey)
  const prf = sipHash(await primitives.hkdfSha256(chunkerKey, 'backstay/chunker/prf', 16))
  const gear = new Int32Array(1)

  function find(bytes: Bytes, start: number, end: number, seen: number): number | undefined {
    const most = start + chunkBytesMax
    const last = Math.min(end, most)
    let at = Math.max(start + chunkBytesMin, seen)
    if (at < last) {
      gear[0] = 0
      for (let warm = at - windowBytes; warm < at; warm++) step(table, gear, bytes[warm] as number)
    }
    for (; at < last; at++) {
      at = toGate(table, gear, bytes, at, last)
      if (at < last && prf.hash(bytes, at + 1 - windowBytes, at + 1) < cutBelow) return at + 1
    }
    return last === most ? most : undefined
  }

  return { find, cut: (bytes, start, end) => find(bytes, start, end, start) ?? end }
}

function step(table: Int32Array, gear: Int32Array, byte: number): void {
  gear[0] = ((gear[0] as number) << 1) + (table[byte] as number)
}

/** The next place where the gate is open, or `last`. By itself, because V8 makes it twice as fast alone as around a call. */
function toGate(table: Int32Array, gear: Int32Array, bytes: Bytes, from: number, last: number): number {
  let hash = gear[0] as number
  let at = from
  for (; at < last; at++) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0
    if (hash >>> gateShift === 0) break
  }
  gear[0] = hash
  return at
}

async function gearTable(primitives: Primitives, key: Bytes): Promise<Int32Array> {
  const bytes = await primitives.hkdfSha256(key, 'backstay/chunker/gear', 1024)
  const view = viewOf(bytes)
  return Int32Array.from({ length: 256 }, (_, index) => view.getInt32(4 * index, true))
}
