/**
 * Which snapshots need an object that is damaged. Ids of children stand in the clear, so this needs no key: the pages are
 * read once more, children first, and each that names a touched child is touched. What is touched lies in the catalog,
 * not in memory, however much it is.
 */
import { isFailure } from '@backstay/proto/failure'
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
import { aroundBadSectors } from '../packs/around-bad-sectors.ts'
import { comparePackNames, packKindNamed } from '../packs/pack-name.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { scanFrames } from '../packs/scan.ts'
import { neededChildren } from './needed-children.ts'
import { pacer } from './pacer.ts'
import type { ScrubOptions } from './scrub.ts'

export interface TouchedOptions extends ScrubOptions {
  /** Around each pack that is read. */
  readonly turn?: <T>(work: () => Promise<T>) => Promise<T>
}

export async function touchedSnapshots(options: TouchedOptions, fleet: FleetId): Promise<TouchedSnapshot[]> {
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
async function spreadOnce(options: TouchedOptions): Promise<boolean> {
  const { store, isOpen, turn = work => work() } = options
  const pace = pacer(options.clock, options.bytesPerSecond, options.signal)
  const packs: { readonly name: string; readonly bytes: number }[] = []
  for await (const pack of store.list()) {
    if (packKindNamed(pack.name) === 'pages' && isOpen?.(pack.name) !== true) packs.push(pack)
  }
  let more = false
  for (const { name, bytes } of packs.sort((a, b) => comparePackNames(a.name, b.name))) {
    const news = await turn(() => spreadInPack(options, name))
    more ||= news
    await pace(bytes)
  }
  return more
}

async function spreadInPack(
  { p, store, sql, vault, signal }: TouchedOptions,
  name: string,
): Promise<boolean> {
  let more = false
  for await (const { domain, id, header, stored } of wholeFrames(p, store, name)) {
    signal?.throwIfAborted()
    if (header.children.length === 0) continue
    const added = await addTouched(sql, vault, domain, id, neededChildren(header, stored))
    more ||= added
  }
  return more
}

/** A pack that cannot be read was named by the scrub. */
async function* wholeFrames(p: ScrubOptions['p'], store: PackStore, name: string) {
  try {
    const range = { from: packHeaderBytes, to: (await store.size(name)) ?? 0 }
    for await (const found of scanFrames(p, aroundBadSectors(store).store, name, range)) {
      if (found.state === 'whole') yield found
    }
  } catch (error) {
    if (!isFailure(error, 'pack_unreadable') && !isFailure(error, 'pack_missing')) throw error
  }
}
