/**
 * A policy may name less than the one before: it is obeyed, and said. Otherwise one signature, stolen or careless, would
 * empty every snapshot of the fleet while all looks well.
 */
import type { Alarm } from '../alarm.ts'
import { timeText } from '../commands/text.ts'
import { flagMs, type Stood, seenAgain, standsSince } from './root-guard.ts'

export interface Coverage {
  /** What the policy named: a hash of its backup sets and excludes. */
  readonly scope: string
  /** In the newest snapshot under it. */
  readonly entries: number
  /** Since the policy named less than half of what one before it did. */
  readonly drop: (Stood & { readonly entriesBefore: number }) | undefined
}

/** `entries`: of a snapshot that was just taken under `scope`. */
export function judgeCoverage(
  before: Coverage | undefined,
  scope: string,
  entries: number,
  nowMs: number,
): Coverage {
  const drop = before === undefined ? undefined : dropOf(before, scope, entries, nowMs)
  return { scope, entries, drop }
}

export function coverageAlarms(coverage: Coverage | undefined): Alarm[] {
  if (coverage?.drop === undefined) return []
  const { entries, drop } = coverage
  const since = timeText(drop.sinceMs)
  const message = `since ${since} the policy covers ${entries} entries of this device, ${drop.entriesBefore} before`
  return [{ code: 'coverage_dropped', message }]
}

function dropOf(before: Coverage, scope: string, entries: number, nowMs: number): Coverage['drop'] {
  const { drop } = before
  // People delete half of their files on their own; only another policy is judged.
  if (drop === undefined && before.scope === scope) return undefined
  const entriesBefore = drop?.entriesBefore ?? before.entries
  if (entries >= entriesBefore / 2) return undefined
  const stood = seenAgain(drop ?? { entriesBefore, ...standsSince(nowMs) }, nowMs)
  // After a week nobody objected, it is what is wanted.
  return stood.heldMs < flagMs ? stood : undefined
}
