/** Parcels: domains that are no devices, each with an end. Rows come from signed records alone (facts.ts). */
import type { Bytes } from '@backstay/proto/bytes'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { blob, deviceIdFrom } from './blob.ts'
import type { Sql } from './sql.ts'

export interface NewParcel {
  readonly id: DeviceId
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  /** SHA-256 of the key. */
  readonly keyId: Bytes
  readonly source: DeviceId
  readonly receiver: DeviceId
  readonly entries: number
  /** Logical bytes. */
  readonly bytes: number
  /** As its packer signed them. */
  readonly givenAtMs: number
  readonly untilMs: number
}

export interface ParcelRow extends NewParcel {
  /** When somebody's word came in that it ends early. */
  readonly endedAtMs: number | undefined
}

interface StoredRow {
  readonly parcel: Uint8Array
  readonly parcel_key: Uint8Array
  readonly key_id: Uint8Array
  readonly source: Uint8Array
  readonly receiver: Uint8Array
  readonly entries: number
  readonly bytes: number
  readonly given_at_ms: number
  readonly until_ms: number
  readonly ended_at_ms: number | null
}

/** Whoever has a certificate is a device, whatever else is signed with its key: no rule of parcels touches it. */
const select = `select parcels.*, parcel_ends.ended_at_ms from parcels
  left join parcel_ends on parcel_ends.fleet = parcels.fleet and parcel_ends.parcel = parcels.parcel
  where parcels.fleet = ? and not exists (select 1 from devices where devices.fleet = parcels.fleet
    and devices.device = parcels.parcel)`

/** The first word on a parcel counts: its end moves only by `addParcelEnd`. */
export async function addParcel(sql: Sql, fleet: FleetId, parcel: NewParcel): Promise<void> {
  await sql.run(
    `insert into parcels (fleet, parcel, parcel_key, key_id, source, receiver, entries, bytes, given_at_ms, until_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (fleet, parcel) do nothing`,
    [
      blob(fleet),
      blob(parcel.id),
      parcel.key,
      parcel.keyId,
      blob(parcel.source),
      blob(parcel.receiver),
      parcel.entries,
      parcel.bytes,
      parcel.givenAtMs,
      parcel.untilMs,
    ],
  )
}

/** Also of one that is not known yet: a rebuild may find the end first. */
export async function addParcelEnd(sql: Sql, fleet: FleetId, parcel: DeviceId, atMs: number): Promise<void> {
  await sql.run(
    'insert into parcel_ends (fleet, parcel, ended_at_ms) values (?, ?, ?) on conflict (fleet, parcel) do nothing',
    [blob(fleet), blob(parcel), atMs],
  )
}

export async function parcelById(sql: Sql, fleet: FleetId, id: DeviceId): Promise<ParcelRow | undefined> {
  const [row] = await sql.query<StoredRow>(`${select} and parcels.parcel = ?`, [blob(fleet), blob(id)])
  return row && parcelRow(row)
}

/** `keyId`: SHA-256 of the parcel's public key. */
export async function parcelByKeyId(sql: Sql, fleet: FleetId, keyId: Bytes): Promise<ParcelRow | undefined> {
  const [row] = await sql.query<StoredRow>(`${select} and parcels.key_id = ?`, [blob(fleet), keyId])
  return row && parcelRow(row)
}

/** Those from or for a device, the newest first. */
export async function parcelsOf(sql: Sql, fleet: FleetId, device: DeviceId): Promise<ParcelRow[]> {
  const rows = await sql.query<StoredRow>(
    `${select} and (parcels.source = ? or parcels.receiver = ?) order by parcels.given_at_ms desc, parcels.parcel`,
    [blob(fleet), blob(device), blob(device)],
  )
  return rows.map(parcelRow)
}

/** All that ever were, by their ends. */
export async function listParcels(sql: Sql, fleet: FleetId): Promise<ParcelRow[]> {
  const rows = await sql.query<StoredRow>(`${select} order by parcels.until_ms, parcels.parcel`, [
    blob(fleet),
  ])
  return rows.map(parcelRow)
}

function parcelRow(row: StoredRow): ParcelRow {
  return {
    id: deviceIdFrom(row.parcel),
    key: row.parcel_key,
    keyId: row.key_id,
    source: deviceIdFrom(row.source),
    receiver: deviceIdFrom(row.receiver),
    entries: row.entries,
    bytes: row.bytes,
    givenAtMs: row.given_at_ms,
    untilMs: row.until_ms,
    endedAtMs: row.ended_at_ms ?? undefined,
  }
}
