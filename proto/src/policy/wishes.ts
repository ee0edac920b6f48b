/** Which retention a device's policies wish. A shorter wish is a destructive word: it waits a week beside the one before. */
import { effectivePolicy } from './effective.ts'
import type { Retention } from './settings.ts'
import { type Place, type StandingOrder, standingOf } from './standing.ts'

export interface OrderFact {
  readonly order: StandingOrder
  /** When it came in, by the collector's retention clock. */
  readonly heldSinceMs: number
}

/** The time of one Trust: who leaves with its end takes his orders along, and the older ones below them stand again. */
export interface Era {
  /** Of orders that count under this Trust, in the order in which they came. */
  readonly facts: readonly OrderFact[]
  /** When the next Trust came in, by the same clock; of today's Trust without end. */
  readonly untilMs: number
}

/** Long enough for the others to hear of it and to object. */
export const policyWaitMs = 7 * 86_400_000

/**
 * Of the policy that is in effect, and of those that were until less than a week ago, whether another layer, another
 * group, another place in the groups or the leaving of an admin changed it. `eras` as `recentEras` tells them.
 */
export function wishesOf(eras: readonly Era[], place: Place, nowMs: number): Retention[] {
  const wishes = new Map<string, Retention>()
  const sinceMs = nowMs - policyWaitMs
  for (const { facts, untilMs } of eras) {
    if (untilMs <= sinceMs) continue
    const own = facts.filter(
      ({ order, heldSinceMs }) =>
        heldSinceMs <= untilMs && (order.kind !== 'assignment' || order.devices.includes(place.device)),
    )
    const older = own.filter(one => one.heldSinceMs <= sinceMs)
    const recent = own.filter(one => one.heldSinceMs > sinceMs)
    for (let count = 0; count <= recent.length; count++) {
      const orders = [...older, ...recent.slice(0, count)].map(one => one.order)
      const { retention } = effectivePolicy(standingOf(orders), place).values
      wishes.set(JSON.stringify(retention), retention)
    }
  }
  return [...wishes.values()]
}
