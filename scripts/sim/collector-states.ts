/**
 * What the collector shows of simulated laptops, held against what is true of them. It may say that a device is well only
 * as long as its newest complete snapshot lacks no change, and no file that could not be read, for longer than such may wait.
 */
import type { ViewedDevice } from '@backstay/collector/fleet/fleet-view'
import { usualRules } from '@backstay/proto/health/health'
import type { Laptop } from './laptop.ts'

const hourMs = 3_600_000
/** Until a device that says nothing is mute, and until somebody looks. */
export const noticedMs = usualRules.muteAtRiskMs + hourMs

/** As things were when the collector was last to know: of a device that is off since, nobody can tell more. */
export function falselyWell(
  { health, row }: ViewedDevice,
  { name, heardMs, countsFromMs, acknowledged, attempts, history }: Laptop,
): string | undefined {
  if (health.state !== 'protected' && health.state !== 'offline_complete') return undefined
  const told = acknowledged.at(-1)
  // Published, and the device was not told.
  const sequence = row.head?.sequence ?? 0
  const untold = attempts.findLast(one => one.sequence === sequence && sequence > (told?.sequence ?? 0))
  const changedMs = history.firstChangeMs((untold ?? told)?.fromMs ?? Number.NEGATIVE_INFINITY)
  const whole = acknowledged.findLastIndex(one => one.unread === 0)
  // Of a snapshot that it was not told of, nobody here knows what is in it.
  const unreadMs = untold === undefined ? acknowledged[whole + 1]?.untilMs : undefined
  const { changesAtRiskMs, unreadAtRiskMs } = usualRules
  const tooLong = (sinceMs: number | undefined, mayMs: number) =>
    sinceMs !== undefined && heardMs - Math.max(sinceMs, countsFromMs) > mayMs + noticedMs
  if (!tooLong(changedMs, changesAtRiskMs) && !tooLong(unreadMs, unreadAtRiskMs)) return undefined
  const hours = [changedMs, unreadMs].map(ms => (ms === undefined ? 0 : Math.round((heardMs - ms) / hourMs)))
  return `${name} is shown as ${health.state}: a change waits for ${hours[0]} h, files are unread for ${hours[1]} h`
}
