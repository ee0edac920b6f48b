/** How long what may last. */
import type { Objective } from '../policy/settings.ts'

/** Milliseconds. A policy sets the first two. */
export interface HealthRules {
  /** Changes that wait, on a device that is on. */
  readonly changesAtRiskMs: number
  readonly changesUnprotectedMs: number
  readonly silentAtRiskMs: number
  readonly silentUnprotectedMs: number
  /** Without a complete snapshot of a device that nobody watches, or that says nothing of itself. */
  readonly blindAtRiskMs: number
  readonly blindUnprotectedMs: number
  /** Connected, but without a heartbeat or a commit. */
  readonly muteAtRiskMs: number
  readonly unreadAtRiskMs: number
  readonly escrowAtRiskMs: number
  /** A device's clock may differ so far without being named. */
  readonly clockMs: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export const usualRules: HealthRules = {
  changesAtRiskMs: 24 * hourMs,
  changesUnprotectedMs: 72 * hourMs,
  // A week off is an ordinary week.
  silentAtRiskMs: 7 * dayMs,
  silentUnprotectedMs: 14 * dayMs,
  // A nightly backup that was missed once is no alarm.
  blindAtRiskMs: 48 * hourMs,
  blindUnprotectedMs: 7 * dayMs,
  muteAtRiskMs: hourMs,
  // A file that is open for a day is open on purpose.
  unreadAtRiskMs: 24 * hourMs,
  escrowAtRiskMs: 7 * dayMs,
  clockMs: 5 * 60_000,
}

/** With what the policy of a device asks for. */
export function rulesFor({ atRiskHours, unprotectedHours }: Objective): HealthRules {
  return {
    ...usualRules,
    changesAtRiskMs: atRiskHours * hourMs,
    changesUnprotectedMs: unprotectedHours * hourMs,
  }
}
