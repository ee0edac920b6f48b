/**
 * Keys of the snapshot map: each folder component followed by 00, then 00, then the name. docs/format.md §8.1.
 *
 *     /home/ada/notes.txt   →   "/" 00 "home" 00 "ada" 00 00 "notes.txt"
 *     /                     →   00 "/"
 *
 * Sorted by bytes, the direct children of a folder stand together and come before its subfolders' children, and
 * everything below a folder is one range. Components are bytes: never empty, never with 00 in them.
 */
import { type Bytes, compareBytes } from '../../bytes.ts'
import { Failure } from '../../failure.ts'

/** Components from the volume down: `/` or `C:`, folders, name. At least one. */
export type Path = readonly Bytes[]

/** Sum of the components' bytes and separators; from DESIGN: a path beyond it is reported, not stored. */
export const keyBytesMax = 32 * 1024
export const depthMax = 4096

export function keyOf(path: Path): Bytes {
  const folders = path.slice(0, -1)
  const name = path.at(-1)
  if (name === undefined) throw badPath('it has no components')
  return joined(folders, name)
}

/** The path that a key stands for; throws `bad_path` for bytes that are no key. */
export function pathOf(key: Bytes): Bytes[] {
  const path: Bytes[] = []
  let start = 0
  while (key[start] !== 0) {
    const end = key.indexOf(0, start)
    if (end < 0) throw badPath('it has no name')
    path.push(key.subarray(start, end))
    start = end + 1
  }
  const name = key.subarray(start + 1)
  if (name.length === 0 || name.includes(0)) throw badPath('its name is empty or has a zero byte')
  path.push(name)
  return path
}

/** Keys `from ≤ key < to`; an undefined end is open. */
export interface KeyRange {
  readonly from: Bytes
  readonly to: Bytes | undefined
}

export const wholeMap: KeyRange = { from: new Uint8Array(), to: undefined }

/** Everything below a folder, without the folder's own entry. */
export function subtreeRange(folder: Path): KeyRange {
  return rangeBelow(prefixOf(folder))
}

/** The direct children of a folder. */
export function childrenRange(folder: Path): KeyRange {
  return rangeOfChildren(prefixOf(folder))
}

/** The same of a folder with this prefix. */
export function rangeBelow(prefix: Bytes): KeyRange {
  return { from: prefix, to: after(prefix) }
}

export function rangeOfChildren(prefix: Bytes): KeyRange {
  const from = new Uint8Array(prefix.length + 1)
  from.set(prefix)
  return { from, to: after(from) }
}

/** The prefix of what is below the entry with this key, if it is a folder. */
export function prefixBelowEntry(key: Bytes): Bytes {
  let zero = 0
  while (key[zero] !== 0 || (zero > 0 && key[zero - 1] !== 0)) zero++
  const prefix = new Uint8Array(key.length)
  prefix.set(key.subarray(0, zero))
  prefix.set(key.subarray(zero + 1), zero)
  return prefix
}

export function inRange(key: Bytes, range: KeyRange): boolean {
  return compareBytes(key, range.from) >= 0 && (range.to === undefined || compareBytes(key, range.to) < 0)
}

/** Each component followed by 00: what the keys of all entries below this folder begin with. */
export function prefixOf(folder: Path): Bytes {
  let length = 0
  for (const component of folder) length += component.length + 1
  const prefix = new Uint8Array(length)
  let at = 0
  for (const component of folder) {
    prefix.set(component, at)
    at += component.length + 1
  }
  return prefix
}

/** The key of `name` in the folder with this prefix; saves building the prefix again for each child. */
export function childKey(prefix: Bytes, name: Bytes): Bytes {
  const key = new Uint8Array(prefix.length + 1 + name.length)
  key.set(prefix)
  key.set(name, prefix.length + 1)
  return key
}

/** Many keys lie together in pieces of this size: memory of its own for each would cost more than making it. */
const pieceBytes = 16 * 1024

/** The same for one child after another. Who keeps a key for long copies it: it holds on to those made with it. */
export function childKeys(prefix: Bytes): (name: Bytes) => Bytes {
  let piece: Bytes = new Uint8Array()
  let used = 0
  return name => {
    const length = prefix.length + 1 + name.length
    if (used + length > piece.length) {
      piece = new Uint8Array(Math.max(piece.length === 0 ? 2 * length : pieceBytes, length))
      used = 0
    }
    const key = piece.subarray(used, used + length)
    key.set(prefix)
    key.set(name, prefix.length + 1)
    used += length
    return key
  }
}

function joined(folders: Path, name: Bytes): Bytes {
  for (const component of [...folders, name]) {
    if (component.length === 0 || component.includes(0))
      throw badPath('a component is empty or has a zero byte')
  }
  return childKey(prefixOf(folders), name)
}

/** The smallest key above all that begin with `prefix`, whose last byte is 00; of the empty one there is none. */
function after(prefix: Bytes): Bytes | undefined {
  if (prefix.length === 0) return undefined
  const end = prefix.slice()
  end[end.length - 1] = 1
  return end
}

function badPath(why: string): Failure {
  return new Failure('bad_path', `not a path: ${why}`)
}
