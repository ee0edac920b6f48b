/**
 * A device's keys of one epoch, sealed for those who may restore. What the collector may see of it; opening it needs
 * content/escrow.ts, which the collector must not import.
 */
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type DeviceId, deviceId, type FleetId, fleetId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { deviceIdOf } from './certificate.ts'
import { epochMax } from './commit.ts'
import { decodeEnvelope, signEnvelope, signersOf } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { backstay } from './trust.pb.js'

export interface EscrowRecord {
  readonly fleet: FleetId
  readonly device: DeviceId
  readonly epoch: number
  /** Key check value, 32 bytes: proves that what a file opens to are this epoch's keys. */
  readonly check: Bytes
  /** age file for Trust.kitRecipient. */
  readonly kitFile: Bytes
  /** age file for Trust.deskRecipient. */
  readonly deskFile: Bytes
  readonly trustVersion: number
  readonly issuedAtMs: number
}

/** A hybrid stanza and our 120 bytes take about 2 KiB. */
export const escrowFileBytesMax = 16 * 1024

export function encodeEscrow(record: EscrowRecord): Bytes {
  const ids = { fleet: idToBytes(record.fleet), device: idToBytes(record.device) }
  return plain(backstay.trust.Escrow.encode({ ...record, ...ids }).finish())
}

/** Throws `bad_escrow`. Believes nothing: use `verifyEscrow`. */
export function decodeEscrow(payload: Bytes): EscrowRecord {
  const fields = fieldsOf('escrow', 'an escrow record')
  const message = fields.decode(backstay.trust.Escrow, payload, 'lenient')
  const file = { min: 1, max: escrowFileBytesMax }
  return {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    device: deviceId(fields.fixed('device id', message.device, 16)),
    epoch: fields.integer('epoch', message.epoch, epochMax),
    check: fields.fixed('check value', message.check, 32),
    kitFile: fields.bytes('kit file', message.kitFile, file),
    deskFile: fields.bytes('desk file', message.deskFile, file),
    trustVersion: fields.integer('Trust version', message.trustVersion),
    issuedAtMs: fields.time('time of issue', message.issuedAtMs),
  }
}

export function signEscrow(p: Primitives, record: EscrowRecord, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'escrow', encodeEscrow(record), [key])
}

/** `deviceKey` is from the device's certificate. Throws `bad_signature`, `bad_escrow`, `bad_envelope`, `wrong_kind`. */
export async function verifyEscrow(p: Primitives, bytes: Bytes, deviceKey: Bytes): Promise<EscrowRecord> {
  const envelope = decodeEnvelope(bytes)
  if ((await signersOf(p, 'escrow', envelope, [deviceKey])).length === 0) {
    throw new Failure('bad_signature', 'the escrow record is not signed by its device')
  }
  const record = decodeEscrow(envelope.payload)
  if (record.device !== (await deviceIdOf(p, deviceKey))) {
    throw new Failure(
      'bad_escrow',
      `the escrow record is for device "${record.device}", which did not sign it`,
    )
  }
  return record
}
