/** When a scheduled report is due: by the clock and calendar of the collector's machine. Pure but for its time zone. */
import type { ScheduleBody } from '@backstay/proto/rest/reports'

type Rhythm = Pick<ScheduleBody, 'every' | 'hour'>

/** The last time at or before `nowMs` at which it was due. */
export function lastDue({ every, hour }: Rhythm, nowMs: number): number {
  const at = new Date(nowMs)
  at.setHours(hour, 0, 0, 0)
  if (at.getTime() > nowMs) at.setDate(at.getDate() - 1)
  if (every === 'week') at.setDate(at.getDate() - ((at.getDay() + 6) % 7))
  if (every === 'month') at.setDate(1)
  return at.getTime()
}

/** The first time behind `nowMs`. */
export function nextDue(rhythm: Rhythm, nowMs: number): number {
  const at = new Date(lastDue(rhythm, nowMs))
  if (rhythm.every === 'day') at.setDate(at.getDate() + 1)
  if (rhythm.every === 'week') at.setDate(at.getDate() + 7)
  if (rhythm.every === 'month') at.setMonth(at.getMonth() + 1)
  return at.getTime()
}
