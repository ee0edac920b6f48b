/**
 * Opening a device's keys from its escrows: by the desk, whose identity the keyring holds for each restore admin, or by
 * the kit. Where the records come from does not matter, a collector or packs: everything is checked here.
 */
import type { Identity } from '@backstay/proto/content/age'
import { type DeviceSecrets, openEscrow } from '@backstay/proto/content/escrow'
import { type EpochKeys, epochKeys } from '@backstay/proto/content/keys'
import type { Kit } from '@backstay/proto/content/kit'
import { Failure, isFailure } from '@backstay/proto/failure'
import { encodeRecord } from '@backstay/proto/object/header'
import { type DeviceId, type ObjectId, objectId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { type EscrowRecord, verifyEscrow } from '@backstay/proto/trust/escrow-record'
import type { EscrowWay } from '@backstay/proto/trust/proof'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { Admin, AdminSession } from './admin.ts'
import { deskIdentities } from './desk.ts'
import { unknownDevice, verifyDevice } from './known-device.ts'
import { linkRecords, type RecordSource } from './record-source.ts'

export interface UnlockedDevice {
  readonly certificate: Certificate
  /** By epoch. Never logged. */
  readonly keys: ReadonlyMap<number, EpochKeys>
  readonly secrets: ReadonlyMap<number, DeviceSecrets>
  /** Escrows tried, newest first in each epoch. */
  readonly tried: readonly TriedEscrow[]
}

export interface TriedEscrow {
  readonly epoch: number
  /** Record id. */
  readonly id: ObjectId
  readonly way: EscrowWay
  /** For whose recipients the device says that it was sealed. */
  readonly trustVersion: number
  /** Undefined when it opened to the right keys. */
  readonly failure: Failure | undefined
}

/** With the desk identity of the keyring. Throws `unknown_device`, `no_escrow`, `no_keyring`, `not_recoverable`. */
export async function unlockDevice(
  session: AdminSession,
  admin: Admin,
  device: DeviceId,
): Promise<UnlockedDevice> {
  const { primitives } = session
  const records = linkRecords(session.link)
  const identities = await deskIdentities(records, session.history, admin.identity)
  return unlockFrom(primitives, records, session.history, device, { way: 'desk', identities })
}

/** With the kit on paper. Throws as `unlockDevice` does. */
export function unlockDeviceWithKit(
  session: AdminSession,
  kit: Kit,
  device: DeviceId,
): Promise<UnlockedDevice> {
  return unlockFrom(session.primitives, linkRecords(session.link), session.history, device, kitWay(kit))
}

export interface Unlocking {
  readonly way: EscrowWay
  readonly identities: readonly Identity[]
}

export function kitWay(kit: Kit): Unlocking {
  return { way: 'kit', identities: [kit.identity] }
}

/** As an admin let it in. Throws `unknown_device`, and the codes of signatures. */
export async function certificateOf(
  p: Primitives,
  records: Pick<RecordSource, 'device'>,
  history: readonly VerifiedTrust[],
  device: DeviceId,
): Promise<Certificate> {
  const envelopes = await records.device(device)
  if (envelopes === undefined) throw unknownDevice(device)
  const { certificate } = await verifyDevice(p, history, envelopes)
  if (certificate.device !== device) throw unknownDevice(device)
  return certificate
}

/** From any source of records; for `backstay recover`, where there is no collector. */
export async function unlockFrom(
  p: Primitives,
  records: RecordSource,
  history: readonly VerifiedTrust[],
  device: DeviceId,
  unlocking: Unlocking,
): Promise<UnlockedDevice> {
  const certificate = await certificateOf(p, records, history, device)
  const opened = await openEscrows(p, records, certificate, unlocking)
  if (opened.secrets.size > 0) return opened
  const why = opened.tried[0]?.failure
  if (why === undefined) {
    throw new Failure('no_escrow', `device "${device}" has no escrow: its keys are nowhere but on the device`)
  }
  throw new Failure('not_recoverable', `no escrow of device "${device}" opens: ${why.message}`, {
    cause: why,
    ...(unlocking.way === 'desk' ? { hint: 'try with the recovery kit: --kit FILE' } : {}),
  })
}

/** Tries the escrows of every epoch of a verified device, newest first, until one opens. */
export async function openEscrows(
  p: Primitives,
  records: Pick<RecordSource, 'escrows'>,
  certificate: Certificate,
  unlocking: Unlocking,
): Promise<UnlockedDevice> {
  return { certificate, ...(await openKeys(p, records, certificate, unlocking)) }
}

/** The same of whoever signs his own escrows: a device, a parcel. */
export async function openKeys(
  p: Primitives,
  records: Pick<RecordSource, 'escrows'>,
  signer: EscrowSigner,
  unlocking: Unlocking,
): Promise<Omit<UnlockedDevice, 'certificate'>> {
  const secrets = new Map<number, DeviceSecrets>()
  const keys = new Map<number, EpochKeys>()
  const tried: TriedEscrow[] = []
  for (const { id, record } of await genuineEscrows(p, records.escrows(signer.device), signer)) {
    const { epoch, trustVersion } = record
    if (secrets.has(epoch)) continue
    const result = await tryEscrow(p, record, unlocking)
    const failure = result instanceof Failure ? result : undefined
    tried.push({ epoch, id, way: unlocking.way, trustVersion, failure })
    if (result instanceof Failure) continue
    secrets.set(epoch, result)
    keys.set(epoch, await epochKeys(p, result.deviceSecret, result.borderSecret, epoch))
  }
  return { keys, secrets, tried }
}

export type EscrowSigner = Pick<Certificate, 'device' | 'deviceKey'>

/** What the device did not sign is not counted: the collector could add as much of it as it likes. */
export async function genuineEscrows(
  p: Primitives,
  envelopes: AsyncIterable<Uint8Array>,
  { deviceKey }: EscrowSigner,
) {
  const genuine: { readonly id: ObjectId; readonly record: EscrowRecord }[] = []
  for await (const envelope of envelopes) {
    try {
      const record = await verifyEscrow(p, envelope, deviceKey)
      genuine.push({ id: objectId(await p.sha256(encodeRecord(envelope))), record })
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return genuine.toSorted(
    (a, b) => b.record.epoch - a.record.epoch || b.record.issuedAtMs - a.record.issuedAtMs,
  )
}

async function tryEscrow(
  p: Primitives,
  record: EscrowRecord,
  { way, identities }: Unlocking,
): Promise<DeviceSecrets | Failure> {
  let last = new Failure('not_for_us', 'there is no identity to open it with')
  for (const identity of identities) {
    try {
      return await openEscrow(p, record, identity, way)
    } catch (error) {
      if (!isFailure(error)) throw error
      // That it opens to wrong keys says more than that another identity does not fit.
      if (last.code !== 'escrow_mismatch') last = error
    }
  }
  return last
}
