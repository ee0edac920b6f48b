import { type Bytes, fromHex, hex } from '@backstay/proto/bytes'
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'
import type { ObeyedOrders } from '@backstay/proto/wire/frame'
import { blob, deviceIdFrom, objectIdFrom } from './blob.ts'
import type { Sql } from './sql.ts'

export interface NewDevice {
  readonly device: DeviceId
  /** Ed25519 public key, 32 bytes. */
  readonly deviceKey: Bytes
  /** SHA-256 of the key. */
  readonly keyId: Bytes
  readonly grantId: Bytes
  readonly name: string
  readonly platform: string
  /** Encoded envelope. */
  readonly certificate: Bytes
  readonly enrolledAtMs: number
}

export interface DeviceRow extends NewDevice {
  readonly vault: number
  /** Encoded envelope of the enrolment grant; undefined when its record is lost. */
  readonly grant: Bytes | undefined
  readonly lastSeenMs: number | undefined
  readonly revokedAtMs: number | undefined
  readonly storedBytes: number
  /** The newest commit that is complete at this collector. */
  readonly head:
    | { readonly id: ObjectId; readonly sequence: number; readonly receivedAtMs: number }
    | undefined
  /** When the newest snapshot that names itself complete came in. */
  readonly lastCompleteAtMs: number | undefined
  /** When the first escrow of its newest epoch came in. */
  readonly escrowedAtMs: number | undefined
  /** The newest epoch of which there is an escrow. */
  readonly escrowEpoch: number | undefined
  /** What it said last of the orders about policy. */
  readonly obeyed: (ObeyedOrders & { readonly atMs: number }) | undefined
  /** The release of which it fetched a package last. */
  readonly took: { readonly version: string; readonly atMs: number } | undefined
}

interface StoredRow {
  readonly device: Uint8Array
  readonly vault: number
  readonly device_key: Uint8Array
  readonly key_id: Uint8Array
  readonly grant_id: Uint8Array
  readonly name: string
  readonly platform: string
  readonly certificate: Uint8Array
  readonly enrolled_at_ms: number
  readonly last_seen_ms: number | null
  readonly revoked_at_ms: number | null
  readonly envelope: Uint8Array | null
  readonly stored_bytes: number | null
  readonly head_id: Uint8Array | null
  readonly head_sequence: number | null
  readonly head_received_at_ms: number | null
  readonly last_complete_at_ms: number | null
  readonly escrowed_at_ms: number | null
  readonly escrow_epoch: number | null
  readonly obeyed_standing: Uint8Array | null
  readonly obeyed_refused: string | null
  readonly obeyed_at_ms: number | null
  readonly took_version: string | null
  readonly took_at_ms: number | null
}

const select = `select devices.*, grants.envelope, domains.bytes as stored_bytes, head.id as head_id,
    head.sequence as head_sequence, head.received_at_ms as head_received_at_ms,
    (select done.received_at_ms from snapshots as done where done.fleet = devices.fleet
      and done.device = devices.device and done.published = 1 and done.complete = 1 and done.forgotten_ms is null
      order by done.sequence desc, done.received_at_ms desc limit 1) as last_complete_at_ms,
    (select escrow.received_at_ms from records as escrow where escrow.fleet = devices.fleet and escrow.kind = 'escrow'
      and escrow.domain = devices.device and escrow.state = 'believed' order by escrow.ordinal desc, escrow.number limit 1) as escrowed_at_ms,
    (select max(escrow.ordinal) from records as escrow where escrow.fleet = devices.fleet and escrow.kind = 'escrow'
      and escrow.domain = devices.device and escrow.state = 'believed') as escrow_epoch
  from devices
  left join grants on grants.fleet = devices.fleet and grants.grant_id = devices.grant_id
  left join domains on domains.vault = devices.vault and domains.domain = devices.device
  left join snapshots as head on head.fleet = devices.fleet and head.device = devices.device
    and head.id = (select newest.id from snapshots as newest where newest.fleet = devices.fleet
      and newest.device = devices.device and newest.published = 1 and newest.forgotten_ms is null
      order by newest.sequence desc, newest.received_at_ms desc limit 1)`

/** Adding the same device again changes its certificate, name and platform, nothing else. */
export async function addDevice(sql: Sql, fleet: FleetId, vault: number, device: NewDevice): Promise<void> {
  await sql.run(
    `insert into devices (fleet, device, vault, key_id, device_key, grant_id, name, platform, certificate, enrolled_at_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (fleet, device)
     do update set name = excluded.name, platform = excluded.platform, certificate = excluded.certificate`,
    [
      blob(fleet),
      blob(device.device),
      vault,
      device.keyId,
      device.deviceKey,
      device.grantId,
      device.name,
      device.platform,
      device.certificate,
      device.enrolledAtMs,
    ],
  )
}

export async function deviceById(sql: Sql, fleet: FleetId, device: DeviceId): Promise<DeviceRow | undefined> {
  return one(sql, 'devices.device = ?', [blob(fleet), blob(device)])
}

