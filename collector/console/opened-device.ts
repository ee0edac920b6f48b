/** A device's archive as a restore admin opens it by the desk, in a command or in a page: keys from its escrow, snapshots checked. */
import type { Identity } from '@backstay/proto/content/age'
import { type OpenedArchive, openedArchive } from '@backstay/proto/content/archive/opened'
import { openSnapshot, type Snapshot } from '@backstay/proto/content/archive/snapshots'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { AdminLink, DeviceLister } from './connecting.ts'
import { deskIdentities } from './desk.ts'
import { linkRecords } from './record-source.ts'
import { type UnlockedDevice, unlockFrom } from './unlock.ts'

export interface DeskHolder {
  readonly primitives: Primitives
  readonly link: DeviceLister & Pick<AdminLink, 'listRecords' | 'listSnapshots' | 'get'>
  readonly history: readonly VerifiedTrust[]
  /** Opens the keyring. Never logged. */
  readonly identity: Identity
}

export interface OpenedDevice {
  readonly device: UnlockedDevice
  readonly archive: OpenedArchive
}

/** Throws `no_keyring`, `unknown_device`, `no_escrow`, `not_recoverable`, and for a snapshot that its device did not sign. */
export async function openDevice(
  { primitives, link, history, identity }: DeskHolder,
  device: DeviceId,
): Promise<OpenedDevice> {
  const records = linkRecords(link)
  const identities = await deskIdentities(records, history, identity)
  const opened = await unlockFrom(primitives, records, history, device, { way: 'desk', identities })
  const { certificate, keys } = opened
  const { deviceKey } = certificate
  const reader = { primitives, deviceKey, keysOf: (epoch: number) => keys.get(epoch) }
  const snapshots: Snapshot[] = []
  for await (const { stored, receivedAtMs } of link.listSnapshots(device))
    snapshots.push(await openSnapshot(reader, stored, receivedAtMs))
  const source = { get: (ids: readonly ObjectId[]) => link.get(ids, device) }
  const archive = openedArchive({ primitives, source, keys: [...keys.values()], snapshots })
  return { device: opened, archive }
}
