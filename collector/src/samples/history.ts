/** Samples as charts want them: one row a day. Pure. */
import type { Day } from '@backstay/proto/rest/overview'

export interface Sample {
  readonly atMs: number
  /** By state. */
  readonly states: Readonly<Record<string, number>>
  /** Not retired. */
  readonly devices: number
  /** Protected, or offline and complete. */
  readonly protected: number
  /** Since the sample before. */
  readonly snapshots: number
  /** By which the stored bytes grew since the sample before; what went meanwhile is not told apart. */
  readonly addedBytes: number
  readonly storedBytes: number
  readonly diskBytes: number
  readonly freeBytes: number
}

const dayMs = 86_400_000

/** Days by UTC. Those without a sample are left out: the collector did not run. */
export function daysOf(samples: readonly Sample[]): Day[] {
  return merged(samples).map(({ atMs, snapshots, addedBytes, storedBytes, protected: well, devices }) => ({
    ...{ dayMs: startOfDay(atMs), snapshots, addedBytes, storedBytes, protected: well, devices },
  }))
}

/** One sample a day: how it was at its end, and what came in during all of it. */
export function merged(samples: readonly Sample[]): Sample[] {
  const days = Map.groupBy(
    samples.toSorted((a, b) => a.atMs - b.atMs),
    ({ atMs }) => startOfDay(atMs),
  )
  return [...days.values()].flatMap(day => {
    const last = day.at(-1)
    if (last === undefined) return []
    const sum = (of: (sample: Sample) => number) => day.reduce((total, sample) => total + of(sample), 0)
    return { ...last, snapshots: sum(one => one.snapshots), addedBytes: sum(one => one.addedBytes) }
  })
}

export function startOfDay(atMs: number): number {
  return Math.floor(atMs / dayMs) * dayMs
}
