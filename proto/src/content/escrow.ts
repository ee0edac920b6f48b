/**
 * A device's secrets of one epoch, sealed twice: for the kit on paper and for the desk of the restore admins. Only
 * opening an escrow proves that it holds the right keys, so every opening compares the check value. docs/format.md §11.
 */
import { type Bytes, equalSecret, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type DeviceId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { type EscrowRecord, signEscrow } from '../trust/escrow-record.ts'
import { fieldsOf, plain } from '../trust/fields.ts'
import type { EscrowWay } from '../trust/proof.ts'
import type { VerifiedTrust } from '../trust/trust.ts'
import { type Identity, openWith, sealTo } from './age.ts'
import { backstay } from './content.pb.js'
import { epochKeys, secretBytes } from './keys.ts'

export interface DeviceSecrets {
  readonly epoch: number
  /** 32 bytes, of this epoch. Never logged. */
  readonly deviceSecret: Bytes
  /** 32 bytes, fixed at enrolment. Never logged. */
  readonly borderSecret: Bytes
}

export interface EscrowOptions {
  /** Recipients come from here and from nowhere else. */
  readonly trust: VerifiedTrust
  readonly device: DeviceId
  readonly secrets: DeviceSecrets
  readonly signingKey: SigningKey
  readonly nowMs: number
}

/** Makes and signs the escrow of one epoch; returns the encoded envelope. */
export async function makeEscrow(p: Primitives, options: EscrowOptions): Promise<Bytes> {
  const { trust, device, secrets } = options
  const secret = encodeEscrowSecret(device, secrets)
  const record: EscrowRecord = {
    fleet: trust.fleet,
    device,
    epoch: secrets.epoch,
    check: await checkValue(p, secrets),
    kitFile: await sealTo([trust.document.kitRecipient], secret),
    deskFile: await sealTo([trust.document.deskRecipient], secret),
    trustVersion: trust.document.version,
    issuedAtMs: options.nowMs,
  }
  return signEscrow(p, record, options.signingKey)
}

/**
 * Opens a verified escrow record one way. Throws `escrow_mismatch` when what is inside are not the keys that the record
 * promises, and `not_for_us`, `bad_age_file`, `bad_identity` when it does not open.
 */
export async function openEscrow(
  p: Primitives,
  record: EscrowRecord,
  identity: Identity,
  way: EscrowWay,
): Promise<DeviceSecrets> {
  const secret = await openWith([identity], way === 'kit' ? record.kitFile : record.deskFile)
  const read = decodeSecret(secret, record)
  if (!equalSecret(await checkValue(p, read), record.check)) {
    throw mismatch(record, 'it opens, but to other keys than it promises')
  }
  return read
}

/** The key check value: tells nothing about the keys and everything about whether they are the right ones. */
export async function checkValue(p: Primitives, secrets: DeviceSecrets): Promise<Bytes> {
  const { checkKey } = await epochKeys(p, secrets.deviceSecret, secrets.borderSecret, secrets.epoch)
  return p.hmacSha256(checkKey, utf8('kcv'))
}

/** What the age files open to. */
export function encodeEscrowSecret(device: DeviceId, secrets: DeviceSecrets): Bytes {
  const { deviceSecret, borderSecret, epoch } = secrets
  const message = { deviceSecret, borderSecret, deviceId: idToBytes(device), epoch }
  return plain(backstay.content.EscrowSecret.encode(message).finish())
}

function decodeSecret(secret: Bytes, record: EscrowRecord): DeviceSecrets {
  const fields = fieldsOf('escrow_secret', 'an escrowed secret')
  try {
    const message = fields.decode(backstay.content.EscrowSecret, secret, 'lenient')
    const device = fields.fixed('device id', message.deviceId, 16)
    const read = {
      epoch: fields.integer('epoch', message.epoch),
      deviceSecret: fields.fixed('device secret', message.deviceSecret, secretBytes),
      borderSecret: fields.fixed('border secret', message.borderSecret, secretBytes),
    }
    if (!equalSecret(device, idToBytes(record.device)) || read.epoch !== record.epoch) {
      throw mismatch(record, 'it opens, but to the keys of another device or epoch')
    }
    return read
  } catch (cause) {
    if (cause instanceof Failure && cause.code === 'escrow_mismatch') throw cause
    throw mismatch(record, 'it opens, but not to keys', cause)
  }
}

function mismatch(record: EscrowRecord, why: string, cause?: unknown): Failure {
  return new Failure(
    'escrow_mismatch',
    `escrow of device "${record.device}", epoch ${record.epoch}: ${why}`,
    {
      cause,
      remedy: 'repair',
      hint: 'have the device escrow its keys again; until then its data cannot be recovered',
    },
  )
}
