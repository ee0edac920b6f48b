/** Owner, mode and time on Linux, never of what a symlink points to. */

import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import { utf8 } from '@backstay/proto/bytes'
import type { LinuxCalls } from './linux-calls.ts'
import { at as atFlag, callNumber, open, timeOmit } from './linux-numbers.ts'
import { pathBuffer, setInt64 } from './scratch.ts'
import { type Describing, emptyStat, type Handle, modeMask, type Reading } from './system.ts'
import { checked } from './system-error.ts'

const { ENOSYS, EPERM, EOPNOTSUPP } = constants.errno

export function linuxDescribing(calls: LinuxCalls, reading: Pick<Reading, 'tryStat'>): Describing {
  const path = pathBuffer()
  const link = pathBuffer()
  // Two timespecs, access and change of content: seconds and nanoseconds of 64 bits each.
  const times = new Uint8Array(32)
  const words = new Uint32Array(times.buffer)
  words[2] = timeOmit
  let hasModeCall = true

  const done = (result: number): number => (result < 0 ? -calls.errno() : result)

  function time(seconds: number, nanoseconds: number): Bytes {
    setInt64(words, 4, seconds)
    words[6] = nanoseconds
    return times
  }

  /** Before Linux 6.6: hold the inode itself, see that it is no symlink, and set the mode through /proc. */
  function modeByHold(at: Handle, name: Bytes, mode: number): number {
    const refused = path.set(name)
    if (refused < 0) return refused
    const flags = open.pathOnly | open.noFollow | open.closeOnExec
    const held = done(calls.openat(at, path.bytes, flags, 0))
    if (held < 0) return held
    try {
      const stat = emptyStat()
      const known = reading.tryStat(held, stat)
      if (known < 0) return known
      if (stat.kind === 'symlink') return -EOPNOTSUPP
      link.set(utf8(`/proc/self/fd/${held}`))
      return done(calls.chmod(link.bytes, mode))
    } finally {
      calls.close(held)
    }
  }

  function modeAt(at: Handle, name: Bytes, mode: number): number {
    if (!hasModeCall) return modeByHold(at, name, mode)
    const result = done(calls.fchmodat2(callNumber.fchmodat2, at, path.bytes, mode, atFlag.noFollow))
    // Sandboxes answer EPERM for calls that they do not know.
    if (result !== -ENOSYS && result !== -EPERM) return result
    hasModeCall = result !== -ENOSYS
    return modeByHold(at, name, mode)
  }

  return {
    setOwner: (handle, uid, gid) => void checked(done(calls.fchown(handle, uid, gid)), 'set owner'),
    setOwnerAt(at, name, uid, gid) {
      checked(path.set(name), 'set owner')
      checked(done(calls.fchownat(at, path.bytes, uid, gid, atFlag.noFollow)), 'set owner')
    },
    setMode: (handle, mode) => void checked(done(calls.fchmod(handle, mode & modeMask)), 'set mode'),
    setModeAt(at, name, mode) {
      checked(path.set(name), 'set mode')
      checked(modeAt(at, name, mode & modeMask), 'set mode')
    },
    setTime(handle, seconds, nanoseconds) {
      checked(done(calls.futimens(handle, time(seconds, nanoseconds))), 'set time')
    },
    setTimeAt(at, name, seconds, nanoseconds) {
      checked(path.set(name), 'set time')
      const set = calls.utimensat(at, path.bytes, time(seconds, nanoseconds), atFlag.noFollow)
      checked(done(set), 'set time')
    },
  }
}
