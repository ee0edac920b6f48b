/** A new catalog from the packs alone: a replay into an empty one, and a word on what was not there any more. */
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { openCatalog } from '../catalog/catalog.ts'
import { countDamage } from '../catalog/damage.ts'
import { listDevices } from '../catalog/devices.ts'
import { countSnapshots, unpublishedSnapshots } from '../catalog/snapshots.ts'
import { fleetOfVault } from '../catalog/vaults.ts'
import { missingBelow } from './missing-below.ts'
import { type Replayed, type ReplayOptions, replay } from './replay.ts'

export interface Rebuilt extends Replayed {
  readonly objects: number
  readonly devices: number
  readonly snapshots: number
  /** Commits of which something is missing: not published until it comes again. */
  readonly incomplete: readonly IncompleteSnapshot[]
  /** Objects that lie in the packs and are broken. */
  readonly damaged: number
  readonly ms: number
}

export interface IncompleteSnapshot {
  readonly device: DeviceId
  readonly id: ObjectId
  readonly sequence: number
  /** At most `namedMax`; there may be more. */
  readonly missing: readonly ObjectId[]
}

/** Of one snapshot so many missing objects are named. */
const namedMax = 8

/** `sql` must be empty. Throws what `replay` throws. */
export async function rebuild(
  options: ReplayOptions & { readonly monotonic: () => number },
): Promise<Rebuilt> {
  const { sql, vault } = options
  const begun = options.monotonic()
  await openCatalog(sql)
  const replayed = await replay(options)
  const fleet = await fleetOfVault(sql, vault)
  const incomplete: IncompleteSnapshot[] = []
  for (const snapshot of fleet === undefined ? [] : await unpublishedSnapshots(sql, fleet)) {
    const { device, id, sequence } = snapshot
    const missing = await missingBelow(options, device, id, namedMax)
    incomplete.push({ device, id, sequence, missing })
  }
  return {
    ...replayed,
    objects: replayed.read.reduce((sum, pack) => sum + pack.objects, 0),
    devices: fleet === undefined ? 0 : (await listDevices(sql, fleet, { limit: 1_000_000 })).length,
    snapshots: fleet === undefined ? 0 : await countSnapshots(sql, fleet, true),
    incomplete,
    damaged: await countDamage(sql, vault),
    ms: options.monotonic() - begun,
  }
}
