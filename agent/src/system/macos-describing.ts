/** Owner, mode and time on macOS, never of what a symlink points to. */
import { constants } from 'node:os'
import type { MacosCalls } from './macos-calls.ts'
import { at as atFlag, atOf, macosNumbers } from './macos-numbers.ts'
import type { MacosStat } from './macos-stat.ts'
import { posixNaming } from './posix-calls.ts'
import { posixDescribing } from './posix-describing.ts'
import { type Describing, emptyStat, modeMask } from './system.ts'
import { checked } from './system-error.ts'

export function macosDescribing(calls: MacosCalls, stats: Pick<MacosStat, 'tryStatAt'>): Describing {
  const { named } = posixNaming(calls)
  const stat = emptyStat()
  return {
    ...posixDescribing(calls, macosNumbers),
    setModeAt(at, name, mode) {
      // Symlinks have modes there. Nobody asks for them, and other systems have none.
      checked(stats.tryStatAt(at, name, stat), 'set mode')
      if (stat.kind === 'symlink') checked(-constants.errno.EOPNOTSUPP, 'set mode')
      const set = named(name, path => calls.fchmodat(atOf(at), path, mode & modeMask, atFlag.noFollow))
      checked(set, 'set mode')
    },
  }
}
