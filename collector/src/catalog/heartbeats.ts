/** The newest heartbeat of each device. No record: a rebuild does not bring it back, the next heartbeat does. */
import type { Bytes } from '@backstay/proto/bytes'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { blob, deviceIdFrom } from './blob.ts'
import type { Sql } from './sql.ts'

export interface HeartbeatRow {
  readonly device: DeviceId
  /** Encoded envelope. */
  readonly envelope: Bytes
  readonly heardAtMs: number
}

interface StoredRow {
  readonly device: Uint8Array
  readonly envelope: Uint8Array
  readonly heard_at_ms: number
}

export async function heartbeatsOf(sql: Sql, fleet: FleetId): Promise<HeartbeatRow[]> {
  const rows = await sql.query<StoredRow>(
    'select device, envelope, heard_at_ms from heartbeats where fleet = ?',
    [blob(fleet)],
  )
  return rows.map(({ device, envelope, heard_at_ms }) => ({
    device: deviceIdFrom(device),
    envelope,
    heardAtMs: heard_at_ms,
  }))
}

/** Many at once, like `markSeen`. Each takes the place of the one before. */
export async function writeHeartbeats(
  sql: Sql,
  fleet: FleetId,
  rows: readonly HeartbeatRow[],
): Promise<void> {
  await sql.transaction(inside =>
    inside.runEach(
      `insert into heartbeats (fleet, device, envelope, heard_at_ms) values (?, ?, ?, ?)
       on conflict (fleet, device) do update set envelope = excluded.envelope, heard_at_ms = excluded.heard_at_ms`,
      rows.map(({ device, envelope, heardAtMs }) => [blob(fleet), blob(device), envelope, heardAtMs]),
    ),
  )
}
