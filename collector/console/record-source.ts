/** Where public records come from: a collector here; packs, when the collector is gone. Nothing of it is believed. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import type { AdminLink, DeviceLister } from './connecting.ts'

/** Public records of a fleet. */
export interface RecordSource {
  /** Envelopes of the device's certificate and of the grant that admitted it. */
  device(device: DeviceId): Promise<{ readonly certificate: Bytes; readonly grant: Bytes } | undefined>
  escrows(device: DeviceId): AsyncIterable<Bytes>
  keyrings(): AsyncIterable<Bytes>
}

/** Escrows of one device, or keyrings: one for each change of people or keys, for a lifetime. */
const recordsMax = 10_000

export function linkRecords(link: DeviceLister & Pick<AdminLink, 'listRecords'>): RecordSource {
  return {
    async device(device) {
      for await (const row of link.leanDevices?.(device) ?? link.listDevices()) {
        if (claims(row.certificate, device)) return row
      }
      return undefined
    },
    escrows: device => envelopesOf(link.listRecords('escrow', device)),
    keyrings: () => envelopesOf(link.listRecords('keyring')),
  }
}

async function* envelopesOf(records: AsyncIterable<{ readonly envelope: Bytes }>): AsyncIterable<Bytes> {
  let count = 0
  for await (const { envelope } of records) {
    if (++count > recordsMax)
      throw new Failure('too_many_records', `the collector shows more than ${recordsMax} records`)
    yield envelope
  }
}

/** Whether a certificate, not yet verified, is about this device. */
function claims(certificate: Bytes, device: DeviceId): boolean {
  try {
    return decodeCertificate(decodeEnvelope(certificate).payload).device === device
  } catch (error) {
    if (isFailure(error)) return false
    throw error
  }
}
