/** A vault whose snapshots grow old and go: what tests of retention and collection share. */
import { deepEqual, equal } from 'node:assert/strict'
import { nodePrimitives as p } from '@backstay/proto/node'
import { childIds, decodeWhole } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import { frameHeaderBytes, packHeaderBytes } from '@backstay/proto/object/pack'
import type { Retention } from '@backstay/proto/policy/settings'
import { type TestDevice, type TestFleet, testLayer } from '@backstay/proto/trust/testing/fleet'
import { latestSnapshot } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { readPackEnd } from '../packs/pack-index.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { scanFrames } from '../packs/scan.ts'
import { type CollectionOptions, type CollectionReport, collect } from '../upkeep/collection/collection.ts'
import type { Vault } from '../upkeep/open-vault.ts'
import { type SampleTree, sampleCommit } from './sample-objects.ts'
import { putTree, sampleFleet } from './sample-vault.ts'

export const dayMs = 86_400_000
const fleet = sampleFleet.trust.fleet

/** The last three and the newest of a day stay, as soon as their minimum age is over. */
export const shortRetention: Retention = {
  keepWithinDays: 0,
  keepDaily: 1,
  keepWeekly: 0,
  keepMonthly: 0,
  keepYearly: 0,
}

interface Place {
  readonly store: PackStore
  readonly sql: Sql
  readonly clock: CollectionOptions['clock']
}

/** Everything dead goes at once when its time is over, whatever part of a pack it is. */
export function collectFrom(
  vault: Pick<Vault, 'ingest' | 'retention'>,
  { store, sql, clock }: Place,
  more: Partial<CollectionOptions> & { readonly dryRun?: boolean } = {},
): Promise<CollectionReport> {
  const key = sampleFleet.collector
  const limits = { wasteMax: 0, packBytesMax: 16 * 1024, ...more.limits }
  return collect({ p, store, sql, clock, vault: firstVault, ...vault, key, ...more, limits })
}

export async function putPolicy(
  ingest: Pick<Ingest, 'putRecord'>,
  retention: Retention,
  sequence = 1,
  by: TestFleet = sampleFleet,
): Promise<void> {
  const setting = { kind: 'retention', value: retention, locked: false } as const
  await ingest.putRecord('fleet', await testLayer(p, by, [setting], { sequence }))
}

/** Puts a tree and publishes it behind the device's newest commit. */
export async function backUpNext(
  ingest: Ingest,
  sql: Sql,
  device: TestDevice,
  tree: SampleTree,
  complete = true,
): Promise<ObjectId> {
  await putTree(ingest, device, tree)
  return publishNext(ingest, sql, device, tree.root, complete)
}

export async function publishNext(
  ingest: Ingest,
  sql: Sql,
  device: TestDevice,
  root: ObjectId,
  complete = true,
): Promise<ObjectId> {
  const head = await latestSnapshot(sql, fleet, device.id)
  const follows = head === undefined ? {} : { sequence: head.sequence + 1, previous: head.id }
  const commit = await sampleCommit(sampleFleet, device, root, { ...follows, complete })
  return (await ingest.publish(device.id, commit.stored)).id
}

/** All objects in sealed packs by domain and id, read frame by frame, with the children that they name. */
export async function contentOf(store: PackStore): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  for await (const { name, bytes } of store.list()) {
    const end = await readPackEnd(p, store, name, bytes)
    equal(end.state, 'sealed', name)
    const to = end.state === 'sealed' ? end.framesEnd : bytes
    for await (const frame of scanFrames(p, store, name, { from: packHeaderBytes, to })) {
      if (frame.state !== 'whole') throw new Error(`${name}: ${frame.state}`)
      const key = frame.domain + frame.id
      equal(found.has(key), false, 'an object lies there twice')
      found.set(
        key,
        childIds(decodeWhole(frame.stored).header).map(child => frame.domain + child),
      )
    }
  }
  return found
}

/** What the packs hold is what is reached from their records, object by object. */
export async function requireReachable(store: PackStore): Promise<void> {
  const content = await contentOf(store)
  const reached = new Set<string>()
  const records = new Set<string>()
  for await (const { name, bytes } of store.list()) {
    const end = await readPackEnd(p, store, name, bytes)
    for (const { domain, id, type } of end.state === 'sealed' ? end.objects : []) {
      if (type === 'record') records.add(domain + id)
    }
  }
  const stack = [...records]
  for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
    if (reached.has(key)) continue
    reached.add(key)
    stack.push(...(content.get(key) ?? []))
  }
  deepEqual([...content.keys()].sort(), [...reached].sort())
}

/** Bytes of all packs that are no frames: headers, indexes, trailers. */
export async function overheadOf(store: PackStore): Promise<number> {
  let bytes = 0
  for await (const pack of store.list()) {
    const end = await readPackEnd(p, store, pack.name, pack.bytes)
    const objects = end.state === 'sealed' ? end.objects : []
    bytes += pack.bytes - objects.reduce((sum, one) => sum + one.length + frameHeaderBytes, 0)
  }
  return bytes
}
