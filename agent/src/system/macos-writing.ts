/** Making, filling, naming and removing on macOS. */
import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import { typeNumber } from './linux-numbers.ts'
import type { MacosCalls } from './macos-calls.ts'
import { at as atFlag, atOf, open, renameExclusive, syncToDisk } from './macos-numbers.ts'
import { pathBuffer } from './scratch.ts'
import { type DeviceNumber, type Handle, modeMask, type Writing } from './system.ts'
import { checked } from './system-error.ts'

const createFlags = open.write | open.create | open.exclusive | open.noFollow | open.closeOnExec
const { EINVAL, ENOTSUP, ENOTTY, EOPNOTSUPP } = constants.errno
/** A file system that cannot do it says one of these. */
const cannot: readonly number[] = [-EINVAL, -ENOTSUP, -ENOTTY, -EOPNOTSUPP]

export function macosWriting(calls: MacosCalls): Writing {
  const path = pathBuffer()
  const other = pathBuffer()

  function named(name: Bytes, call: (path: Bytes) => number): number {
    const refused = path.set(name)
    if (refused < 0) return refused
    return done(call(path.bytes))
  }

  function namedBoth(first: Bytes, second: Bytes, call: (first: Bytes, second: Bytes) => number): number {
    const refused = other.set(second)
    return refused < 0 ? refused : named(first, path => call(path, other.bytes))
  }

  const done = (result: number): number => (result < 0 ? -calls.errno() : result)

  /** Where the file system does not know "no replace": a link does not replace either. Not for folders. */
  function renameByLink(fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes): number {
    const linked = namedBoth(from, to, (from, to) => calls.linkat(atOf(fromAt), from, atOf(toAt), to, 0))
    return linked < 0 ? linked : named(from, path => calls.unlinkat(atOf(fromAt), path, 0))
  }

  const system: Writing = {
    makeFolder: (at, name, mode) => void checked(system.tryMakeFolder(at, name, mode), 'make folder'),
    tryMakeFolder: (at, name, mode) => named(name, path => calls.mkdirat(atOf(at), path, mode & modeMask)),
    makeSymlink(at, name, target) {
      checked(
        namedBoth(target, name, (target, path) => calls.symlinkat(target, atOf(at), path)),
        'make symlink',
      )
    },
    makeLink(fromAt, from, toAt, to) {
      const linked = namedBoth(from, to, (from, to) => calls.linkat(atOf(fromAt), from, atOf(toAt), to, 0))
      checked(linked, 'make link')
    },
    makeSpecial(at, name, kind, mode, device = { major: 0, minor: 0 }) {
      const typed = typeNumber[kind] * 0x1000 + (mode & modeMask)
      const made = named(name, path => calls.mknodat(atOf(at), path, typed, deviceNumber(device)))
      checked(made, 'make special file')
    },
    createFile: (at, name, mode) => checked(system.tryCreateFile(at, name, mode), 'create'),
    tryCreateFile: (at, name, mode) =>
      named(name, path => calls.openat(atOf(at), path, createFlags, mode & modeMask)),
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
    resize: (file, size) => void checked(done(calls.ftruncate(file, size)), 'resize'),
    sync: handle => void checked(done(calls.fcntl(handle, syncToDisk, 0)), 'sync'),
    rename: (fromAt, from, toAt, to) => void checked(system.tryRename(fromAt, from, toAt, to), 'rename'),
    tryRename(fromAt, from, toAt, to) {
      const renamed = namedBoth(from, to, (from, to) =>
        calls.renameatx(atOf(fromAt), from, atOf(toAt), to, renameExclusive),
      )
      return cannot.includes(renamed) ? renameByLink(fromAt, from, toAt, to) : renamed
    },
    remove(at, name) {
      checked(
        named(name, path => calls.unlinkat(atOf(at), path, 0)),
        'remove',
      )
    },
    removeFolder(at, name) {
      checked(
        named(name, path => calls.unlinkat(atOf(at), path, atFlag.removeFolder)),
        'remove folder',
      )
    },
  }
  return system
}

/** makedev of sys/types.h. */
function deviceNumber({ major, minor }: DeviceNumber): number {
  return ((major & 0xff) << 24) | (minor & 0xff_ffff)
}
