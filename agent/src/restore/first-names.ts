/**
 * Where the first name of each link group was written. Some 60 bytes a group and the name, and nothing for V8 to look after:
 * a server full of linked snapshots has millions.
 */
import { type Bytes, equalBytes, viewOf } from '@backstay/proto/bytes'
import { nameBlocks, roomFor } from '../system/name-blocks.ts'
import type { Stat } from '../system/system.ts'

type Inode = Pick<Stat, 'deviceMajor' | 'deviceMinor' | 'inode'>

export interface First {
  /** Of its folder, as written below the target's top. */
  readonly folder: readonly Bytes[]
  readonly name: Bytes
  isSame(inode: Inode): boolean
}

export interface FirstNames {
  /** In place of what was known. What is no group of ours, 16 bytes, is not remembered: each name then has a copy. */
  set(group: Bytes, folder: readonly Bytes[], name: Bytes, inode: Inode): void
  has(group: Bytes): boolean
  get(group: Bytes): First | undefined
}

const groupBytes = 16
const firstRoom = 256

export function firstNames(): FirstNames {
  const folders = folderNumbers()
  const names = nameBlocks()
  /** By the number of the name. */
  let groups = new Uint8Array(groupBytes * firstRoom)
  let folderOf = new Uint32Array(firstRoom)
  let devices = new Float64Array(firstRoom)
  let inodes = new Float64Array(firstRoom)
  /** By a hash of the group: the number of the name + 1, 0 where the slot is free. */
  let slots = new Uint32Array(2 * firstRoom)

  return {
    set(group, folder, name, inode) {
      if (group.length !== groupBytes) return
      if (names.count >= slots.length / 2) grow()
      const number = names.add(name)
      groups = roomFor(groupBytes * number, groups)
      folderOf = roomFor(number, folderOf)
      devices = roomFor(number, devices)
      inodes = roomFor(number, inodes)
      groups.set(group, groupBytes * number)
      folderOf[number] = folders.numberOf(folder)
      devices[number] = deviceOf(inode)
      inodes[number] = inode.inode
      slots[slotOf(group)] = number + 1
    },
    has: group => numberOf(group) !== undefined,
    get(group) {
      const number = numberOf(group)
      if (number === undefined) return undefined
      const [device, inode] = [devices[number], inodes[number]]
      return {
        folder: folders.path(folderOf[number] as number),
        name: names.at(number),
        isSame: other => other.inode === inode && deviceOf(other) === device,
      }
    },
  }

  function numberOf(group: Bytes): number | undefined {
    if (group.length !== groupBytes) return undefined
    const number = slots[slotOf(group)] as number
    return number === 0 ? undefined : number - 1
  }

  /** The slot of this group, or the free one where it belongs. */
  function slotOf(group: Bytes): number {
    const mask = slots.length - 1
    for (let slot = hashOf(group) & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot] as number
      if (number === 0 || equalBytes(groupAt(number - 1), group)) return slot
    }
  }

  function groupAt(number: number): Bytes {
    return groups.subarray(groupBytes * number, groupBytes * (number + 1))
  }

  function grow(): void {
    slots = new Uint32Array(2 * slots.length)
    for (let number = 0; number < names.count; number++) slots[slotOf(groupAt(number))] = number + 1
  }
}

const deviceOf = ({ deviceMajor, deviceMinor }: Inode) => deviceMajor * 2 ** 20 + deviceMinor

/** Of this process alone: who made the snapshot cannot have all groups fall into one slot. */
const seeds = crypto.getRandomValues(new Uint32Array(groupBytes / 4))

function hashOf(group: Bytes): number {
  const view = viewOf(group)
  let sum = 0
  for (const [word, seed] of seeds.entries()) sum += Math.imul(view.getUint32(4 * word), seed | 1)
  const mixed = Math.imul((sum | 0) ^ ((sum | 0) >>> 16), 0x85ebca6b)
  return (mixed ^ (mixed >>> 13)) >>> 0
}

/** Folders by number, each known by the one above it and its own name. They come in the order of a walk. */
function folderNumbers() {
  const names = nameBlocks()
  let parents = new Uint32Array(firstRoom)
  /** The folder that was asked for last, and the numbers of those that lead to it; the top has number 0. */
  const path: Bytes[] = []
  const numbers: number[] = [names.add(new Uint8Array())]

  return {
    numberOf(folder: readonly Bytes[]): number {
      let depth = 0
      while (depth < path.length && depth < folder.length && isSame(path[depth], folder[depth])) depth++
      path.length = depth
      numbers.length = depth + 1
      for (const name of folder.slice(depth)) {
        const number = names.add(name)
        parents = roomFor(number, parents)
        parents[number] = numbers.at(-1) as number
        path.push(name)
        numbers.push(number)
      }
      return numbers.at(-1) as number
    },
    path(number: number): Bytes[] {
      const found: Bytes[] = []
      for (let at = number; at !== 0; at = parents[at] as number) found.push(names.at(at))
      return found.reverse()
    },
  }
}

const isSame = (a: Bytes | undefined, b: Bytes | undefined): boolean =>
  a !== undefined && b !== undefined && (a === b || equalBytes(a, b))
