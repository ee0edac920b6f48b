/**
 * Which devices are erased: the one word of this product by which something goes that a rule would keep. One owner's waits a week, in
 * which a hold stops it; two owners' counts at once. Only of a device that is retired: nothing is taken from under one that works.
 */
import type { DeviceId } from '../object/id.ts'
import type { Erase } from '../trust/erase.ts'

export interface EraseFact {
  /** Verified: an owner signed it. */
  readonly erase: Erase
  /** Distinct owners who signed it. */
  readonly owners: number
  /** When it came in, by the collector's retention clock. */
  readonly heldSinceMs: number
}

/** Long enough for the others to hear of it and to object. */
export const eraseWaitMs = 7 * 86_400_000

export function eraseCountsFromMs({ owners, heldSinceMs }: EraseFact): number {
  return owners >= 2 ? heldSinceMs : heldSinceMs + eraseWaitMs
}

export function isErased(facts: readonly EraseFact[], device: DeviceId, nowMs: number): boolean {
  return facts.some(fact => fact.erase.device === device && nowMs >= eraseCountsFromMs(fact))
}
