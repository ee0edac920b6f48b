/** Which retention a device's policies wish. A shorter wish is a destructive word: it waits a week beside the one before. */
import type { Bytes } from '../bytes.ts'
import { newestPolicyFor } from '../trust/orders.ts'
import type { Policy, Retention } from './policy.ts'

export interface PolicyFact {
  /** Verified under the Trust of now. */
  readonly policy: Policy
  /** When it came in, by the collector's retention clock. */
  readonly heldSinceMs: number
}

/** Long enough for the others to hear of it and to object. */
export const policyWaitMs = 7 * 86_400_000

const forever: Retention = { keepWithinDays: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 }

/**
 * Of the policy that counts, and of those that counted until less than a week ago. `policies` in the order in which they
 * came; `audience`: the ids of the device and of its grant.
 */
export function wishesOf(
  policies: readonly PolicyFact[],
  audience: readonly Bytes[],
  nowMs: number,
): Retention[] {
  const older = policies.filter(one => one.heldSinceMs <= nowMs - policyWaitMs)
  const recent = policies.filter(one => one.heldSinceMs > nowMs - policyWaitMs)
  const wishes: Retention[] = []
  for (let count = 0; count <= recent.length; count++) {
    const standing = [...older, ...recent.slice(0, count)].map(one => one.policy)
    wishes.push(newestPolicyFor(standing, audience)?.retention ?? forever)
  }
  return wishes
}
