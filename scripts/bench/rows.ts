/** Results: one for each corpus, work and tool, the median of its runs. */
import type { Measured } from './measure.ts'

export interface Row {
  readonly corpus: string
  readonly work: string
  readonly tool: string
  /** What was not measured of a work is not here. */
  readonly wall_s?: number
  /** User and system time; of Backstay, of agent and collector together. */
  readonly cpu_s?: number
  /** Largest resident set; of Backstay, of the agent. */
  readonly rss_bytes?: number
  /** The whole store afterwards. */
  readonly stored_bytes?: number
  /** By which the store grew. */
  readonly growth_bytes?: number
  readonly collector_cpu_s?: number
  readonly collector_rss_bytes?: number
  /** Of a restore: names that are not as they were. */
  readonly differences?: number
  readonly runs: number
}

export interface Sample {
  readonly corpus: string
  readonly work: string
  readonly tool: string
  readonly measured: Measured
  readonly storedBytes: number
  readonly growthBytes: number
  readonly differences: number | undefined
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length % 2 === 1) return sorted[middle] as number
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** In the order in which each was first measured. */
export function rowsOf(samples: readonly Sample[]): Row[] {
  const groups = Map.groupBy(samples, ({ corpus, work, tool }) => `${corpus} ${work} ${tool}`)
  return [...groups.values()].map(rowOf)
}

function rowOf(samples: readonly Sample[]): Row {
  const [{ corpus, work, tool }] = samples as [Sample]
  const of = (value: (sample: Sample) => number | undefined) => {
    const values = samples.map(value).filter(one => one !== undefined)
    return values.length === 0 ? undefined : median(values)
  }
  const collectorCpu = of(({ measured }) => measured.serverCpuS)
  const collectorRss = of(({ measured }) => measured.serverRssBytes)
  const differences = of(sample => sample.differences)
  return {
    ...{ corpus, work, tool, runs: samples.length },
    wall_s: rounded(of(({ measured }) => measured.wallS) ?? 0),
    cpu_s: rounded(of(({ measured }) => measured.cpuS) ?? 0),
    rss_bytes: of(({ measured }) => measured.rssBytes) ?? 0,
    stored_bytes: of(sample => sample.storedBytes) ?? 0,
    growth_bytes: of(sample => sample.growthBytes) ?? 0,
    ...(collectorCpu !== undefined && { collector_cpu_s: rounded(collectorCpu) }),
    ...(collectorRss !== undefined && { collector_rss_bytes: collectorRss }),
    ...(differences !== undefined && { differences }),
  }
}

export const rounded = (value: number): number => Math.round(value * 1000) / 1000
