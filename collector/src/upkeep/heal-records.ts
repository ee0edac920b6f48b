/** Signed records lie in the catalog as well as in packs: what is broken in a pack is put again from there. */
import { damagedRecords } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'
import { fleetDomain, fleetOfVault } from '../catalog/vaults.ts'
import type { Ingest } from '../ingest/ingest.ts'

/** Returns how many were put again. */
export async function healRecords(
  sql: Sql,
  vault: number,
  ingest: Pick<Ingest, 'putRecord'>,
): Promise<number> {
  const fleet = await fleetOfVault(sql, vault)
  if (fleet === undefined) return 0
  const records = await damagedRecords(sql, fleet, vault)
  for (const { domain, envelope } of records) {
    await ingest.putRecord(domain === fleetDomain ? 'fleet' : domain, envelope)
  }
  return records.length
}
