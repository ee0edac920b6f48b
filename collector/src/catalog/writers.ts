/** Whose keys sign what lies in a domain: its device's, or its parcel's. */
import type { Bytes } from '@backstay/proto/bytes'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { isOver } from '@backstay/proto/policy/parcels'
import { deviceById, deviceKeyOf } from './devices.ts'
import { parcelById } from './parcels.ts'
import type { Sql } from './sql.ts'

export interface Writer {
  /** Ed25519 public key. */
  readonly key: Bytes
  readonly kind: 'device' | 'parcel'
}

/** Who may write now; undefined when it is unknown, revoked or over. */
export async function writerOf(
  sql: Sql,
  fleet: FleetId,
  domain: DeviceId,
  nowMs: number,
): Promise<Writer | undefined> {
  const key = await deviceKeyOf(sql, fleet, domain)
  if (key !== undefined) return { key, kind: 'device' }
  const parcel = await parcelById(sql, fleet, domain)
  return parcel === undefined || isOver(parcel, nowMs) ? undefined : { key: parcel.key, kind: 'parcel' }
}

/** Also of one that may write no more: what it signed before stands. */
export async function signerKeyOf(sql: Sql, fleet: FleetId, domain: DeviceId): Promise<Bytes | undefined> {
  return (await deviceById(sql, fleet, domain))?.deviceKey ?? (await parcelById(sql, fleet, domain))?.key
}
