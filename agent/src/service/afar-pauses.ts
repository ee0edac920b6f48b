/**
 * What the admins' pauses of this device add up to. Each begins only while all of the last seven days, with it, stay below
 * the limit, whoever signed them: a stolen key takes a day of protection in a week, and not more.
 *
 *     const { spans, leftMs } = afarAllowance(record.afarPauses, now)
 *
 * Times are of the wall clock. One that was written while the clock ran ahead counts as of now: no clock that is wrong for
 * a while gives a pause away.
 */
import { afarPauseMinutesMax } from '@backstay/proto/trust/job'

/** One that ended sooner than it was meant to ends here; none overlaps another. */
export interface AfarPause {
  readonly sinceMs: number
  readonly untilMs: number
}

const minuteMs = 60_000
const windowMs = 7 * 86_400_000
const afarMsMax = afarPauseMinutesMax * minuteMs
/** Each counts for a minute at least, so no more fit into the window. */
export const afarPausesMax = afarPauseMinutesMax + 1

export interface Allowance {
  /** Those that still count. */
  readonly spans: readonly AfarPause[]
  readonly leftMs: number
}

export function afarAllowance(pauses: readonly AfarPause[], nowMs: number): Allowance {
  const spans = pauses.map(one => notAhead(one, nowMs)).filter(one => one.untilMs > nowMs - windowMs)
  const spentMs = spans.reduce((sum, { sinceMs, untilMs }) => sum + (untilMs - sinceMs), 0)
  return { spans, leftMs: Math.max(0, afarMsMax - spentMs) }
}

/** With one from now on; it goes on from one that runs. */
export function withPause(spans: readonly AfarPause[], nowMs: number, untilMs: number): readonly AfarPause[] {
  const last = spans.at(-1)
  if (last === undefined || last.untilMs <= nowMs) return [...spans, { sinceMs: nowMs, untilMs }]
  return [...spans.slice(0, -1), { ...last, untilMs: Math.max(last.untilMs, untilMs) }]
}

/** What was not used of the one that runs is given back. */
export function withoutRest(spans: readonly AfarPause[], nowMs: number): readonly AfarPause[] {
  const ended = ({ sinceMs, untilMs }: AfarPause): AfarPause => ({
    sinceMs,
    untilMs: Math.min(untilMs, Math.max(nowMs, sinceMs + minuteMs)),
  })
  return spans.map(ended)
}

function notAhead({ sinceMs, untilMs }: AfarPause, nowMs: number): AfarPause {
  const aheadMs = Math.max(0, sinceMs - nowMs)
  return { sinceMs: sinceMs - aheadMs, untilMs: untilMs - aheadMs }
}
