/**
 * Which snapshots of one device stay and which may go: a pure function, so that a collector, its console and a rebuild
 * say the same. docs/format.md §9.6.
 *
 *     keepDaily 3     Mon  ▪ · · ▪     Tue  ▪ ▪     Wed  (none)     Thu  ▪ · ▪        ▪ stays, · may go
 *
 * Of each of the newest days, weeks, months and years that have snapshots the oldest and the newest stay: a device that
 * sleeps for a year loses nothing by it, and one that commits ten thousand times in an hour pushes nothing out. Time is
 * the collector's retention clock; a device's clock decides nothing.
 */
import type { ObjectId } from '../object/id.ts'
import type { Retention } from './settings.ts'

export interface Retained {
  /** Record id of the commit. */
  readonly id: ObjectId
  readonly sequence: number
  /** When it came in, by the collector's retention clock. */
  readonly heldSinceMs: number
  /** False: a snapshot on the way of a long backup. */
  readonly complete: boolean
}

export interface RetentionRule {
  /** A snapshot stays when any of them keeps it: a shorter wish waits a week beside the longer one before it. */
  readonly wishes: readonly Retention[]
  /** Days; no wish goes below. */
  readonly minimumAgeDays: number
  readonly pinned: ReadonlySet<ObjectId>
  /** A legal hold covers the device. */
  readonly held: boolean
  /** Owners let all of it go: no wish, no age and no count keeps it, but pins and holds do. */
  readonly erased: boolean
}

/** Why a snapshot stays. */
export type Reason =
  /** The newest complete or incomplete one: the agent builds on them. */
  | { readonly code: 'newest' | 'newest_complete' | 'newest_incomplete' }
  /** One of the last complete ones, however old. */
  | { readonly code: 'minimum_count' }
  | { readonly code: 'minimum_age' | 'within'; readonly untilMs: number }
  /** The oldest or newest of its day (2026-01-31), week (its Monday), month (2026-01) or year (2026). */
  | {
      readonly code: 'daily' | 'weekly' | 'monthly' | 'yearly'
      readonly bucket: string
      readonly edge: 'oldest' | 'newest'
    }
  | { readonly code: 'pin' | 'hold' }
  /** No wish at all, or one without a number: nothing goes. */
  | { readonly code: 'forever' }

export type Verdict =
  | { readonly state: 'stays'; readonly snapshot: Retained; readonly reasons: readonly Reason[] }
  /** `sinceMs`: the moment from which no limit of time kept it. */
  | { readonly state: 'may_go'; readonly snapshot: Retained; readonly sinceMs: number }

/** So many complete snapshots stay whatever a policy says. */
export const minimumCount = 3
/** Trust may ask for more days, not for fewer. */
export const minimumAgeDaysFloor = 30
const dayMs = 86_400_000

/** One verdict for each snapshot, oldest first. */
export function retain(snapshots: readonly Retained[], rule: RetentionRule, nowMs: number): Verdict[] {
  const ordered = snapshots.toSorted((a, b) => a.sequence - b.sequence || (a.id < b.id ? -1 : 1))
  const reasons = new Map<ObjectId, Reason[]>(ordered.map(({ id }) => [id, []]))
  const keep = (snapshot: Retained | undefined, reason: Reason) =>
    snapshot === undefined ? undefined : reasons.get(snapshot.id)?.push(reason)

  if (!rule.erased) keepFloors(ordered, keep)
  for (const snapshot of ordered) {
    if (rule.pinned.has(snapshot.id)) keep(snapshot, { code: 'pin' })
    if (rule.held) keep(snapshot, { code: 'hold' })
    const untilMs = snapshot.heldSinceMs + minimumAgeMs(rule)
    if (!rule.erased && nowMs < untilMs) keep(snapshot, { code: 'minimum_age', untilMs })
  }
  if (!rule.erased) keepByWishes(ordered, rule.wishes, nowMs, keep)
  return ordered.map(snapshot => {
    const why = reasons.get(snapshot.id) ?? []
    if (why.length > 0) return { state: 'stays', snapshot, reasons: distinct(why) }
    return {
      state: 'may_go',
      snapshot,
      sinceMs: rule.erased ? nowMs : snapshot.heldSinceMs + longestMs(rule),
    }
  })
}

