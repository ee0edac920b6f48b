/** The names in a folder, sorted by bytes: a million of them take 50 MB, where an object for each would take 250. */
import { type Bytes, compareBytes } from '@backstay/proto/bytes'
import { type NameBlocks, nameBlocks } from '../system/name-blocks.ts'
import type { Handle, System } from '../system/system.ts'

export interface Names {
  readonly count: number
  at(index: number): Bytes
}

type Lister = Pick<System, 'listFolder'>

/** Up to so many, objects are smaller and faster than what replaces them. */
const fewMax = 1024

/** Throws SystemError. */
export function namesIn(system: Lister, folder: Handle): Names {
  const few: Bytes[] = []
  let many: NameBlocks | undefined
  for (const { name } of system.listFolder(folder)) {
    if (many !== undefined) many.add(name)
    else if (few.push(name) > fewMax) {
      many = nameBlocks()
      for (const one of few) many.add(one)
    }
  }
  return many === undefined ? sorted(few) : sortedMany(many)
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

function sortedMany(names: NameBlocks): Names {
  const order = new Uint32Array(names.count).map((_, index) => index).sort(names.compare)
  return { count: names.count, at: index => names.at(order[index] as number) }
}
