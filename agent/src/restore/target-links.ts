/** Hard links: the first name of each group is remembered, further ones are linked to it. */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { errno } from '../system/error-numbers.ts'
import { emptyStat, type Handle, type Stat, type System } from '../system/system.ts'
import { checked, isSystemError } from '../system/system-error.ts'
import { type First, firstNames } from './first-names.ts'

export interface HardLinks {
  /** Remembers where the first of a group was written: its folder as below the target's top. */
  remember(group: Bytes, folderPath: readonly Bytes[], name: Bytes, stat: Stat): void
  has(group: Bytes): boolean
  /** Whether a name in a folder is the first of the group already. */
  isLinked(group: Bytes, folder: Handle, name: Bytes): boolean
  /**
   * Links the first of the group to a name in a folder. Returns 0 or a negative error number: ESTALE when what stands
   * there now is not what we wrote. Links never lead out of the job: only what `remember` saw is linked.
   */
  link(group: Bytes, folder: Handle, folderPath: readonly Bytes[], name: Bytes): number
}

export function hardLinks(system: System, top: Handle): HardLinks {
  const firsts = firstNames()
  const looked = emptyStat()

  function linked(first: First, folder: Handle, folderPath: readonly Bytes[], name: Bytes): number {
    if (samePath(first.folder, folderPath)) return linkChecked(first, folder, folder, name)
    const handle = openBelow(system, top, first.folder)
    try {
      return linkChecked(first, handle, folder, name)
    } finally {
      if (handle !== top) system.close(handle)
    }
  }

  function linkChecked(first: First, fromAt: Handle, at: Handle, name: Bytes): number {
    system.makeLink(fromAt, first.name, at, name)
    if (first.isSame(system.statAt(at, name))) return 0
    // Somebody put another file in its place.
    system.remove(at, name)
    return -errno.ESTALE
  }

  return {
    remember: firsts.set,
    has: firsts.has,
    isLinked(group, folder, name) {
      const first = firsts.get(group)
      if (first === undefined || system.tryStatAt(folder, name, looked) < 0) return false
      return first.isSame(looked)
    },
    link(group, folder, folderPath, name) {
      const first = firsts.get(group)
      if (first === undefined) return -errno.ENOENT
      try {
        return linked(first, folder, folderPath, name)
      } catch (error) {
        if (!isSystemError(error)) throw error
        return -error.errno
      }
    },
  }
}

function samePath(a: readonly Bytes[], b: readonly Bytes[]): boolean {
  return a.length === b.length && a.every((name, index) => equalBytes(name, b[index] as Bytes))
}

/** Walks down handle by handle; the top's own handle for an empty path. */
function openBelow(system: System, top: Handle, path: readonly Bytes[]): Handle {
  let handle = top
  for (const name of path) {
    const below = system.tryOpenFolder(handle, name)
    if (handle !== top) system.close(handle)
    handle = checked(below, 'open folder')
  }
  return handle
}
