/** Owner, mode and time on macOS, never of what a symlink points to. */
import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import type { MacosCalls } from './macos-calls.ts'
import { at as atFlag, atOf, timeOmit } from './macos-numbers.ts'
import type { MacosStat } from './macos-stat.ts'
import { pathBuffer, setInt64 } from './scratch.ts'
import { type Describing, emptyStat, modeMask } from './system.ts'
import { checked } from './system-error.ts'

export function macosDescribing(calls: MacosCalls, stats: Pick<MacosStat, 'tryStatAt'>): Describing {
  const path = pathBuffer()
  const stat = emptyStat()
  // Two timespecs, access and change of content: seconds and nanoseconds of 64 bits each.
  const times = new Uint8Array(32)
  const words = new Uint32Array(times.buffer)
  setInt64(words, 2, timeOmit)

  const done = (result: number): number => (result < 0 ? -calls.errno() : result)

  function time(seconds: number, nanoseconds: number): Bytes {
    setInt64(words, 4, seconds)
    setInt64(words, 6, nanoseconds)
    return times
  }

  function named(name: Bytes, what: string, call: (path: Bytes) => number): void {
    checked(path.set(name), what)
    checked(done(call(path.bytes)), what)
  }

  return {
    setOwner: (handle, uid, gid) => void checked(done(calls.fchown(handle, uid, gid)), 'set owner'),
    setOwnerAt: (at, name, uid, gid) =>
      named(name, 'set owner', path => calls.fchownat(atOf(at), path, uid, gid, atFlag.noFollow)),
    setMode: (handle, mode) => void checked(done(calls.fchmod(handle, mode & modeMask)), 'set mode'),
    setModeAt(at, name, mode) {
      // Symlinks have modes there. Nobody asks for them, and other systems have none.
      checked(stats.tryStatAt(at, name, stat), 'set mode')
      if (stat.kind === 'symlink') checked(-constants.errno.EOPNOTSUPP, 'set mode')
      named(name, 'set mode', path => calls.fchmodat(atOf(at), path, mode & modeMask, atFlag.noFollow))
    },
    setTime: (handle, seconds, nanoseconds) =>
      void checked(done(calls.futimens(handle, time(seconds, nanoseconds))), 'set time'),
    setTimeAt: (at, name, seconds, nanoseconds) =>
      named(name, 'set time', path =>
        calls.utimensat(atOf(at), path, time(seconds, nanoseconds), atFlag.noFollow),
      ),
  }
}
