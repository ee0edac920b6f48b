/**
 * A device's identity: signed by the grant's key, so that the collector alone cannot invent a device, and by the
 * device's own key, so that nobody can enrol a key that he does not hold.
 */
import { type Bytes, equalBytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type DeviceId, deviceId, deviceIdBytes, type FleetId, fleetId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { decodeEnvelope, signEnvelope, signersOf } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import type { Grant } from './grant.ts'
import { nameBytesMax, publicKey, recipient } from './key-fields.ts'
import { backstay } from './trust.pb.js'

export interface Certificate {
  readonly fleet: FleetId
  readonly device: DeviceId
  /** Ed25519 public key. */
  readonly deviceKey: Bytes
  /** 16 bytes: the id of the grant's order. */
  readonly grantId: Bytes
  readonly name: string
  readonly platform: string
  readonly issuedAtMs: number
  /** `age1pq1…`, receives sealed jobs. */
  readonly recipient: string
  /** Marks of the machine, 16 bytes each; none when it has nothing to tell it by. Believed by nobody: a hint for people. */
  readonly machine: readonly Bytes[]
}

/** Of the hardware, and of the installation; two more for what comes. */
export const machineMarksMax = 4
export const machineMarkBytes = 16

/** First 16 bytes of SHA-256 of the device's public key. */
export async function deviceIdOf(p: Primitives, deviceKey: Bytes): Promise<DeviceId> {
  return deviceId((await p.sha256(deviceKey)).subarray(0, deviceIdBytes))
}

export function encodeCertificate(certificate: Certificate): Bytes {
  const ids = { fleet: idToBytes(certificate.fleet), device: idToBytes(certificate.device) }
  const machine = [...certificate.machine]
  return plain(backstay.trust.Certificate.encode({ ...certificate, ...ids, machine }).finish())
}

/** Throws `bad_certificate`. Believes nothing: use `verifyCertificate`. */
export function decodeCertificate(payload: Bytes): Certificate {
  const fields = fieldsOf('certificate', 'a device certificate')
  const message = fields.decode(backstay.trust.Certificate, payload, 'lenient')
  return {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    device: deviceId(fields.fixed('device id', message.device, 16)),
    deviceKey: publicKey(fields, 'key', message.deviceKey),
    grantId: fields.fixed('grant id', message.grantId, 16),
    name: fields.text('name', message.name, nameBytesMax),
    platform: fields.text('platform', message.platform, nameBytesMax),
    issuedAtMs: fields.time('time of issue', message.issuedAtMs),
    recipient: recipient(fields, 'recipient', message.recipient),
    machine: fields.list('marks of the machine', message.machine, { max: machineMarksMax }, mark =>
      fields.fixed('mark of the machine', mark, machineMarkBytes),
    ),
  }
}

export function signCertificate(
  p: Primitives,
  certificate: Certificate,
  grantKey: SigningKey,
  deviceKey: SigningKey,
): Promise<Bytes> {
  return signEnvelope(p, 'certificate', encodeCertificate(certificate), [grantKey, deviceKey])
}

/**
 * The grant must have been verified before. Throws `bad_certificate`, `wrong_fleet`, `wrong_grant`, `bad_signature`,
 * `bad_envelope`, `wrong_kind`.
 */
export async function verifyCertificate(p: Primitives, bytes: Bytes, grant: Grant): Promise<Certificate> {
  const envelope = decodeEnvelope(bytes)
  if ((await signersOf(p, 'certificate', envelope, [grant.grantKey])).length === 0) {
    throw new Failure('bad_signature', 'the certificate is not signed by its enrolment grant')
  }
  const certificate = decodeCertificate(envelope.payload)
  if (equalBytes(certificate.deviceKey, grant.grantKey)) {
    throw new Failure('bad_certificate', "a device must have a key of its own, not its grant's")
  }
  if ((await signersOf(p, 'certificate', envelope, [certificate.deviceKey])).length === 0) {
    throw new Failure('bad_signature', 'the certificate is not signed by the device itself')
  }
  if (certificate.device !== (await deviceIdOf(p, certificate.deviceKey))) {
    throw new Failure(
      'bad_certificate',
      `device id "${certificate.device}" does not follow from the device's key`,
    )
  }
  if (certificate.fleet !== grant.order.fleet) {
    throw new Failure('wrong_fleet', `the certificate is for fleet "${certificate.fleet}"`)
  }
  if (!equalBytes(certificate.grantId, grant.order.id)) {
    throw new Failure('wrong_grant', 'the certificate names another enrolment grant')
  }
  return certificate
}
