/** The names in a folder, sorted by bytes: a million of them take 50 MB, where an object for each would take 250. */
import { type Bytes, compareBytes } from '@backstay/proto/bytes'
import type { Handle, System } from '../system/system.ts'

export interface Names {
  readonly count: number
  at(index: number): Bytes
}

type Lister = Pick<System, 'listFolder'>

/** Up to so many, objects are smaller and faster than what replaces them. */
const fewMax = 1024
const blockBits = 20
const blockBytes = 1 << blockBits

/** Throws SystemError. */
export function namesIn(system: Lister, folder: Handle): Names {
  const few: Bytes[] = []
  let many: ManyNames | undefined
  for (const { name } of system.listFolder(folder)) {
    if (many !== undefined) many.add(name)
    else if (few.push(name) > fewMax) many = manyNames(few)
  }
  return many?.sorted() ?? sorted(few)
}

/** Undefined when there are more than `most`; the others are not looked at. Throws SystemError. */
export function fewNamesIn(system: Lister, folder: Handle, most: number): Names | undefined {
  const names: Bytes[] = []
  for (const { name } of system.listFolder(folder)) if (names.push(name) > most) return undefined
  return sorted(names)
}

function sorted(names: Bytes[]): Names {
  names.sort(compareBytes)
  return { count: names.length, at: index => names[index] as Bytes }
}

interface ManyNames {
  add(name: Bytes): void
  sorted(): Names
}

/** Names one behind another in blocks, each known by where it begins and by its length. */
function manyNames(first: readonly Bytes[]): ManyNames {
  const blocks: Bytes[] = []
  let used = blockBytes
  let count = 0
  let starts = new Uint32Array(4 * fewMax)
  let lengths = new Uint16Array(4 * fewMax)
  for (const name of first) add(name)
  return {
    add,
    sorted() {
      const order = new Uint32Array(count).map((_, index) => index).sort(compare)
      return { count, at: index => nameAt(order[index] as number) }
    },
  }

  function add(name: Bytes): void {
    if (used + name.length > blockBytes) {
      blocks.push(new Uint8Array(blockBytes))
      used = 0
    }
    if (count === starts.length) {
      starts = doubled(starts, new Uint32Array(2 * count))
      lengths = doubled(lengths, new Uint16Array(2 * count))
    }
    const block = blocks.length - 1
    blocks[block]?.set(name, used)
    starts[count] = block * blockBytes + used
    lengths[count] = name.length
    used += name.length
    count++
  }

  function nameAt(number: number): Bytes {
    const start = starts[number] as number
    const offset = start & (blockBytes - 1)
    return blockOf(start).subarray(offset, offset + (lengths[number] as number))
  }

  function blockOf(start: number): Bytes {
    return blocks[start >>> blockBits] as Bytes
  }

  /** As compareBytes, without an object for either. */
  function compare(one: number, other: number): number {
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
  }
}

function doubled<Numbers extends Uint32Array | Uint16Array>(from: Numbers, into: Numbers): Numbers {
  into.set(from)
  return into
}