type Keep = (snapshot: Retained | undefined, reason: Reason) => void

/** What an agent relies on, and what no policy may take. */
function keepFloors(ordered: readonly Retained[], keep: Keep): void {
  const complete = ordered.filter(one => one.complete)
  keep(ordered.at(-1), { code: 'newest' })
  keep(complete.at(-1), { code: 'newest_complete' })
  keep(
    ordered.findLast(one => !one.complete),
    { code: 'newest_incomplete' },
  )
  const counted = complete.length > 0 ? complete : ordered
  for (const one of counted.slice(-minimumCount)) keep(one, { code: 'minimum_count' })
}

function keepByWishes(
  ordered: readonly Retained[],
  wishes: readonly Retention[],
  nowMs: number,
  keep: Keep,
): void {
  if (wishes.length === 0) for (const one of ordered) keep(one, { code: 'forever' })
  for (const wish of wishes) keepWished(ordered, wish, nowMs, keep)
}

function keepWished(ordered: readonly Retained[], wish: Retention, nowMs: number, keep: Keep): void {
  if (isForever(wish)) {
    for (const one of ordered) keep(one, { code: 'forever' })
    return
  }
  for (const one of ordered) {
    const untilMs = one.heldSinceMs + wish.keepWithinDays * dayMs
    if (nowMs < untilMs) keep(one, { code: 'within', untilMs })
  }
  for (const [code, bucketOf, count] of [
    ['daily', dayOf, wish.keepDaily],
    ['weekly', mondayOf, wish.keepWeekly],
    ['monthly', monthOf, wish.keepMonthly],
    ['yearly', yearOf, wish.keepYearly],
  ] as const) {
    const buckets = Map.groupBy(ordered, one => bucketOf(one.heldSinceMs))
    for (const bucket of newest([...buckets.keys()], count)) {
      const all = buckets.get(bucket) ?? []
      const complete = all.filter(one => one.complete)
      const edges = complete.length > 0 ? complete : all
      keep(edges[0], { code, bucket, edge: 'oldest' })
      if (edges.length > 1) keep(edges.at(-1), { code, bucket, edge: 'newest' })
    }
  }
}

/** Names of buckets sort as their times do. */
function newest(buckets: readonly string[], count: number): string[] {
  return buckets.toSorted().slice(Math.max(0, buckets.length - count))
}

/** All zero: the wish of somebody who wishes nothing to go. */
function isForever(wish: Retention): boolean {
  const { keepWithinDays, keepDaily, keepWeekly, keepMonthly, keepYearly } = wish
  return keepWithinDays + keepDaily + keepWeekly + keepMonthly + keepYearly === 0
}

function minimumAgeMs(rule: RetentionRule): number {
  return Math.max(minimumAgeDaysFloor, rule.minimumAgeDays) * dayMs
}

function longestMs(rule: RetentionRule): number {
  return Math.max(minimumAgeMs(rule), ...rule.wishes.map(wish => wish.keepWithinDays * dayMs))
}

/** Two wishes may give one reason. */
function distinct(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map(reason => [JSON.stringify(reason), reason])).values()]
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const monthOf = (ms: number) => new Date(ms).toISOString().slice(0, 7)
const yearOf = (ms: number) => new Date(ms).toISOString().slice(0, 4)
/** ISO 8601: a week begins on Monday. UTC, like all of them. */
const mondayOf = (ms: number) => dayOf(ms - ((new Date(ms).getUTCDay() + 6) % 7) * dayMs)
