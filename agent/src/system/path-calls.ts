/** What is asked of the system by path: where a path leads, and what is there. */
import { lstatSync, readdirSync, realpathSync, statfsSync } from 'node:fs'
import type { Bytes } from '@backstay/proto/bytes'

export interface PathCalls {
  /**
   * Where a path really leads, symlinks followed; itself when it leads nowhere. On Windows also with every name as it is
   * written on the disk, so that one folder has one path.
   */
  realPath(path: Bytes): Bytes
  /** Also of a symlink that leads nowhere; not of what lies behind a folder that is closed to us. */
  exists(path: Bytes): boolean
  /** Names of direct subfolders; none of what cannot be listed. No name is looked at. */
  foldersIn(folder: string): readonly string[]
  /** Of the file system that it lies on, for those who are not root. Throws Node's errors. */
  freeBytes(path: string): number
}

export const pathCalls: PathCalls = {
  realPath(path) {
    const find = process.platform === 'win32' ? realpathSync.native : realpathSync
    try {
      return new Uint8Array(find(Buffer.from(path), { encoding: 'buffer' }))
    } catch {
      return path
    }
  },
  exists(path) {
    try {
      return lstatSync(Buffer.from(path), { throwIfNoEntry: false }) !== undefined
    } catch {
      return false
    }
  },
  foldersIn(folder) {
    try {
      const entries = readdirSync(folder, { withFileTypes: true })
      return entries.filter(entry => entry.isDirectory()).map(entry => entry.name)
    } catch {
      return []
    }
  },
  freeBytes(path) {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  },
}
