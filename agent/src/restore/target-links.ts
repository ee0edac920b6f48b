/** Hard links: the first name of each group is remembered, further ones are linked to it. */
import { type Bytes, equalBytes, hex } from '@backstay/proto/bytes'
import { errno } from '../system/error-numbers.ts'
import { emptyStat, type Handle, type Stat, type System } from '../system/system.ts'
import { checked, isSystemError } from '../system/system-error.ts'

interface First {
  /** As written below the target's top. */
  readonly path: readonly Bytes[]
  readonly device: string
  readonly inode: number
}

export interface HardLinks {
  /** Remembers where the first of a group was written. */
  remember(group: Bytes, path: readonly Bytes[], stat: Stat): void
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
  const firsts = new Map<string, First>()
  const looked = emptyStat()

  function linked(first: First, folder: Handle, folderPath: readonly Bytes[], name: Bytes): number {
    const above = first.path.slice(0, -1)
    const source = first.path.at(-1) as Bytes
    if (samePath(above, folderPath)) return linkChecked(first, folder, source, folder, name)
    const handle = openBelow(system, top, above)
    try {
      return linkChecked(first, handle, source, folder, name)
    } finally {
      if (handle !== top) system.close(handle)
    }
  }

  function linkChecked(first: First, fromAt: Handle, from: Bytes, at: Handle, name: Bytes): number {
    system.makeLink(fromAt, from, at, name)
    const stat = system.statAt(at, name)
    if (stat.inode === first.inode && deviceOf(stat) === first.device) return 0
    // Somebody put another file in its place.
    system.remove(at, name)
    return -errno.ESTALE
  }

  return {
    remember(group, path, stat) {
      firsts.set(hex(group), { path, device: deviceOf(stat), inode: stat.inode })
    },
    has: group => firsts.has(hex(group)),
    isLinked(group, folder, name) {
      const first = firsts.get(hex(group))
      if (first === undefined || system.tryStatAt(folder, name, looked) < 0) return false
      return looked.inode === first.inode && deviceOf(looked) === first.device
    },
    link(group, folder, folderPath, name) {
      const first = firsts.get(hex(group))
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

const deviceOf = (stat: Stat): string => `${stat.deviceMajor}:${stat.deviceMinor}`

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
