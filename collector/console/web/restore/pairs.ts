/** Which snapshots are compared to show what each one changed. */
import type { SnapshotRow } from '../keys/vault-answers.ts'

/** So many bars fit; what is older is compared with *Compare*. */
export const barsMax = 40

export interface Pair {
  readonly before: number
  readonly after: number
}

/** Complete snapshots beside each other, newest first. What is on the way of a long backup says nothing. */
export function pairsOf(snapshots: readonly SnapshotRow[], most = barsMax): readonly Pair[] {
  const whole = snapshots.filter(one => one.complete).slice(0, most + 1)
  return whole.slice(1).map(({ sequence }, index) => {
    return { before: sequence, after: whole[index]?.sequence ?? sequence }
  })
}
