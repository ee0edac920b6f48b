/** A device as its signatures prove it, whatever the collector says of it. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { type Certificate, verifyCertificate } from '@backstay/proto/trust/certificate'
import { type Commit, verifyCommit } from '@backstay/proto/trust/commit'
import type { Grant } from '@backstay/proto/trust/grant'
import { type Heartbeat, verifyHeartbeat } from '@backstay/proto/trust/heartbeat'
import { verifyPastGrant } from '@backstay/proto/trust/orders'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { DeviceRow } from '@backstay/proto/wire/frame'
import type { DeviceLister } from './connecting.ts'

export interface KnownDevice {
  readonly certificate: Certificate
  readonly grant: Grant
}

/** Follows the signatures from Trust over the grant to the certificate; throws their codes. */
export async function verifyDevice(
  p: Primitives,
  history: readonly VerifiedTrust[],
  envelopes: { readonly certificate: Bytes; readonly grant: Bytes },
): Promise<KnownDevice> {
  const grant = await provenGrant(p, history, envelopes.grant)
  return { certificate: await verifyCertificate(p, envelopes.certificate, grant), grant }
}

/** By the Trust that they were proved with; it lives as long as that. */
const proven = new WeakMap<readonly VerifiedTrust[], Map<string, Promise<Grant>>>()

/** A grant is shared by many devices, so it is verified once. Throws its codes. */
export function provenGrant(
  p: Primitives,
  history: readonly VerifiedTrust[],
  envelope: Bytes,
): Promise<Grant> {
  const known = proven.get(history) ?? new Map<string, Promise<Grant>>()
  proven.set(history, known)
  const key = hex(envelope)
  const grant = known.get(key) ?? verifyPastGrant(p, envelope, history)
  known.set(key, grant)
  return grant
}

/** One row of the collector, checked. */
export type ListedDevice =
  | {
      readonly state: 'verified'
      readonly row: DeviceRow
      readonly certificate: Certificate
      /** The newest commit, when the collector showed one that the device signed. */
      readonly head: Commit | undefined
      /** The newest heartbeat; `forged`: the collector shows one that is not the device's. */
      readonly heartbeat: Heartbeat | 'forged' | undefined
    }
  /** The collector lists it, but no admin let it in: never restore from it. */
  | { readonly state: 'unverified'; readonly row: DeviceRow; readonly failure: Failure }

export async function checkRow(
  p: Primitives,
  history: readonly VerifiedTrust[],
  row: DeviceRow,
): Promise<ListedDevice> {
  try {
    const { certificate } = await verifyDevice(p, history, row)
    const head = row.head === undefined ? undefined : await verifyCommit(p, row.head, certificate.deviceKey)
    return { state: 'verified', row, certificate, head, heartbeat: await heartbeatOf(p, certificate, row) }
  } catch (error) {
    if (isFailure(error)) return { state: 'unverified', row, failure: error }
    throw error
  }
}

/** Whether the collector lets it in no more. */
export async function isRetired(
  {
    primitives,
    history,
    link,
  }: {
    readonly primitives: Primitives
    readonly history: readonly VerifiedTrust[]
    readonly link: DeviceLister
  },
  device: DeviceId,
): Promise<boolean> {
  for await (const row of link.leanDevices?.(device) ?? link.listDevices()) {
    const listed = await checkRow(primitives, history, row)
    if (listed.state === 'verified' && listed.certificate.device === device) return row.revoked
  }
  return false
}

/** What is wrong with a heartbeat is no reason to distrust the device: the collector showed it. */
async function heartbeatOf(
  p: Primitives,
  certificate: Certificate,
  { heartbeat }: DeviceRow,
): Promise<Heartbeat | 'forged' | undefined> {
  if (heartbeat === undefined) return undefined
  try {
    return await verifyHeartbeat(p, heartbeat, certificate)
  } catch (error) {
    if (isFailure(error)) return 'forged'
    throw error
  }
}

/** Throws `unknown_device`. */
export function unknownDevice(device: DeviceId): Failure {
  return new Failure('unknown_device', `no device "${device}" is in this fleet`, {
    hint: 'list them: backstay devices',
  })
}
