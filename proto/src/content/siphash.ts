/**
 * SipHash-1-3 with a 64-bit result, in 32-bit arithmetic so that it is fast in any JavaScript engine.
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; 1 compression and 3 finalisation rounds.
 * It decides borders, where a secret pseudo-random choice is wanted and nothing depends on collisions.
 */
import { type Bytes, viewOf } from '../bytes.ts'

export interface SipHash {
  /** Upper 32 bits of the hash of `bytes[start, end)`; the lower 32 are then in `low`. */
  hash(bytes: Bytes, start: number, end: number): number
  low: number
}

/** `key`: 16 bytes. */
export function sipHash(key: Bytes): SipHash {
  const view = viewOf(key)
  const k0l = view.getInt32(0, true)
  const k0h = view.getInt32(4, true)
  const k1l = view.getInt32(8, true)
  const k1h = view.getInt32(12, true)
  const self: SipHash = { hash, low: 0 }
  return self

  function hash(bytes: Bytes, start: number, end: number): number {
    let v0l = k0l ^ 0x70736575
    let v0h = k0h ^ 0x736f6d65
    let v1l = k1l ^ 0x6e646f6d
    let v1h = k1h ^ 0x646f7261
    let v2l = k0l ^ 0x6e657261
    let v2h = k0h ^ 0x6c796765
    let v3l = k1l ^ 0x79746573
    let v3h = k1h ^ 0x74656462
    let at = start
    let rounds = ((end - start) >>> 3) + 1
    let sum = 0
    for (;;) {
      let ml = 0
      let mh = 0
      if (rounds > 0) {
        if (rounds > 1) {
          ml = word(bytes, at)
          mh = word(bytes, at + 4)
          at += 8
        } else {
          // The last word: what is left, and the length modulo 256 in its top byte.
          const left = end - at
          for (let i = 0; i < left; i++) {
            const byte = bytes[at + i] as number
            if (i < 4) ml |= byte << (8 * i)
            else mh |= byte << (8 * (i - 4))
          }
          mh |= ((end - start) & 0xff) << 24
        }
        v3l ^= ml
        v3h ^= mh
      } else if (rounds === 0) {
        v2l ^= 0xff
      }
      // One SipRound; a sum that is smaller than a summand carries.
      sum = (v0l + v1l) | 0
      v0h = (v0h + v1h + (sum >>> 0 < v0l >>> 0 ? 1 : 0)) | 0
      v0l = sum
      let t = (v1h << 13) | (v1l >>> 19)
      v1l = (v1l << 13) | (v1h >>> 19)
      v1h = t
      v1l ^= v0l
      v1h ^= v0h
      t = v0l
      v0l = v0h
      v0h = t
      sum = (v2l + v3l) | 0
      v2h = (v2h + v3h + (sum >>> 0 < v2l >>> 0 ? 1 : 0)) | 0
      v2l = sum
      t = (v3h << 16) | (v3l >>> 16)
      v3l = (v3l << 16) | (v3h >>> 16)
      v3h = t
      v3l ^= v2l
      v3h ^= v2h
      sum = (v0l + v3l) | 0
      v0h = (v0h + v3h + (sum >>> 0 < v0l >>> 0 ? 1 : 0)) | 0
      v0l = sum
      t = (v3h << 21) | (v3l >>> 11)
      v3l = (v3l << 21) | (v3h >>> 11)
      v3h = t
      v3l ^= v0l
      v3h ^= v0h
      sum = (v2l + v1l) | 0
      v2h = (v2h + v1h + (sum >>> 0 < v2l >>> 0 ? 1 : 0)) | 0
      v2l = sum
      t = (v1h << 17) | (v1l >>> 15)
      v1l = (v1l << 17) | (v1h >>> 15)
      v1h = t
      v1l ^= v2l
      v1h ^= v2h
      t = v2l
      v2l = v2h
      v2h = t
      if (rounds > 0) {
        v0l ^= ml
        v0h ^= mh
      } else if (rounds === -2) break
      rounds--
    }
    self.low = (v0l ^ v1l ^ v2l ^ v3l) >>> 0
    return (v0h ^ v1h ^ v2h ^ v3h) >>> 0
  }
}

function word(bytes: Bytes, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}
