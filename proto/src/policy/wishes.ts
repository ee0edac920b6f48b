/** Which retention a device's policies wish. A shorter wish is a destructive word: it waits a week beside the one before. */
import { effectivePolicy } from './effective.ts'
import type { Retention } from './settings.ts'
import { type Place, type StandingOrder, standingOf } from './standing.ts'

export interface OrderFact {
  /** Verified under the Trust of now. */
  readonly order: StandingOrder
  /** When it came in, by the collector's retention clock. */
  readonly heldSinceMs: number
}

/** Long enough for the others to hear of it and to object. */
export const policyWaitMs = 7 * 86_400_000

/**
 * Of the policy that is in effect, and of those that were until less than a week ago, whether another layer, another
 * group or another place in the groups changed it. `facts` in the order in which they came.
 */
export function wishesOf(facts: readonly OrderFact[], place: Place, nowMs: number): Retention[] {
  const own = facts.filter(({ order }) => order.kind !== 'assignment' || order.devices.includes(place.device))
  const older = own.filter(one => one.heldSinceMs <= nowMs - policyWaitMs)
  const recent = own.filter(one => one.heldSinceMs > nowMs - policyWaitMs)
  const wishes = new Map<string, Retention>()
  for (let count = 0; count <= recent.length; count++) {
    const orders = [...older, ...recent.slice(0, count)].map(one => one.order)
    const { retention } = effectivePolicy(standingOf(orders), place).values
    wishes.set(JSON.stringify(retention), retention)
  }
  return [...wishes.values()]
}
