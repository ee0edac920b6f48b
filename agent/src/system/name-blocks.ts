/** Very many names: one behind another in blocks, each known by its number, where an object for each would take 200 bytes more. */
import type { Bytes } from '@backstay/proto/bytes'

export interface NameBlocks {
  readonly count: number
  /** Returns its number: 0, 1, 2, … */
  add(name: Bytes): number
  /** Not to be written to. */
  at(number: number): Bytes
  /** As compareBytes of two of them, without an object for either. */
  compare(one: number, other: number): number
}

const blockBits = 20
const blockBytes = 1 << blockBits
/** Names begin at less than 4 GiB. */
const blocksMax = 2 ** (32 - blockBits)
const firstRoom = 1024

/** Of names of at most 64 KiB. */
export function nameBlocks(): NameBlocks {
  const blocks: Bytes[] = []
  let used = blockBytes
  let count = 0
  let starts = new Uint32Array(firstRoom)
  let lengths = new Uint16Array(firstRoom)
  return {
    get count() {
      return count
    },
    add(name) {
      if (used + name.length > blockBytes) {
        if (blocks.length === blocksMax) throw new RangeError('there are more names than 4 GiB hold')
        blocks.push(new Uint8Array(blockBytes))
        used = 0
      }
      starts = roomFor(count, starts)
      lengths = roomFor(count, lengths)
      const block = blocks.length - 1
      blocks[block]?.set(name, used)
      starts[count] = block * blockBytes + used
      lengths[count] = name.length
      used += name.length
      return count++
    },
    at(number) {
      const start = starts[number] as number
      const offset = start & (blockBytes - 1)
      return blockOf(start).subarray(offset, offset + (lengths[number] as number))
    },
    compare(one, other) {
      const [a, b] = [starts[one] as number, starts[other] as number]
      const [blockA, blockB] = [blockOf(a), blockOf(b)]
      const [lengthA, lengthB] = [lengths[one] as number, lengths[other] as number]
      const [offsetA, offsetB] = [a & (blockBytes - 1), b & (blockBytes - 1)]
      const shared = Math.min(lengthA, lengthB)
      for (let at = 0; at < shared; at++) {
        const difference = (blockA[offsetA + at] as number) - (blockB[offsetB + at] as number)
        if (difference !== 0) return difference
      }
      return lengthA - lengthB
    },
  }

  function blockOf(start: number): Bytes {
    return blocks[start >>> blockBits] as Bytes
  }
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

/** The same numbers with room for one at `index`: twice as many when there is none. */
export function roomFor<List extends Numbers>(index: number, numbers: List): List {
  if (index < numbers.length) return numbers
  const more = new (numbers.constructor as new (length: number) => List)(2 * numbers.length)
  more.set(numbers)
  return more
}
