/** Which pins and holds stand. A release is a destructive word: it waits a week, or two owners say it together. */
import { hex } from '../bytes.ts'
import type { DeviceId, ObjectId } from '../object/id.ts'
import type { Hold } from '../trust/hold.ts'

export interface HoldFact {
  /** Verified: somebody who may hold signed it. */
  readonly hold: Hold
  /** Distinct owners who signed it. */
  readonly owners: number
  /** When it came in, by the collector's retention clock. */
  readonly heldSinceMs: number
}

/** What of a device stays. */
export interface Holding {
  readonly pinned: ReadonlySet<ObjectId>
  readonly held: boolean
}

/** Long enough for the others to hear of it and to object. */
export const releaseWaitMs = 7 * 86_400_000

export function holdingOf(facts: readonly HoldFact[], device: DeviceId, nowMs: number): Holding {
  const standing = standingHolds(facts, nowMs).filter(one => (one.device ?? device) === device)
  return {
    pinned: new Set(standing.flatMap(one => one.snapshot ?? [])),
    held: standing.some(one => one.snapshot === undefined),
  }
}

/** In the order in which they came. */
export function standingHolds(facts: readonly HoldFact[], nowMs: number): Hold[] {
  const releases = Map.groupBy(
    facts.filter(fact => fact.hold.releases !== undefined),
    fact => hex(fact.hold.releases ?? new Uint8Array()),
  )
  return facts
    .map(fact => fact.hold)
    .filter(hold => hold.releases === undefined)
    .filter(hold => !(releases.get(hex(hold.order.id)) ?? []).some(one => ends(one, hold, nowMs)))
}

/** A legal hold ends by an owner only; a pin by anyone who may pin. */
function ends(release: HoldFact, hold: Hold, nowMs: number): boolean {
  if (hold.snapshot === undefined && release.owners === 0) return false
  return release.owners >= 2 || nowMs >= release.heldSinceMs + releaseWaitMs
}
