/** Sums over the whole fleet, for people who look at it. */
import { setImmediate } from 'node:timers/promises'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { blob, deviceIdFrom } from './blob.ts'
import type { Sql } from './sql.ts'

export interface DeviceSums {
  readonly device: DeviceId
  readonly objects: number
  readonly bytes: number
  readonly snapshots: number
  /** Of the files of its newest snapshot. */
  readonly newestBytes: number
  /** Of the files of all its snapshots. */
  readonly allBytes: number
}

/** Of so many devices in one go, some milliseconds; a database in this process lets nobody else in by itself. */
const devicesAtOnce = 200

export async function sumsByDevice(sql: Sql, fleet: FleetId): Promise<DeviceSums[]> {
  const sums: DeviceSums[] = []
  let after: DeviceId | undefined
  do {
    const page = await sumsAfter(sql, fleet, after)
    sums.push(...page)
    after = page.length === devicesAtOnce ? page.at(-1)?.device : undefined
    if (after !== undefined) await setImmediate()
  } while (after !== undefined)
  return sums
}

/** In the order of their ids. */
async function sumsAfter(sql: Sql, fleet: FleetId, after: DeviceId | undefined): Promise<DeviceSums[]> {
  const rows = await sql.query<{
    device: Uint8Array
    objects: number | null
    bytes: number | null
    snapshots: number | null
    newest: number | null
    every: number | null
  }>(
    `with chosen as (select device, vault from devices where fleet = ? and device > ? order by device limit ?)
     select chosen.device, domains.objects, domains.bytes, held.snapshots, held.every,
       (select newest.bytes from snapshots as newest where newest.fleet = ? and newest.device = chosen.device
        and newest.published = 1 and newest.forgotten_ms is null order by newest.sequence desc limit 1) as newest
     from chosen
     left join domains on domains.vault = chosen.vault and domains.domain = chosen.device
     left join (select device, count(*) as snapshots, sum(bytes) as every from snapshots
       where fleet = ? and device in (select device from chosen) and published = 1 and forgotten_ms is null
       group by device) as held on held.device = chosen.device
     order by chosen.device`,
    [
      blob(fleet),
      after === undefined ? new Uint8Array() : blob(after),
      devicesAtOnce,
      blob(fleet),
      blob(fleet),
    ],
  )
  return rows.map(row => ({
    device: deviceIdFrom(row.device),
    objects: row.objects ?? 0,
    bytes: row.bytes ?? 0,
    snapshots: row.snapshots ?? 0,
    newestBytes: row.newest ?? 0,
    allBytes: Number(row.every ?? 0),
  }))
}

export interface PackSums {
  readonly packs: number
  readonly bytes: number
  readonly damaged: number
  readonly missing: number
}

export async function packSums(sql: Sql, vault: number): Promise<PackSums> {
  const rows = await sql.query<{ state: string; packs: number; bytes: number | null }>(
    'select state, count(*) as packs, sum(bytes) as bytes from packs where vault = ? group by state',
    [vault],
  )
  const here = rows.filter(row => row.state !== 'missing' && row.state !== 'replaced')
  const count = (state: string) => rows.find(row => row.state === state)?.packs ?? 0
  return {
    packs: here.reduce((sum, row) => sum + row.packs, 0),
    bytes: here.reduce((sum, row) => sum + Number(row.bytes ?? 0), 0),
    damaged: count('damaged'),
    missing: count('missing'),
  }
}

/** When some pack was last known to be whole, by the retention clock; undefined: none was read yet. */
export async function lastVerifiedMs(sql: Sql, vault: number): Promise<number | undefined> {
  const [row] = await sql.query<{ last: number | null }>(
    'select max(verified_ms) as last from packs where vault = ? and verified_ms > 0',
    [vault],
  )
  return row?.last ?? undefined
}

/** Objects and bytes that are stored, of all domains. */
export async function storedSum(
  sql: Sql,
  vault: number,
): Promise<{ readonly objects: number; readonly bytes: number }> {
  const [row] = await sql.query<{ objects: number | null; bytes: number | null }>(
    'select sum(objects) as objects, sum(bytes) as bytes from domains where vault = ?',
    [vault],
  )
  return { objects: row?.objects ?? 0, bytes: row?.bytes ?? 0 }
}
