/** What a collector asks of a parcel before it keeps it, and to whom it hands out its objects. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { isOver } from '@backstay/proto/policy/parcels'
import type { Primitives } from '@backstay/proto/primitives'
import { deviceIdOf } from '@backstay/proto/trust/certificate'
import { decodeEnvelope, type PayloadKind } from '@backstay/proto/trust/envelope'
import { decodeParcel, receiverOf } from '@backstay/proto/trust/parcel'
import { decodeRevoke } from '@backstay/proto/trust/revoke'
import { deviceById } from '../catalog/devices.ts'
import { parcelById } from '../catalog/parcels.ts'
import type { Sql } from '../catalog/sql.ts'

/**
 * Its signatures were verified before. From a device that is known, to one that is let in, and of a key that is no device's:
 * what ends must never be what backs up. Throws `unknown_device`, `retired`, `bad_parcel`, `unknown_parcel`.
 */
export async function requireParcel(p: Primitives, sql: Sql, fleet: FleetId, envelope: Bytes): Promise<void> {
  const word = decodeParcel(decodeEnvelope(envelope).payload)
  if ('ends' in word) {
    if ((await parcelById(sql, fleet, word.ends)) !== undefined) return
    throw new Failure('unknown_parcel', `there is no parcel "${word.ends}"`)
  }
  if ((await deviceById(sql, fleet, await deviceIdOf(p, word.key))) !== undefined)
    throw new Failure('bad_parcel', 'the key of the parcel is the key of a device')
  if ((await deviceById(sql, fleet, word.source)) === undefined) throw unknown(word.source)
  const receiver = await deviceById(sql, fleet, receiverOf(word))
  if (receiver === undefined) throw unknown(receiverOf(word))
  if (receiver.revokedAtMs !== undefined)
    throw new Failure('retired', `device "${receiver.device}" is retired and fetches nothing`)
}

/** A device lends for any signed job; a parcel to its receiver alone, until it is over. */
export async function isLent(
  sql: Sql,
  fleet: FleetId | undefined,
  source: DeviceId,
  receiver: DeviceId,
  nowMs: number,
): Promise<boolean> {
  const parcel = fleet && (await parcelById(sql, fleet, source))
  return parcel === undefined || (parcel.receiver === receiver && !isOver(parcel, nowMs))
}

/** Whose sessions must end with this record. */
export function putOutBy(kind: PayloadKind, envelope: Bytes): DeviceId | undefined {
  const { payload } = decodeEnvelope(envelope)
  if (kind === 'revoke') return decodeRevoke(payload).device
  if (kind !== 'parcel') return undefined
  const word = decodeParcel(payload)
  return 'ends' in word ? word.ends : undefined
}

function unknown(device: DeviceId): Failure {
  return new Failure('unknown_device', `device "${device}" is not enrolled here`)
}
