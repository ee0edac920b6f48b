/** A vault with snapshots, closed, that tests damage and look at. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Bytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { listDamage } from '../catalog/damage.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { MemoryPackStore } from '../packs/memory.ts'
import { packKindNamed } from '../packs/pack-name.ts'
import type { SeededRandom } from '../packs/seeded-random.ts'
import { rebuild } from '../upkeep/rebuild.ts'
import { type ScrubOptions, scrub } from '../upkeep/scrub.ts'
import { type SampleTree, sampleTree } from './sample-objects.ts'
import {
  backUp,
  countReadable,
  enrol,
  laptop,
  putTree,
  reopened,
  sampleVault,
  server,
} from './sample-vault.ts'
import { testClock } from './test-clock.ts'

/** Two devices with a snapshot each, cleanly closed: one pack of segments and one of pages. */
export async function storedVault(random: SeededRandom) {
  const vault = await sampleVault({ limits: { packBytesMax: 1024 * 1024, reserveBytes: 0 } })
  await enrol(vault.ingest, laptop, server)
  const tree = await sampleTree(random)
  const other = await sampleTree(random, { leaves: 1, segments: 1 })
  const commit = await backUp(vault.ingest, laptop, tree)
  await backUp(vault.ingest, server, other)
  await vault.close()
  const { store, sql, clock } = vault
  return { store, sql, clock, tree, other, commit }
}

export type StoredVault = Awaited<ReturnType<typeof storedVault>>

export function packOf({ store }: Pick<StoredVault, 'store'>, kind: 'segments' | 'pages'): string {
  const name = [...store.packs.keys()].find(name => packKindNamed(name) === kind)
  ok(name)
  return name
}

export function bytesOf(store: MemoryPackStore, name: string): Bytes {
  const bytes = store.packs.get(name)
  ok(bytes)
  return bytes
}

/** Turns one bit. */
export function flip(store: MemoryPackStore, name: string, at: number, bit = at % 8): void {
  const bytes = bytesOf(store, name).slice()
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  store.packs.set(name, bytes)
}

/** Where an object lies in the packs. */
export function placeOf(store: MemoryPackStore, object: SampleTree['objects'][number] | undefined) {
  ok(object)
  for (const [name, bytes] of store.packs) {
    const at = Buffer.from(bytes).indexOf(Buffer.from(object.stored))
    if (at !== -1) return { name, at }
  }
  throw new Error('the object is in no pack')
}

export function scrubOf(
  { store, sql, clock }: Pick<StoredVault, 'store' | 'sql' | 'clock'>,
  more: Partial<ScrubOptions> = {},
) {
  return scrub({ p, store, sql, clock, vault: firstVault, ...more })
}

/** A catalog made from nothing but these packs. */
export async function rebuilt(store: MemoryPackStore) {
  const sql = openSqlite(':memory:')
  const clock = testClock(testNowMs)
  const report = await rebuild({ p, store, sql, clock, vault: firstVault, monotonic: () => 0 })
  return { sql, clock, report, store }
}

/** Puts everything again into a vault that suffered; then everything must be there and sound. */
export async function requireHeals({ store, sql, clock, tree, other }: StoredVault): Promise<void> {
  const vault = await reopened(store, sql, clock)
  for (const [device, one] of [
    [laptop, tree],
    [server, other],
  ] as const) {
    // Reading is how damage gets known that no scrub has seen yet.
    await countReadable(vault.retrieve, device, one.objects)
    await putTree(vault.ingest, device, one)
    equal(await countReadable(vault.retrieve, device, one.objects), one.objects.length)
  }
  await vault.close()
  const ours = new Set([...tree.objects, ...other.objects].map(object => object.id))
  deepEqual(
    (await listDamage(sql, firstVault)).filter(one => ours.has(one.id)),
    [],
  )
}
