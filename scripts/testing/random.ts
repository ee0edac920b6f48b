/** Numbers that look random and are the same for the same seed (sfc32, Chris Doty-Humphrey, PractRand). */
import type { Bytes } from '@backstay/proto/bytes'

export interface Random {
  /** 0 ≤ n < 2^32. */
  next(): number
  /** 0 ≤ n < limit. */
  below(limit: number): number
  pick<Item>(items: readonly Item[]): Item
  bytes(length: number): Bytes
}

export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = seed | 0
  let counter = 1

  function next(): number {
    const sum = (a + b + counter++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  // As its author advises: the first numbers still resemble the seed.
  for (let i = 0; i < 15; i++) next()

  const random: Random = {
    next,
    below: limit => Math.floor((next() / 0x1_0000_0000) * limit),
    pick(items) {
      const item = items[random.below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    bytes(length) {
      const words = new Uint32Array(Math.ceil(length / 4))
      for (let i = 0; i < words.length; i++) words[i] = next()
      return new Uint8Array(words.buffer, 0, length)
    },
  }
  return random
}
