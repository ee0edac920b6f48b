/** `stat` and `statAt` of a platform, from the calls that return what was refused. */
import { emptyStat, type Reading } from './system.ts'
import { checked } from './system-error.ts'

export type Stats = Pick<Reading, 'stat' | 'statAt' | 'tryStat' | 'tryStatAt'>

export function thrownStat(tries: Pick<Stats, 'tryStat' | 'tryStatAt'>): Stats {
  return {
    ...tries,
    stat(handle) {
      const stat = emptyStat()
      checked(tries.tryStat(handle, stat), 'stat')
      return stat
    },
    statAt(at, name) {
      const stat = emptyStat()
      checked(tries.tryStatAt(at, name, stat), 'stat')
      return stat
    },
  }
}
