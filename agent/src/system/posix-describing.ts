/** Owner and time on Linux and macOS, and the mode of what is open; never of what a symlink points to. */
import type { Bytes } from '@backstay/proto/bytes'
import { type PosixCalls, type PosixNumbers, posixNaming } from './posix-calls.ts'
import { setInt64 } from './scratch.ts'
import { type Describing, modeMask } from './system.ts'
import { checked } from './system-error.ts'

export function posixDescribing(
  calls: PosixCalls,
  { folderOf, at: flag, timeOmit }: PosixNumbers,
): Omit<Describing, 'setModeAt'> {
  const { done, named } = posixNaming(calls)
  // Two timespecs, access and change of content: seconds and nanoseconds of 64 bits each.
  const times = new Uint8Array(32)
  const words = new Uint32Array(times.buffer)
  setInt64(words, 2, timeOmit)

  function time(seconds: number, nanoseconds: number): Bytes {
    setInt64(words, 4, seconds)
    setInt64(words, 6, nanoseconds)
    return times
  }

  return {
    setOwner: (handle, uid, gid) => void checked(done(calls.fchown(handle, uid, gid)), 'set owner'),
    setOwnerAt(at, name, uid, gid) {
      const set = named(name, path => calls.fchownat(folderOf(at), path, uid, gid, flag.noFollow))
      checked(set, 'set owner')
    },
    setMode: (handle, mode) => void checked(done(calls.fchmod(handle, mode & modeMask)), 'set mode'),
    setTime(handle, seconds, nanoseconds) {
      checked(done(calls.futimens(handle, time(seconds, nanoseconds))), 'set time')
    },
    setTimeAt(at, name, seconds, nanoseconds) {
      const set = named(name, path =>
        calls.utimensat(folderOf(at), path, time(seconds, nanoseconds), flag.noFollow),
      )
      checked(set, 'set time')
    },
  }
}
