/** Whose orders counted when, as far as it still decides what is kept. Collector and console reckon with the same. */
import type { Bytes } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import { type Era, type OrderFact, policyWaitMs } from '../policy/wishes.ts'
import type { Primitives } from '../primitives.ts'
import { verifyStanding } from './orders.ts'
import type { VerifiedTrust } from './trust.ts'

/** When each came in is by the collector's retention clock. */
export interface HeldTrust {
  readonly trust: VerifiedTrust
  readonly heldSinceMs: number
}

export interface HeldOrder {
  readonly envelope: Bytes
  readonly heldSinceMs: number
}

/** `trusts` is the whole chain in order, `orders` are those about policy. Today's Trust is the last era; none without Trust. */
export async function recentEras(
  p: Primitives,
  trusts: readonly HeldTrust[],
  orders: readonly HeldOrder[],
  nowMs: number,
): Promise<Era[]> {
  const ordered = orders.toSorted((a, b) => a.heldSinceMs - b.heldSinceMs)
  const eras: Era[] = []
  for (const [index, { trust }] of trusts.entries()) {
    const untilMs = trusts[index + 1]?.heldSinceMs ?? Number.POSITIVE_INFINITY
    if (untilMs > nowMs - policyWaitMs) eras.push({ facts: await counting(p, trust, ordered), untilMs })
  }
  return eras
}

async function counting(
  p: Primitives,
  trust: VerifiedTrust,
  orders: readonly HeldOrder[],
): Promise<OrderFact[]> {
  const facts: OrderFact[] = []
  for (const { envelope, heldSinceMs } of orders) {
    try {
      facts.push({ order: await verifyStanding(p, envelope, { trust, nowMs: 0, held: true }), heldSinceMs })
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return facts
}
