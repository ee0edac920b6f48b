/**
 * When the disk is full if it goes on as in the last weeks: the median of the slopes between all pairs of days (Theil and Sen),
 * which neither one great first backup nor one collection bends. Says so when nobody can know.
 */
import { merged, type Sample } from './history.ts'

export type Forecast =
  | { readonly kind: 'full'; readonly atMs: number; readonly bytesPerDay: number }
  /** It does not grow, or not within ten years. */
  | { readonly kind: 'not_in_sight'; readonly bytesPerDay: number }
  | { readonly kind: 'not_enough_history'; readonly days: number }

const dayMs = 86_400_000
/** A week has a weekend in it. */
const daysMin = 7
/** What was two months ago says little of tomorrow. */
const daysMax = 60
const sightMs = 3650 * dayMs

export function forecast(samples: readonly Sample[], nowMs: number): Forecast {
  const days = merged(samples.filter(({ atMs }) => nowMs - atMs <= daysMax * dayMs && atMs <= nowMs))
  const last = days.at(-1)
  if (last === undefined || days.length < daysMin) return { kind: 'not_enough_history', days: days.length }
  const slopes = days.flatMap((early, index) =>
    days.slice(index + 1).map(late => (used(late) - used(early)) / ((late.atMs - early.atMs) / dayMs)),
  )
  const bytesPerDay = median(slopes)
  const leftMs = (last.freeBytes / bytesPerDay) * dayMs
  if (bytesPerDay <= 0 || leftMs > sightMs) return { kind: 'not_in_sight', bytesPerDay }
  return { kind: 'full', atMs: Math.round(last.atMs + leftMs), bytesPerDay }
}

function used({ diskBytes, freeBytes }: Sample): number {
  return diskBytes - freeBytes
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}
