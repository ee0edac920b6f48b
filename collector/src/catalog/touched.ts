/** Scratch of a scrub: from which objects a damaged one can be reached. */
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'
import { blob, deviceIdFrom, objectIdFrom } from './blob.ts'
import type { Sql } from './sql.ts'
import type { Domain } from './vaults.ts'

export interface TouchedSnapshot {
  readonly device: DeviceId
  readonly id: ObjectId
  readonly sequence: number
  /** At most `namedMax`; there may be more. */
  readonly damaged: readonly ObjectId[]
}

/** So many damaged objects are kept for each that leads to them; a report that names more helps nobody. */
const namedMax = 8

/** Begins with what is damaged itself. */
export async function beginTouched(sql: Sql, vault: number): Promise<void> {
  await endTouched(sql, vault)
  await sql.run(
    `insert into scrub_touched (vault, domain, id, damaged)
     select vault, domain, id, id from damage where vault = ?`,
    [vault],
  )
}

export async function endTouched(sql: Sql, vault: number): Promise<void> {
  await sql.run('delete from scrub_touched where vault = ?', [vault])
}

/** An object leads to what its children lead to; true when that was news. */
export async function addTouched(
  sql: Sql,
  vault: number,
  domain: Domain,
  id: ObjectId,
  children: readonly ObjectId[],
): Promise<boolean> {
  const owner = blob(domain)
  const select = 'select damaged from scrub_touched where vault = ? and domain = ? and id = ?'
  const below = await sql.queryEach<{ damaged: Uint8Array }>(
    select,
    children.map(child => [vault, owner, blob(child)]),
  )
  const news = below.flat().map(row => row.damaged)
  if (news.length === 0) return false
  const known = await sql.query(select, [vault, owner, blob(id)])
  const changes = await sql.runEach(
    'insert into scrub_touched (vault, domain, id, damaged) values (?, ?, ?, ?) on conflict do nothing',
    news.slice(0, Math.max(0, namedMax - known.length)).map(damaged => [vault, owner, blob(id), damaged]),
  )
  return changes.some(count => count > 0)
}

/** Writes into each snapshot how many damaged objects it leads to, at least, and names them. */
export async function takeTouchedSnapshots(
  sql: Sql,
  fleet: FleetId,
  vault: number,
): Promise<TouchedSnapshot[]> {
  const rows = await sql.query<{ device: Uint8Array; id: Uint8Array; sequence: number; damaged: Uint8Array }>(
    `select snapshots.device, snapshots.id, snapshots.sequence, scrub_touched.damaged
     from snapshots join scrub_touched on scrub_touched.domain = snapshots.device and scrub_touched.id = snapshots.id
     where snapshots.fleet = ? and scrub_touched.vault = ?
     order by snapshots.device, snapshots.sequence, scrub_touched.damaged`,
    [blob(fleet), vault],
  )
  const touched = new Map<string, TouchedSnapshot>()
  for (const row of rows) {
    const device = deviceIdFrom(row.device)
    const id = objectIdFrom(row.id)
    const damaged = [...(touched.get(device + id)?.damaged ?? []), objectIdFrom(row.damaged)]
    touched.set(device + id, { device, id, sequence: row.sequence, damaged })
  }
  await sql.transaction(async tx => {
    await tx.run('update snapshots set damaged = 0 where fleet = ? and damaged <> 0', [blob(fleet)])
    await tx.runEach(
      'update snapshots set damaged = ? where fleet = ? and device = ? and id = ?',
      [...touched.values()].map(one => [one.damaged.length, blob(fleet), blob(one.device), blob(one.id)]),
    )
  })
  return [...touched.values()]
}
