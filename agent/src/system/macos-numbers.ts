/** Numbers of macOS, from the SDK's sys/fcntl.h, sys/stat.h, sys/unistd.h, sys/xattr.h and sys/resource.h. */
import type { PosixNumbers } from './posix-calls.ts'
import { fromRoot, type Handle } from './system.ts'

export const open = {
  read: 0x0000,
  write: 0x0001,
  nonBlock: 0x0004,
  noFollow: 0x0100,
  create: 0x0200,
  exclusive: 0x0800,
  folder: 0x10_0000,
  /** The symlink itself, not what it leads to. */
  symlink: 0x20_0000,
  closeOnExec: 0x100_0000,
} as const

export const at = { workingFolder: -2, noFollow: 0x20, removeFolder: 0x80 } as const
const seek = { set: 0, hole: 3, data: 4 } as const
export const renameExclusive = 4
/** F_FULLFSYNC: down to the disk itself, which fsync does not promise there. */
export const syncToDisk = 51
/** In place of nanoseconds: leave this time as it is. */
const timeOmit = -2

/** setiopolicy_np(3): files that lie in a cloud are not fetched by this process; and it gives way at the disk. */
export const policies = {
  neverFetch: [3, 0, 1],
  giveWay: [0, 0, 3],
} as const

/** A folder's handle as a call wants it. */
export function atOf(handle: Handle): number {
  return handle === fromRoot ? at.workingFolder : handle
}

export const macosNumbers: PosixNumbers = {
  folderOf: atOf,
  createFlags: open.write | open.create | open.exclusive | open.noFollow | open.closeOnExec,
  ...{ at, seek, timeOmit },
}
