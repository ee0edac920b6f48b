/** What each device showed last and was offered since (fleet/ratchet.ts). */
import { type Bytes, concat } from '@backstay/proto/bytes'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { ratchetBytes } from '@backstay/proto/wire/ratchet'
import type { Ratchet } from '../fleet/ratchet.ts'
import { blob, deviceIdFrom } from './blob.ts'
import type { Sql } from './sql.ts'

interface StoredRow {
  readonly device: Uint8Array
  readonly shown: Uint8Array
  readonly offers: Uint8Array
  readonly cloned_since_ms: number | null
  readonly cloned_last_ms: number | null
}

export async function ratchetsOf(sql: Sql, fleet: FleetId): Promise<Map<DeviceId, Ratchet>> {
  const rows = await sql.query<StoredRow>(
    'select device, shown, offers, cloned_since_ms, cloned_last_ms from ratchets where fleet = ?',
    [blob(fleet)],
  )
  return new Map(rows.map(row => [deviceIdFrom(row.device), ratchetOf(row)]))
}

export async function writeRatchet(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
  { shown, offers, cloned }: Ratchet,
): Promise<void> {
  await sql.run(
    `insert into ratchets (fleet, device, shown, offers, cloned_since_ms, cloned_last_ms) values (?, ?, ?, ?, ?, ?)
     on conflict (fleet, device) do update set shown = excluded.shown, offers = excluded.offers,
       cloned_since_ms = excluded.cloned_since_ms, cloned_last_ms = excluded.cloned_last_ms`,
    [blob(fleet), blob(device), shown, concat(...offers), cloned?.sinceMs ?? null, cloned?.lastMs ?? null],
  )
}

function ratchetOf({ shown, offers, cloned_since_ms, cloned_last_ms }: StoredRow): Ratchet {
  const each: Bytes[] = []
  for (let at = 0; at + ratchetBytes <= offers.length; at += ratchetBytes) {
    each.push(Uint8Array.from(offers.subarray(at, at + ratchetBytes)))
  }
  const cloned =
    cloned_since_ms === null || cloned_last_ms === null
      ? undefined
      : { sinceMs: cloned_since_ms, lastMs: cloned_last_ms }
  return { shown: Uint8Array.from(shown), offers: each, cloned }
}
