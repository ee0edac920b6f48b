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

/** Writes down which snapshots lead to damaged objects, and to how many at least; and returns them. */
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
    await tx.run('delete from damaged_snapshots where fleet = ?', [blob(fleet)])
    await tx.runEach(
      'insert into damaged_snapshots (fleet, device, snapshot, damaged) values (?, ?, ?, ?)',
      [...touched.values()].flatMap(one =>
        one.damaged.map(damaged => [blob(fleet), blob(one.device), blob(one.id), blob(damaged)]),
      ),
    )
    await tx.run('update snapshots set damaged = 0 where fleet = ? and damaged <> 0', [blob(fleet)])
    await tx.runEach(
      'update snapshots set damaged = ? where fleet = ? and device = ? and id = ?',
      [...touched.values()].map(one => [one.damaged.length, blob(fleet), blob(one.device), blob(one.id)]),
    )
  })
  return [...touched.values()]
}

/** A snapshot and an object below it that is damaged still. */
export interface DamagedSnapshot {
  readonly device: DeviceId
  readonly id: ObjectId
  readonly sequence: number
  /** It is the newest complete one of its device. */
  readonly isNewest: boolean
  readonly object: ObjectId
  readonly bytes: number
}

/** As of the last search, without what was healed or forgotten since; by device and sequence. */
export async function damagedSnapshots(sql: Sql, fleet: FleetId, vault: number): Promise<DamagedSnapshot[]> {
  const rows = await sql.query<{
    device: Uint8Array
    id: Uint8Array
    sequence: number
    newest: number | null
    damaged: Uint8Array
    length: number
  }>(
    `select snapshots.device, snapshots.id, snapshots.sequence, damage.id as damaged, damage.length,
       (select max(done.sequence) from snapshots as done where done.fleet = snapshots.fleet
        and done.device = snapshots.device and done.complete = 1 and done.published = 1
        and done.forgotten_ms is null) as newest
     from damaged_snapshots
     join snapshots on snapshots.fleet = damaged_snapshots.fleet and snapshots.device = damaged_snapshots.device
       and snapshots.id = damaged_snapshots.snapshot and snapshots.forgotten_ms is null
     join damage on damage.vault = ? and damage.domain = damaged_snapshots.device
       and damage.id = damaged_snapshots.damaged
     where damaged_snapshots.fleet = ? order by snapshots.device, snapshots.sequence, damage.id`,
    [vault, blob(fleet)],
  )
  return rows.map(row => ({
    device: deviceIdFrom(row.device),
    id: objectIdFrom(row.id),
    sequence: row.sequence,
    isNewest: row.sequence === row.newest,
    object: objectIdFrom(row.damaged),
    bytes: row.length,
  }))
}
