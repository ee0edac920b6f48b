/** A vault in memory with a fleet and its devices, ready to be filled, damaged and opened again. */
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import {
  type TestDevice,
  type TestFleet,
  testDevice,
  testFleet,
  testNowMs,
} from '@backstay/proto/trust/testing/fleet'
import type { Sql } from '../catalog/sql.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { type MemoryPackStore, memoryPackStore } from '../packs/memory.ts'
import type { PackStore } from '../packs/pack-store.ts'
import type { Retrieve } from '../retrieve/retrieve.ts'
import { openVault, type Vault, type VaultOptions } from '../upkeep/open-vault.ts'
import { type CommitOptions, type SampleTree, sampleCommit, sampleEscrow } from './sample-objects.ts'
import { type TestClock, testClock } from './test-clock.ts'

export const sampleFleet: TestFleet = await testFleet(p)
export const laptop: TestDevice = await testDevice(p, sampleFleet, 'laptop')
export const server: TestDevice = await testDevice(p, sampleFleet, 'server')

/** Small packs, so that a handful of objects fills several. */
export const smallLimits = { packBytesMax: 16 * 1024, reserveBytes: 0 }

export interface SampleVault extends Vault {
  readonly store: MemoryPackStore
  readonly sql: Sql
  readonly clock: TestClock
}

export async function sampleVault(options: Partial<VaultOptions> = {}): Promise<SampleVault> {
  const store = memoryPackStore()
  const clock = testClock(testNowMs)
  const sql = options.sql ?? openSqlite(':memory:')
  const vault = await openVault({ p, store, clock, limits: smallLimits, ...options, sql })
  return { ...vault, store, sql, clock }
}

/** The same packs with another catalog, or the same. */
export function reopened(
  store: PackStore,
  sql: Sql,
  clock: TestClock,
  more: Partial<VaultOptions> = {},
): Promise<Vault> {
  return openVault({ p, store, sql, clock, limits: smallLimits, ...more })
}

export async function enrol(ingest: Ingest, ...devices: readonly TestDevice[]): Promise<void> {
  await ingest.putRecord('fleet', sampleFleet.trust.envelope)
  for (const device of devices) {
    await ingest.putRecord('fleet', device.grantEnvelope)
    await ingest.putRecord(device.id, device.certificateEnvelope)
    await ingest.putRecord(device.id, await sampleEscrow(sampleFleet, device))
  }
}

export async function putTree(ingest: Ingest, device: TestDevice, tree: SampleTree): Promise<void> {
  await Promise.all(tree.objects.map(object => ingest.put(device.id, object.stored)))
}

/** Puts a tree and publishes it; returns the commit's id. */
export async function backUp(
  ingest: Ingest,
  device: TestDevice,
  tree: SampleTree,
  options: CommitOptions = {},
): Promise<ObjectId> {
  await putTree(ingest, device, tree)
  const commit = await sampleCommit(sampleFleet, device, tree.root, options)
  return (await ingest.publish(device.id, commit.stored)).id
}

export async function getOne(
  retrieve: Retrieve,
  device: TestDevice,
  id: ObjectId,
): Promise<Sealed | undefined> {
  for await (const { stored } of retrieve.get(device.id, [id])) return stored
  return undefined
}

/** How many of the objects come back, byte for byte. */
export async function countReadable(
  retrieve: Retrieve,
  device: TestDevice,
  objects: SampleTree['objects'],
): Promise<number> {
  const stored = new Map(objects.map(object => [object.id, object.stored]))
  let same = 0
  for await (const got of retrieve.get(device.id, [...stored.keys()])) {
    const wanted = stored.get(got.id)
    if (got.stored && wanted && Buffer.from(got.stored).equals(wanted)) same++
  }
  return same
}
