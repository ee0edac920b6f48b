/**
 * A new device comes in with a grant that an admin signed and a certificate that the grant's key and the device's own
 * key signed; so the collector can prove to everyone that it did not invent the device. docs/protocol.md §4.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { type Certificate, decodeCertificate, verifyCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { type Grant, requireUsable } from '@backstay/proto/trust/grant'
import { verifyGrant } from '@backstay/proto/trust/orders'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { Enroll } from '@backstay/proto/wire/frame'
import { deviceById } from '../catalog/devices.ts'
import { grantById, releaseGrant, useGrant } from '../catalog/grants.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Ingest } from '../ingest/ingest.ts'

export interface Enrolment {
  readonly grant: Grant
  readonly certificate: Certificate
  readonly envelopes: Pick<Enroll, 'grant' | 'certificate'>
}

export interface EnrolmentContext {
  readonly trust: VerifiedTrust
  readonly nowMs: number
  /** When a device was let in; undefined for one that is not known. */
  enrolledAtMs(device: DeviceId): Promise<number | undefined>
}

/**
 * Changes nothing. Throws `expired`, `not_authorized`, `bad_signature`, `wrong_fleet` … A device that was
 * let in and did not learn it may ask again when its grant has ended since.
 */
export async function readEnrolment(
  p: Primitives,
  context: EnrolmentContext,
  envelopes: Enrolment['envelopes'],
): Promise<Enrolment> {
  const { trust } = context
  const claimed = decodeCertificate(decodeEnvelope(envelopes.certificate).payload).device
  const nowMs = (await context.enrolledAtMs(claimed)) ?? context.nowMs
  const grant = await verifyGrant(p, envelopes.grant, { trust, nowMs })
  const certificate = await verifyCertificate(p, envelopes.certificate, grant)
  // A grant without an end, or one that a clock has passed, is none whatever its signature says.
  requireUsable(grant, 0, nowMs)
  return { grant, certificate, envelopes }
}

/**
 * Makes the device known, durably. Whoever asks again because the answer was lost is answered alike and uses up nothing.
 * One at a time, or two could take the last use. Throws `grant_used_up`, `grant_revoked`, `not_admitted` when the device
 * was revoked, and what the store throws; then nothing was used.
 */
export async function enrol(
  sql: Sql,
  ingest: Pick<Ingest, 'putRecord'>,
  { grant, certificate, envelopes }: Enrolment,
): Promise<'enrolled' | 'known'> {
  const { fleet } = certificate
  const known = await deviceById(sql, fleet, certificate.device)
  if (known?.revokedAtMs !== undefined) throw new Failure('not_admitted', 'the device was revoked')
  if (known !== undefined) return 'known'
  await ingest.putRecord('fleet', envelopes.grant)
  if (!(await useGrant(sql, fleet, grant.order.id))) throw await unusable(sql, grant)
  try {
    await ingest.putRecord(certificate.device, envelopes.certificate)
  } catch (error) {
    await releaseGrant(sql, fleet, grant.order.id)
    throw error
  }
  return 'enrolled'
}

async function unusable(sql: Sql, grant: Grant): Promise<Failure> {
  const row = await grantById(sql, grant.order.fleet, grant.order.id)
  return row?.revokedAtMs === undefined
    ? new Failure('grant_used_up', `the enrolment grant was used ${grant.maxUses} times`)
    : new Failure('grant_revoked', 'the enrolment grant was revoked')
}

/** Key id under which the newcomer must have said hello. */
export function keyIdOfNewcomer(p: Primitives, { certificate }: Enrolment): Promise<Bytes> {
  return p.sha256(certificate.deviceKey)
}
