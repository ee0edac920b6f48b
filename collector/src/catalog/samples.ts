/** How the fleet and its store were at a time, for charts and forecasts. */
import type { FleetId } from '@backstay/proto/object/id'
import type { Sample } from '../samples/history.ts'
import { blob } from './blob.ts'
import type { Sql } from './sql.ts'

/** Oldest first. */
export async function samplesSince(sql: Sql, fleet: FleetId, fromMs: number): Promise<Sample[]> {
  const rows = await sql.query<{ body: string }>(
    'select body from samples where fleet = ? and at_ms >= ? order by at_ms',
    [blob(fleet), fromMs],
  )
  return rows.map(({ body }) => JSON.parse(body) as Sample)
}

export async function writeSample(sql: Sql, fleet: FleetId, sample: Sample): Promise<void> {
  await sql.run(
    `insert into samples (fleet, at_ms, body) values (?, ?, ?)
     on conflict (fleet, at_ms) do update set body = excluded.body`,
    [blob(fleet), sample.atMs, JSON.stringify(sample)],
  )
}

/** In the place of all between these times. */
export async function replaceSamples(
  sql: Sql,
  fleet: FleetId,
  { fromMs, beforeMs }: { readonly fromMs: number; readonly beforeMs: number },
  samples: readonly Sample[],
): Promise<void> {
  await sql.transaction(async tx => {
    await tx.run('delete from samples where fleet = ? and at_ms >= ? and at_ms < ?', [
      blob(fleet),
      fromMs,
      beforeMs,
    ])
    for (const sample of samples) await writeSample(tx, fleet, sample)
  })
}

/** Snapshots of devices that came in behind `afterMs`, up to and with `toMs`; also those that were forgotten since. */
export async function snapshotsBetween(
  sql: Sql,
  fleet: FleetId,
  afterMs: number,
  toMs: number,
): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `select count(*) as count from snapshots where fleet = ? and received_at_ms > ? and received_at_ms <= ?
     and not exists (select 1 from parcels where parcels.fleet = snapshots.fleet and parcels.parcel = snapshots.device)`,
    [blob(fleet), afterMs, toMs],
  )
  return row?.count ?? 0
}

/** Of all devices together. */
export async function storedBytesOf(sql: Sql, vault: number): Promise<number> {
  const [row] = await sql.query<{ bytes: number | null }>(
    'select sum(bytes) as bytes from domains where vault = ?',
    [vault],
  )
  return row?.bytes ?? 0
}
