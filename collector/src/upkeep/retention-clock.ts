/**
 * The time by which snapshots grow old. It never runs faster than time passes: while the collector runs it advances by the
 * lesser of what the system's two clocks say, over a stop by at most a day and a week in a year, and never backwards. So
 * setting the clock forward deletes nothing early, however far; setting it back only keeps things longer.
 */
import type { Clock } from '@backstay/proto/clock'
import { readPosition, savePosition } from '../catalog/positions.ts'
import type { Sql } from '../catalog/sql.ts'

export interface RetentionClock {
  /** Milliseconds; only grows. */
  now(): number
  /** What it showed when it began in this catalog. */
  readonly begunMs: number
  /** The system's clock jumped: until then, by this clock, nothing may be forgotten or condemned. */
  readonly haltedUntilMs: number | undefined
  /** Remembers how far it came. */
  save(): Promise<void>
}

export interface ClockState {
  readonly ms: number
  /** What the system's clock showed then. */
  readonly wallMs: number
  /** So much of a stop may still be made up for. */
  readonly budgetMs: number
  readonly begunMs: number
  readonly haltedUntilMs: number
}

export interface RetentionClockOptions {
  readonly sql: Sql
  readonly vault: number
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  /** Only where the catalog holds no clock: what records in the packs say it showed last. */
  readonly recordedMs?: number | undefined
  readonly onTrouble?: (error: unknown) => void
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A weekend's worth of stops, so that nobody gains more by restarting again and again. */
const budgetMsMax = 7 * dayMs
const budgetRefill = budgetMsMax / (365 * dayMs)
const stopMsMax = dayMs
/** A machine that slept over night has not jumped; one whose clock was turned back has. */
const aheadMsMax = dayMs
const behindMsMax = hourMs
/** Time for somebody to see the alarm. */
const haltMs = 3 * dayMs
const position = 'retention clock'

export async function readClock(sql: Sql, vault: number): Promise<ClockState | undefined> {
  const value = await readPosition(sql, vault, position)
  return value === undefined ? undefined : (JSON.parse(value) as ClockState)
}

/**
 * For a catalog that was made anew: the clock goes on where it was, with what is left of its budget and of a halt, and
 * begins in this catalog now. `recordedMs`: what other records say it showed.
 */
export async function restoreClock(
  sql: Sql,
  vault: number,
  kept: Partial<ClockState>,
  recordedMs: number | undefined,
  wallMs: number,
): Promise<void> {
  if (!Number.isFinite(kept.ms)) return
  const ms = Math.max(kept.ms ?? 0, recordedMs ?? 0)
  const budgetMs = Math.min(budgetMsMax, Math.max(0, kept.budgetMs ?? 0))
  const state: ClockState = { ms, wallMs, budgetMs, begunMs: ms, haltedUntilMs: kept.haltedUntilMs ?? 0 }
  await savePosition(sql, vault, position, JSON.stringify(state))
}

export async function openRetentionClock(options: RetentionClockOptions): Promise<RetentionClock> {
  const { sql, vault, clock } = options
  const stored = await readClock(sql, vault)
  let wallMs = clock.now()
  let monotonicMs = clock.monotonic()
  let { ms, budgetMs, haltedUntilMs, begunMs } = stored ?? beginning(options.recordedMs ?? wallMs)

  function halt(why: string): void {
    haltedUntilMs = ms + haltMs
    options.onTrouble?.(new Error(`${why}: nothing is forgotten for ${haltMs / dayMs} days`))
  }

  if (stored !== undefined) {
    const stoppedMs = wallMs - stored.wallMs
    const madeUpMs = Math.max(0, Math.min(stoppedMs, stopMsMax, budgetMs))
    ms += madeUpMs
    budgetMs -= madeUpMs
    if (stoppedMs > aheadMsMax)
      halt(`the clock stands ${Math.round(stoppedMs / hourMs)} h beyond the last stop`)
    if (stoppedMs < -behindMsMax)
      halt(`the clock stands ${Math.round(-stoppedMs / hourMs)} h before the last stop`)
  }

  function tick(): void {
    const elapsedMs = clock.monotonic() - monotonicMs
    const shownMs = clock.now() - wallMs
    monotonicMs += elapsedMs
    wallMs += shownMs
    const passedMs = Math.max(0, Math.min(elapsedMs, shownMs))
    ms += passedMs
    budgetMs = Math.min(budgetMsMax, budgetMs + passedMs * budgetRefill)
    if (shownMs - elapsedMs > aheadMsMax) halt('the clock was set forward')
    if (elapsedMs - shownMs > behindMsMax) halt('the clock was set back')
  }

  const opened: RetentionClock = {
    begunMs,
    now() {
      tick()
      return Math.floor(ms)
    },
    get haltedUntilMs() {
      tick()
      return haltedUntilMs > ms ? haltedUntilMs : undefined
    },
    async save() {
      tick()
      const state: ClockState = { ms, wallMs, budgetMs, begunMs, haltedUntilMs }
      await savePosition(sql, vault, position, JSON.stringify(state))
    },
  }
  await opened.save()
  return opened
}

function beginning(ms: number): Omit<ClockState, 'wallMs'> {
  return { ms, begunMs: ms, budgetMs: budgetMsMax, haltedUntilMs: 0 }
}
