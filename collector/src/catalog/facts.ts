/**
 * What a signed envelope changes in the catalog. It believes nothing and checks nothing: who calls it has verified the
 * envelope, now or before it went into a pack. So live admission and replay write the same rows.
 */

import type { Bytes } from '@backstay/proto/bytes'
import { deviceId, deviceIdBytes, type FleetId } from '@backstay/proto/object/id'
import { decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeEscrow } from '@backstay/proto/trust/escrow-record'
import { decodeForget } from '@backstay/proto/trust/forget'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { decodeParcel, receiverOf } from '@backstay/proto/trust/parcel'
import { decodeReceipt } from '@backstay/proto/trust/receipt'
import { decodeRevoke } from '@backstay/proto/trust/revoke'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import { addDevice, revokeDevice } from './devices.ts'
import { addGrant, revokeGrant } from './grants.ts'
import { addParcel, addParcelEnd } from './parcels.ts'
import type { NewRecord } from './records.ts'
import { forgetSnapshots, receiptSnapshots } from './snapshots.ts'
import type { Sql } from './sql.ts'

/** The version of a Trust document, the epoch of an escrow, else 0. Throws the decoder's `bad_…`. */
export function ordinalOf(kind: NewRecord['kind'], payload: Bytes): number {
  if (kind === 'trust') return decodeTrust(payload).version
  if (kind === 'escrow') return decodeEscrow(payload).epoch
  return 0
}

/** `keyId`: SHA-256 of the key in a certificate or a parcel, unused otherwise. */
export async function writeFacts(
  sql: Sql,
  scope: { readonly fleet: FleetId; readonly vault: number },
  record: NewRecord,
  keyId: Bytes | undefined,
): Promise<void> {
  const { payload } = decodeEnvelope(record.envelope)
  switch (record.kind) {
    case 'certificate': {
      if (keyId === undefined) throw new Error('assertion failed: a certificate without the id of its key')
      await addDevice(sql, scope.fleet, scope.vault, {
        ...decodeCertificate(payload),
        keyId,
        certificate: record.envelope,
        enrolledAtMs: record.receivedAtMs,
      })
      return
    }
    case 'grant': {
      const { order, ...grant } = decodeGrant(payload)
      await addGrant(sql, scope.fleet, {
        ...grant,
        grantId: order.id,
        expiresAtMs: order.expiresAtMs,
        envelope: record.envelope,
      })
      return
    }
    case 'revoke': {
      const { device, grantId } = decodeRevoke(payload)
      if (device !== undefined) await revokeDevice(sql, scope.fleet, device, record.receivedAtMs)
      if (grantId !== undefined) await revokeGrant(sql, scope.fleet, grantId, record.receivedAtMs)
      return
    }
    case 'parcel': {
      const word = decodeParcel(payload)
      if ('ends' in word) return addParcelEnd(sql, scope.fleet, word.ends, record.receivedAtMs)
      if (keyId === undefined) throw new Error('assertion failed: a parcel without the id of its key')
      const id = deviceId(keyId.subarray(0, deviceIdBytes))
      const { issuedAtMs: givenAtMs, expiresAtMs: untilMs } = word.order
      const times = { givenAtMs, untilMs }
      return addParcel(sql, scope.fleet, { ...word, ...times, id, keyId, receiver: receiverOf(word) })
    }
    case 'forget': {
      const { device, snapshots, clockMs } = decodeForget(payload)
      return forgetSnapshots(sql, scope.fleet, device, snapshots, clockMs)
    }
    case 'receipt': {
      const { device, received } = decodeReceipt(payload)
      if (device !== undefined) await receiptSnapshots(sql, scope.fleet, device, received)
      return
    }
    default:
      return
  }
}
