/**
 * Which snapshots need an object that is damaged. Ids of children stand in the clear, so this needs no key: the pages are
 * read once more, children first, and each that names a touched child is touched. What is touched lies in the catalog,
 * not in memory, however much it is.
 */
import { childIds } from '@backstay/proto/object/header'
import type { FleetId } from '@backstay/proto/object/id'
import { packHeaderBytes } from '@backstay/proto/object/pack'
import { countDamage } from '../catalog/damage.ts'
import {
  addTouched,
  beginTouched,
  endTouched,
  type TouchedSnapshot,
  takeTouchedSnapshots,
} from '../catalog/touched.ts'
import { comparePackNames, packKindNamed } from '../packs/pack-name.ts'
import { scanFrames } from '../packs/scan.ts'
import type { ScrubOptions } from './scrub.ts'

export async function touchedSnapshots(options: ScrubOptions, fleet: FleetId): Promise<TouchedSnapshot[]> {
  const { sql, vault } = options
  await beginTouched(sql, vault)
  if ((await countDamage(sql, vault)) > 0) {
    while (await spreadOnce(options)) {
      // Where a child lies behind its parent, one round is not enough.
    }
  }
  const snapshots = await takeTouchedSnapshots(sql, fleet, vault)
  await endTouched(sql, vault)
  return snapshots
}

/** True when something more turned out to be touched. */
async function spreadOnce({ p, store, sql, vault, isOpen, signal }: ScrubOptions): Promise<boolean> {
  const names: string[] = []
  for await (const { name } of store.list()) {
    if (packKindNamed(name) === 'pages' && isOpen?.(name) !== true) names.push(name)
  }
  let more = false
  for (const name of names.sort(comparePackNames)) {
    const range = { from: packHeaderBytes, to: (await store.size(name)) ?? 0 }
    for await (const found of scanFrames(p, store, name, range)) {
      signal?.throwIfAborted()
      if (found.state !== 'whole' || found.header.children.length === 0) continue
      const added = await addTouched(sql, vault, found.domain, found.id, childIds(found.header))
      more ||= added
    }
  }
  return more
}
