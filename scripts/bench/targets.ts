/** What we promise to reach, against restic in the same run; docs/performance.md. */
import type { Row } from './rows.ts'

export interface Target {
  readonly corpus: string
  readonly work: string
  readonly measure: 'wall' | 'stored' | 'growth' | 'rss'
  /** A part of what restic takes; of `rss`, MiB. */
  readonly floor: number
  readonly goal: number
}

export const targets: readonly Target[] = [
  { corpus: 'source', work: 'first', measure: 'wall', floor: 0.4, goal: 0.33 },
  { corpus: 'source', work: 'first', measure: 'stored', floor: 0.8, goal: 0.75 },
  { corpus: 'source', work: 'first', measure: 'rss', floor: 250, goal: 150 },
  { corpus: 'source', work: 'unchanged', measure: 'wall', floor: 0.3, goal: 0.1 },
  { corpus: 'source', work: 'restore', measure: 'wall', floor: 0.6, goal: 0.33 },
  { corpus: 'source', work: 'restore_folder', measure: 'wall', floor: 0.6, goal: 0.3 },
  { corpus: 'image', work: 'first', measure: 'wall', floor: 0.6, goal: 0.4 },
  { corpus: 'image', work: 'first', measure: 'rss', floor: 250, goal: 150 },
  { corpus: 'image', work: 'changed', measure: 'wall', floor: 0.5, goal: 0.3 },
  { corpus: 'image', work: 'changed', measure: 'growth', floor: 0.1, goal: 0.02 },
  { corpus: 'small', work: 'first', measure: 'wall', floor: 0.4, goal: 0.33 },
  { corpus: 'small', work: 'first', measure: 'stored', floor: 0.7, goal: 0.62 },
  { corpus: 'small', work: 'first', measure: 'rss', floor: 250, goal: 150 },
]

export type Verdict = 'goal' | 'floor' | 'missed'

export interface Judged {
  readonly target: Target
  readonly value: number
  readonly verdict: Verdict
}

/** Targets for which there is a measurement, and something to compare it with. */
export function judge(rows: readonly Row[]): Judged[] {
  return targets.flatMap(target => {
    const ours = rowOf(rows, target, 'backstay')
    const theirs = rowOf(rows, target, 'restic')
    if (ours === undefined) return []
    const value = target.measure === 'rss' ? (ours.rss_bytes ?? 0) / 2 ** 20 : ratio(target, ours, theirs)
    if (value === undefined) return []
    const verdict = value <= target.goal ? 'goal' : value <= target.floor ? 'floor' : 'missed'
    return [{ target, value, verdict }]
  })
}

function ratio(target: Target, ours: Row, theirs: Row | undefined): number | undefined {
  if (theirs === undefined) return undefined
  const of = { wall: 'wall_s', stored: 'stored_bytes', growth: 'growth_bytes' } as const
  const field = of[target.measure as keyof typeof of]
  const [own, other] = [ours[field], theirs[field]]
  return own !== undefined && other ? own / other : undefined
}

function rowOf(rows: readonly Row[], { corpus, work }: Target, tool: string): Row | undefined {
  return rows.find(row => row.corpus === corpus && row.work === work && row.tool === tool)
}
