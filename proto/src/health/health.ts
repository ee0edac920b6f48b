/**
 * How well a device is protected: a pure function of facts, rules and the time, the same for the collector, which notices
 * changes, and for the console, which believes only what it verified.
 *
 *     judge(facts, usualRules, now)   // { state: 'at_risk', sinceMs, reasons: [{ code: 'root_emptied', … }] }
 *
 * A machine that is off is not in danger: with nothing waiting on it, it is `offline_complete` until its silence is too
 * long. What waits grows older whether or not the device is there. A device's clock is a fact that is shown and moves no
 * state. `sinceMs` is when the trouble began, not when somebody looked.
 */
import { type DeviceFacts, lastContactMs, oldestChangeMs } from './facts.ts'
import { findings, type Reason } from './reasons.ts'
import { type HealthRules, usualRules } from './rules.ts'

export type { DeviceFacts } from './facts.ts'
export type { Reason, ReasonCode } from './reasons.ts'
export { type HealthRules, usualRules } from './rules.ts'

export type HealthState =
  | ('protected' | 'offline_complete' | 'paused')
  | ('at_risk' | 'unprotected' | 'never_backed_up')
  | 'retired'

export interface Health {
  readonly state: HealthState
  /** By the collector's clock: when the trouble began; of a protected device its newest complete snapshot. */
  readonly sinceMs: number
  /** The gravest first, then the oldest. Never empty unless the device is protected. */
  readonly reasons: readonly Reason[]
}

const gravity: Readonly<Record<HealthState | 'note', number>> = {
  note: 0,
  protected: 0,
  retired: 0,
  offline_complete: 1,
  paused: 2,
  at_risk: 3,
  unprotected: 4,
  never_backed_up: 5,
}

export function judge(facts: DeviceFacts, rules: HealthRules = usualRules, nowMs: number): Health {
  const { revokedAtMs, lastCompleteAtMs, enrolledAtMs } = facts
  if (revokedAtMs !== undefined) {
    const reasons = [{ code: 'revoked', grade: 'retired', sinceMs: revokedAtMs, count: 1, what: '' } as const]
    return { state: 'retired', sinceMs: revokedAtMs, reasons }
  }
  const reasons = findings(facts, rules, nowMs).toSorted(
    (a, b) => gravity[b.grade] - gravity[a.grade] || a.sinceMs - b.sinceMs,
  )
  const [worst] = reasons
  if (worst !== undefined && worst.grade !== 'note') {
    return { state: worst.grade, sinceMs: worst.sinceMs, reasons }
  }
  const isComplete = facts.heard !== undefined && oldestChangeMs(facts) === undefined
  if (facts.onlineSinceMs === undefined && isComplete) {
    return { state: 'offline_complete', sinceMs: lastContactMs(facts, nowMs), reasons }
  }
  return { state: 'protected', sinceMs: lastCompleteAtMs ?? enrolledAtMs, reasons }
}

/** 0: nothing to do. 1 at risk, 2 unprotected, 3 never backed up. */
export function danger(state: HealthState): 0 | 1 | 2 | 3 {
  return Math.max(0, gravity[state] - gravity.paused) as 0 | 1 | 2 | 3
}
