/**
 * Whether the last mark of a domain holds still, so that its pages need not be read again. What a record reached then it
 * reaches now, unless a snapshot was forgotten since; what came since is leased for a month; and of what only a lease held
 * we know when the first one ends. To be wrong here would cost time, never data: nothing is condemned without a mark.
 */

import type { FleetId } from '@backstay/proto/object/id'
import { readPosition, savePosition } from '../../catalog/positions.ts'
import { wasForgottenSince } from '../../catalog/snapshots.ts'
import type { Domain } from '../../catalog/vaults.ts'
import type { Marking } from './mark.ts'
import type { CollectionOptions } from './options.ts'

const positionOf = (domain: Domain) => `marked ${domain}`

export async function isMarkedStill(
  { sql, vault, retention }: Pick<CollectionOptions, 'sql' | 'vault' | 'retention'>,
  fleet: FleetId,
  domain: Domain,
): Promise<boolean> {
  const value = await readPosition(sql, vault, positionOf(domain))
  if (value === undefined) return false
  const [atMs = 0, untilMs = 0] = value.split(' ').map(Number)
  return retention.now() < untilMs && !(await wasForgottenSince(sql, fleet, domain, atMs))
}

/** After everything that it did not reach was condemned. */
export async function saveMarked(
  { options, domain, limits, nowMs }: Marking,
  leasedUntilMs: number,
): Promise<void> {
  const untilMs = Math.min(leasedUntilMs, nowMs + limits.leaseMs)
  await savePosition(options.sql, options.vault, positionOf(domain), `${nowMs} ${untilMs}`)
}
