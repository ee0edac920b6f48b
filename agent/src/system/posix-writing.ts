/** Making, filling, naming and removing on Linux and macOS. */
import type { Bytes } from '@backstay/proto/bytes'
import { type Naming, type PosixCalls, type PosixNumbers, posixNaming } from './posix-calls.ts'
import { typeNumber } from './posix-kinds.ts'
import { type DeviceNumber, type Handle, modeMask, type Writing } from './system.ts'
import { checked } from './system-error.ts'

/** What each system does its own way. Each call returns what libc returns. */
export interface OwnWriting {
  makeNode(at: number, path: Bytes, typedMode: number, device: DeviceNumber): number
  /** Refuses when `to` exists. */
  renameExclusive(fromAt: number, from: Bytes, toAt: number, to: Bytes): number
  /** What a file system says that cannot refuse so: negative error numbers. */
  readonly cannotRename: readonly number[]
  /** Down to the disk. */
  sync(handle: number): number
}

export function posixWriting(calls: PosixCalls, numbers: PosixNumbers, own: OwnWriting): Writing {
  const { done, named, namedBoth }: Naming = posixNaming(calls)
  const { folderOf, createFlags, at: flag } = numbers

  const link = (fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes): number =>
    namedBoth(from, to, (from, to) => calls.linkat(folderOf(fromAt), from, folderOf(toAt), to, 0))
  const unlink = (at: Handle, name: Bytes, flags: number): number =>
    named(name, path => calls.unlinkat(folderOf(at), path, flags))

  /** Where the file system does not know "no replace": a link does not replace either. Not for folders. */
  function renameByLink(fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes): number {
    const linked = link(fromAt, from, toAt, to)
    return linked < 0 ? linked : unlink(fromAt, from, 0)
  }

  const system: Writing = {
    makeFolder: (at, name, mode) => void checked(system.tryMakeFolder(at, name, mode), 'make folder'),
    tryMakeFolder: (at, name, mode) =>
      named(name, path => calls.mkdirat(folderOf(at), path, mode & modeMask)),
    makeSymlink(at, name, target) {
      const made = namedBoth(target, name, (target, path) => calls.symlinkat(target, folderOf(at), path))
      checked(made, 'make symlink')
    },
    makeLink: (fromAt, from, toAt, to) => void checked(link(fromAt, from, toAt, to), 'make link'),
    makeSpecial(at, name, kind, mode, device = { major: 0, minor: 0 }) {
      const typed = typeNumber[kind] * 0x1000 + (mode & modeMask)
      const made = named(name, path => own.makeNode(folderOf(at), path, typed, device))
      checked(made, 'make special file')
    },
    createFile: (at, name, mode) => checked(system.tryCreateFile(at, name, mode), 'create'),
    tryCreateFile: (at, name, mode) =>
      named(name, path => calls.openat(folderOf(at), path, createFlags, mode & modeMask)),
    write(file, bytes, position) {
      for (let from = 0; from < bytes.length; ) {
        const rest = from === 0 ? bytes : bytes.subarray(from)
        const written =
          position === undefined
            ? calls.write(file, rest, rest.length)
            : calls.pwrite(file, rest, rest.length, position + from)
        from += checked(done(written), 'write')
      }
    },
    writeAround: (file, bytes, position) => system.write(file, bytes, position),
    resize: (file, size) => void checked(done(calls.ftruncate(file, size)), 'resize'),
    sync: handle => void checked(done(own.sync(handle)), 'sync'),
    rename: (fromAt, from, toAt, to) => void checked(system.tryRename(fromAt, from, toAt, to), 'rename'),
    tryRename(fromAt, from, toAt, to) {
      const renamed = namedBoth(from, to, (from, to) =>
        own.renameExclusive(folderOf(fromAt), from, folderOf(toAt), to),
      )
      return own.cannotRename.includes(renamed) ? renameByLink(fromAt, from, toAt, to) : renamed
    },
    remove: (at, name) => void checked(unlink(at, name, 0), 'remove'),
    removeFolder: (at, name) => void checked(unlink(at, name, flag.removeFolder), 'remove folder'),
  }
  return system
}
