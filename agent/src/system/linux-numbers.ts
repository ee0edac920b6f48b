/** Numbers of the Linux system call interface, from its headers under include/uapi. */
import { constants } from 'node:fs'
import { arch } from 'node:process'
import type { PosixNumbers } from './posix-calls.ts'

/** Node knows those that differ between processors. */
export const open = {
  folder: constants.O_RDONLY | constants.O_DIRECTORY,
  read: constants.O_RDONLY | constants.O_NONBLOCK,
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
  noFollow: constants.O_NOFOLLOW,
  noAccessTime: constants.O_NOATIME,
  closeOnExec: 0o2000000,
  pathOnly: 0o10000000,
} as const

export const at = { noFollow: 0x100, removeFolder: 0x200, noAutomount: 0x800, emptyPath: 0x1000 } as const

const numbers = {
  x64: { getdents64: 217, mknodat: 259, renameat2: 316, fchmodat2: 452, ioprio_set: 251 },
  arm64: { getdents64: 61, mknodat: 33, renameat2: 276, fchmodat2: 452, ioprio_set: 30 },
} as const

/** Of system calls that are called by number. */
export const callNumber = arch === 'arm64' ? numbers.arm64 : numbers.x64

/** Of fcntl(2). */
export const control = { getFlags: 3, setFlags: 4, setOwner: 8 } as const
export const renameNoReplace = 1
const seek = { set: 0, data: 3, hole: 4 } as const
export const advice = { sequential: 2, soon: 3, done: 4 } as const
/** In place of nanoseconds: leave this time as it is. */
const timeOmit = 0x3ffffffe

export const linuxNumbers: PosixNumbers = {
  folderOf: handle => handle,
  createFlags: open.create | open.noFollow | open.closeOnExec,
  ...{ at, seek, timeOmit },
}
