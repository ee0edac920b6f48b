/** The root of a parcel that was packed before, by its escrow: for whoever hands it over once more. */
import { chooseSnapshot, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import type { Reference } from '@backstay/proto/content/entry'
import { Failure } from '@backstay/proto/failure'
import type { AdminSession } from '../admin.ts'
import { deskIdentities } from '../desk.ts'
import { linkRecords } from '../record-source.ts'
import { openKeys } from '../unlock.ts'
import type { KnownParcel } from './known-parcels.ts'

/** Throws `no_keyring`, `not_recoverable`, `no_snapshot` for one that was never packed whole. */
export async function rootOfParcel(session: AdminSession, { given }: KnownParcel): Promise<Reference> {
  const { primitives: p, link, history, admin } = session
  const records = linkRecords(link)
  const identities = await deskIdentities(records, history, admin.identity)
  const signer = { device: given.id, deviceKey: given.key }
  const { keys } = await openKeys(p, records, signer, { way: 'desk', identities })
  if (keys.size === 0)
    throw new Failure('not_recoverable', 'no escrow of this parcel opens with the desk', {
      hint: 'pack it again: backstay parcel DEVICE PATH --to DEVICE',
    })
  const reader = { primitives: p, deviceKey: given.key, keysOf: (epoch: number) => keys.get(epoch) }
  const { root } = await chooseSnapshot({ kind: 'newest' }, snapshotsOf(reader, link.listSnapshots(given.id)))
  return root
}
