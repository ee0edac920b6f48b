/**
 * After a loss some objects lie here of which a part is missing. When the part has come again, they are whole, and so
 * are those above them; a commit that is whole is published. This finds out, from the children up.
 */
import { equalBytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { type DeviceId, type FleetId, idToBytes } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { findObjects, markWhole, partialObjects } from '../catalog/objects.ts'
import { dropSnapshot, markPublished, type SnapshotRow, unpublishedSnapshots } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import { type Domain, fleetOfVault } from '../catalog/vaults.ts'
import { signerKeyOf } from '../catalog/writers.ts'
import { readCommit } from '../ingest/commit-rules.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { neededChildren } from './needed-children.ts'
import { objectAt } from './object-at.ts'

export interface SettleOptions {
  readonly p: Primitives
  readonly store: Pick<PackStore, 'read'>
  readonly sql: Sql
  readonly vault: number
}

export interface Settled {
  /** Commits that are complete now. */
  readonly published: readonly SnapshotRow[]
  /** Commits that their device did not sign; they were dropped. */
  readonly refused: readonly SnapshotRow[]
}

const pageRows = 256

/** Of one device, or of all. Costs two look-ups when nothing is missing. */
export async function settle(options: SettleOptions, device?: DeviceId): Promise<Settled> {
  while (await completeOnce(options, device)) {
    // Each round may complete the parents of what the last one completed.
  }
  const fleet = await fleetOfVault(options.sql, options.vault)
  const published: SnapshotRow[] = []
  const refused: SnapshotRow[] = []
  if (fleet === undefined) return { published, refused }
  for (const snapshot of await unpublishedSnapshots(options.sql, fleet, device)) {
    const verdict = await judge(options, fleet, snapshot)
    if (verdict === 'waits') continue
    if (verdict === 'complete') {
      await markPublished(options.sql, fleet, snapshot.device, snapshot.id)
      published.push(snapshot)
    } else {
      await dropSnapshot(options.sql, fleet, snapshot.device, snapshot.id)
      refused.push(snapshot)
    }
  }
  return { published, refused }
}

/** Goes once over all partial objects; true when some of them turned out whole. */
async function completeOnce({ store, sql, vault }: SettleOptions, domain?: Domain): Promise<boolean> {
  let progress = false
  for (let after: Parameters<typeof partialObjects>[2]['after']; ; ) {
    const page = await partialObjects(sql, vault, { domain, after, limit: pageRows })
    for (const object of page) {
      const read = await objectAt(store, object)
      if (read === undefined) continue
      const children = await findObjects(sql, vault, object.domain, neededChildren(read.header, read.stored))
      if (!children.every(child => child?.whole === true)) continue
      await markWhole(sql, vault, object.domain, [object.id])
      progress = true
    }
    after = page.at(-1)
    if (after === undefined) return progress
  }
}

async function judge(
  { p, store, sql, vault }: SettleOptions,
  fleet: FleetId,
  snapshot: SnapshotRow,
): Promise<'complete' | 'waits' | 'refused'> {
  const [row] = await findObjects(sql, vault, snapshot.device, [snapshot.id])
  const key = await signerKeyOf(sql, fleet, snapshot.device)
  // Without the device's certificate nobody can tell; it may still come.
  if (row?.whole !== true || key === undefined) return 'waits'
  const record = await objectAt(store, row)
  if (record === undefined) return 'waits'
  if (!equalBytes(await p.sha256(record.stored), idToBytes(snapshot.id))) return 'waits'
  try {
    const commit = await readCommit(p, record.stored, key)
    return commit.fleet === fleet && commit.device === snapshot.device ? 'complete' : 'refused'
  } catch (error) {
    if (isFailure(error)) return 'refused'
    throw error
  }
}