/** `keyId`: SHA-256 of the device's public key. */
export async function deviceByKeyId(sql: Sql, fleet: FleetId, keyId: Bytes): Promise<DeviceRow | undefined> {
  return one(sql, 'devices.key_id = ?', [blob(fleet), keyId])
}

/** By device id, behind `after`. */
export async function listDevices(
  sql: Sql,
  fleet: FleetId,
  options: { readonly after?: DeviceId; readonly limit?: number } = {},
): Promise<DeviceRow[]> {
  const rows = await sql.query<StoredRow>(
    `${select} where devices.fleet = ? and devices.device > ? order by devices.device limit ?`,
    [
      blob(fleet),
      options.after === undefined ? new Uint8Array() : blob(options.after),
      options.limit ?? 1000,
    ],
  )
  return rows.map(deviceRow)
}

/** Public key of a device that may write; undefined when it is unknown or revoked. */
export async function deviceKeyOf(sql: Sql, fleet: FleetId, device: DeviceId): Promise<Bytes | undefined> {
  const [row] = await sql.query<{ device_key: Uint8Array }>(
    'select device_key from devices where fleet = ? and device = ? and revoked_at_ms is null',
    [blob(fleet), blob(device)],
  )
  return row?.device_key
}

/** Many at once, in batches, never one by one. */
export async function markSeen(
  sql: Sql,
  fleet: FleetId,
  seen: readonly { readonly device: DeviceId; readonly atMs: number }[],
): Promise<void> {
  await sql.transaction(inside =>
    inside.runEach(
      'update devices set last_seen_ms = ? where fleet = ? and device = ?',
      seen.map(({ device, atMs }) => [atMs, blob(fleet), blob(device)]),
    ),
  )
}

/** A device that is not known is not made so. */
export async function setObeyed(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
  { standing, refused, atMs }: ObeyedOrders & { readonly atMs: number },
): Promise<void> {
  const told = refused.map(({ id, code }) => ({ id: id === undefined ? null : hex(id), code }))
  await sql.run(
    'update devices set obeyed_standing = ?, obeyed_refused = ?, obeyed_at_ms = ? where fleet = ? and device = ?',
    [standing, JSON.stringify(told), atMs, blob(fleet), blob(device)],
  )
}

/** A device that is not known is not made so. */
export async function setTook(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
  { version, atMs }: { readonly version: string; readonly atMs: number },
): Promise<void> {
  await sql.run('update devices set took_version = ?, took_at_ms = ? where fleet = ? and device = ?', [
    version,
    atMs,
    blob(fleet),
    blob(device),
  ])
}

/** Revoking twice keeps the first time. */
export async function revokeDevice(sql: Sql, fleet: FleetId, device: DeviceId, atMs: number): Promise<void> {
  await sql.run(
    'update devices set revoked_at_ms = ? where fleet = ? and device = ? and revoked_at_ms is null',
    [atMs, blob(fleet), blob(device)],
  )
}

async function one(sql: Sql, where: string, values: readonly Uint8Array[]): Promise<DeviceRow | undefined> {
  const [row] = await sql.query<StoredRow>(`${select} where devices.fleet = ? and ${where}`, values)
  return row === undefined ? undefined : deviceRow(row)
}

function obeyedOf({ obeyed_standing, obeyed_refused, obeyed_at_ms }: StoredRow): DeviceRow['obeyed'] {
  if (obeyed_standing === null) return undefined
  const told = JSON.parse(obeyed_refused ?? '[]') as { readonly id: string | null; readonly code: string }[]
  const refused = told.map(({ id, code }) => ({ id: id === null ? undefined : fromHex(id), code }))
  return { standing: obeyed_standing, refused, atMs: obeyed_at_ms ?? 0 }
}

function deviceRow(row: StoredRow): DeviceRow {
  return {
    device: deviceIdFrom(row.device),
    vault: row.vault,
    deviceKey: row.device_key,
    keyId: row.key_id,
    grantId: row.grant_id,
    name: row.name,
    platform: row.platform,
    certificate: row.certificate,
    grant: row.envelope ?? undefined,
    enrolledAtMs: row.enrolled_at_ms,
    lastSeenMs: row.last_seen_ms ?? undefined,
    revokedAtMs: row.revoked_at_ms ?? undefined,
    storedBytes: row.stored_bytes ?? 0,
    head:
      row.head_id === null || row.head_sequence === null
        ? undefined
        : {
            id: objectIdFrom(row.head_id),
            sequence: row.head_sequence,
            receivedAtMs: row.head_received_at_ms ?? 0,
          },
    lastCompleteAtMs: row.last_complete_at_ms ?? undefined,
    escrowedAtMs: row.escrowed_at_ms ?? undefined,
    escrowEpoch: row.escrow_epoch ?? undefined,
    obeyed: obeyedOf(row),
    took: row.took_version === null ? undefined : { version: row.took_version, atMs: row.took_at_ms ?? 0 },
  }
}
