/** Gives every entry a time of change of its own, to the nanosecond, from 1901 to 2446. */
import type { Handle, StatBuffer } from '@backstay/agent/system/system'
import { emptyStat } from '@backstay/agent/system/system'
import type { Random } from '../random.ts'
import { walkTree } from '../walk-tree.ts'
import type { Grove } from './grove.ts'

/** What ext4 holds; others hold more. */
const earliestS = -2_147_483_648
const latestS = 15_032_385_534
const year2000 = 946_684_800
const year2026 = 1_767_225_600
const year2106 = 4_294_967_296

export function awkwardTimes(grove: Grove, top: Handle): void {
  const { system, random } = grove
  const stat = emptyStat()
  for (const { folder, name } of walkTree(system, top)) {
    const [seconds, nanoseconds] = someTime(random)
    grove.attempt(classOf(seconds), () => {
      system.setTimeAt(folder, name, seconds, nanoseconds)
      system.tryStatAt(folder, name, stat)
    })
    if (!holds(stat, seconds, nanoseconds)) clamped(grove, seconds)
  }
  system.setTime(top, ...someTime(random))
}

function clamped(grove: Grove, seconds: number): void {
  const { impossible } = grove.summary
  const what = `${classOf(seconds)}, exactly`
  if (impossible.some(entry => entry.what === what)) return
  Object.assign(impossible, { [impossible.length]: { what, why: 'the file system rounds or clamps it' } })
}

const holds = (stat: StatBuffer, seconds: number, nanoseconds: number): boolean =>
  stat.mtimeS === seconds && stat.mtimeNs === nanoseconds

function classOf(seconds: number): string {
  if (seconds < 0) return 'time before 1970'
  return seconds >= year2106 ? 'time after 2106' : 'time'
}

function someTime(random: Random): readonly [number, number] {
  const chance = random.below(100)
  if (chance === 0)
    return [random.pick([earliestS, latestS, -1, 0, year2106, 2 ** 31]), random.pick([0, 1, 999_999_999])]
  const nanoseconds = random.below(1_000_000_000)
  if (chance < 6) return [-random.below(2_147_483_648), nanoseconds]
  if (chance < 12) return [year2106 + random.below(latestS - year2106), nanoseconds]
  return [year2000 + random.below(year2026 - year2000), nanoseconds]
}
