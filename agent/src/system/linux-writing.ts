/** Making, filling, naming and removing on Linux. */

import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import type { LinuxCalls } from './linux-calls.ts'
import { at as atFlag, callNumber, open, renameNoReplace, typeNumber } from './linux-numbers.ts'
import { pathBuffer } from './scratch.ts'
import { type DeviceNumber, type Handle, modeMask, type Writing } from './system.ts'
import { checked } from './system-error.ts'

const { EINVAL, ENOSYS } = constants.errno
const createFlags = open.create | open.noFollow | open.closeOnExec

export function linuxWriting(calls: LinuxCalls): Writing {
  const path = pathBuffer()
  const other = pathBuffer()

  /** Runs a call on a name, then on a second one, and returns its result or the negative error number. */
  function named(name: Bytes, call: (path: Bytes) => number): number {
    const refused = path.set(name)
    if (refused < 0) return refused
    const result = call(path.bytes)
    return result < 0 ? -calls.errno() : result
  }

  function namedBoth(first: Bytes, second: Bytes, call: (first: Bytes, second: Bytes) => number): number {
    const refused = other.set(second)
    return refused < 0 ? refused : named(first, path => call(path, other.bytes))
  }

  const done = (result: number): number => (result < 0 ? -calls.errno() : result)

  /** Where the file system does not know "no replace": a link does not replace either. Not for folders. */
  function renameByLink(fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes): number {
    const linked = namedBoth(from, to, (from, to) => calls.linkat(fromAt, from, toAt, to, 0))
    return linked < 0 ? linked : named(from, path => calls.unlinkat(fromAt, path, 0))
  }

  const system: Writing = {
    makeFolder: (at, name, mode) => void checked(system.tryMakeFolder(at, name, mode), 'make folder'),
    tryMakeFolder: (at, name, mode) => named(name, path => calls.mkdirat(at, path, mode & modeMask)),
    makeSymlink(at, name, target) {
      const result = namedBoth(target, name, (target, path) => calls.symlinkat(target, at, path))
      checked(result, 'make symlink')
    },
    makeLink(fromAt, from, toAt, to) {
      const result = namedBoth(from, to, (from, to) => calls.linkat(fromAt, from, toAt, to, 0))
      checked(result, 'make link')
    },
    makeSpecial(at, name, kind, mode, device = { major: 0, minor: 0 }) {
      const typed = typeNumber[kind] * 0x1000 + (mode & modeMask)
      const number = deviceNumber(device)
      const result = named(name, path => calls.mknodat(callNumber.mknodat, at, path, typed, number))
      checked(result, 'make special file')
    },
    createFile: (at, name, mode) => checked(system.tryCreateFile(at, name, mode), 'create'),
    tryCreateFile(at, name, mode) {
      const refused = path.set(name)
      return refused < 0 ? refused : done(calls.openat(at, path.bytes, createFlags, mode & modeMask))
    },
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
    sync: handle => void checked(done(calls.fsync(handle)), 'sync'),
    rename: (fromAt, from, toAt, to) => void checked(system.tryRename(fromAt, from, toAt, to), 'rename'),
    tryRename(fromAt, from, toAt, to) {
      const renamed = namedBoth(from, to, (from, to) =>
        calls.renameat2(callNumber.renameat2, fromAt, from, toAt, to, renameNoReplace),
      )
      return renamed === -EINVAL || renamed === -ENOSYS ? renameByLink(fromAt, from, toAt, to) : renamed
    },
    remove: (at, name) =>
      void checked(
        named(name, path => calls.unlinkat(at, path, 0)),
        'remove',
      ),
    removeFolder(at, name) {
      checked(
        named(name, path => calls.unlinkat(at, path, atFlag.removeFolder)),
        'remove folder',
      )
    },
  }
  return system
}

/** The kernel's new_encode_dev: 12 bits of major between the lower 8 and the upper 12 of minor. */
function deviceNumber(device: DeviceNumber): number {
  return ((device.minor & 0xff) | ((device.major & 0xfff) << 8) | ((device.minor & ~0xff) << 12)) >>> 0
}
