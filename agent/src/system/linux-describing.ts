/** Owner, mode and time on Linux, never of what a symlink points to. */

import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import { utf8 } from '@backstay/proto/bytes'
import type { LinuxCalls } from './linux-calls.ts'
import { at as atFlag, callNumber, linuxNumbers, open } from './linux-numbers.ts'
import { posixNaming } from './posix-calls.ts'
import { posixDescribing } from './posix-describing.ts'
import { pathBuffer } from './scratch.ts'
import { type Describing, emptyStat, type Handle, modeMask, type Reading } from './system.ts'
import { checked } from './system-error.ts'

const { ENOSYS, EPERM, EOPNOTSUPP } = constants.errno

export function linuxDescribing(calls: LinuxCalls, reading: Pick<Reading, 'tryStat'>): Describing {
  const { done } = posixNaming(calls)
  const path = pathBuffer()
  const link = pathBuffer()
  let hasModeCall = true

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
    ...posixDescribing(calls, linuxNumbers),
    setModeAt(at, name, mode) {
      checked(path.set(name), 'set mode')
      checked(modeAt(at, name, mode & modeMask), 'set mode')
    },
  }
}
