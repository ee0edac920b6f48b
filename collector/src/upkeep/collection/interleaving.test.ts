/**
 * Backups and collections in any order and side by side: puts, questions, commits, faults, restarts and months that pass.
 * A snapshot that is listed is whole at every moment; what the device was told is here can be built on, or it is told
 * that it is gone. SEED=… repeats; SLOW=1 runs thousands, RUNS=… so many.
 */
import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId } from '@backstay/proto/object/id'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import * as fc from 'fast-check'
import { listSnapshots } from '../../catalog/snapshots.ts'
import { openSqlite } from '../../catalog/sqlite.ts'
import { memoryPackStore } from '../../packs/memory.ts'
import { seededRandom } from '../../packs/seeded-random.ts'
import {
  collectFrom,
  dayMs,
  publishNext,
  putPolicy,
  requireReachable,
  shortRetention,
} from '../../testing/collecting.ts'
import { type SampleObject, sampleObject } from '../../testing/sample-objects.ts'
import { countReadable, enrol, laptop, sampleFleet } from '../../testing/sample-vault.ts'
import { testClock } from '../../testing/test-clock.ts'
import { openVault, type Vault } from '../open-vault.ts'

type Deed =
  | { readonly do: 'put'; readonly children: readonly number[] }
  /** What the device remembers of long ago, whether or not it is here. */
  | { readonly do: 'again' | 'have' | 'publish'; readonly index: number }
  | { readonly do: 'days'; readonly days: number }
  | { readonly do: 'collect' | 'wait' | 'restart' | 'turn' }
  | { readonly do: 'rebuild' }

const index = fc.nat(40)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      children: fc.array(fc.nat(40), { maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('again' as const, 'have' as const), index }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('publish' as const), index }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('days' as const), days: fc.nat(45) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('collect' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('wait' as const, 'turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'rebuild' as const) }) },
)

const limits = { packBytesMax: 1500, packAgeMaxMs: 20 * dayMs, reserveBytes: 0, commitRefillMs: 1 }
const fleet = sampleFleet.trust.fleet
/** What a device may be told: it sends again, or tries later. */
const expected = ['unknown_child', 'unknown_root', 'stale_head', 'closed']

class World {
  readonly random = seededRandom(5)
  readonly packs = memoryPackStore()
  readonly clock = testClock(testNowMs)
  /** Everything that the device ever made. */
  readonly made: SampleObject[] = []
  readonly roots = new Map<ObjectId, ObjectId>()
  catalog = openSqlite(':memory:')
  waiting: Promise<void>[] = []
  collecting: Promise<unknown> = Promise.resolve()
  vault: Vault | undefined

  get open(): Vault {
    if (this.vault === undefined) throw new Error('the vault is not open')
    return this.vault
  }

  async begin(): Promise<void> {
    const seeded = { ...p, random: (length: number) => this.random.bytes(length) }
    this.vault = await openVault({
      p: seeded,
      store: this.packs,
      sql: this.catalog,
      clock: this.clock,
      limits,
    })
  }

  async end(): Promise<void> {
    await this.settle()
    await this.open.close()
  }

  async settle(): Promise<void> {
    await Promise.all([...this.waiting, this.collecting])
    this.waiting = []
  }

  run(work: Promise<void>): void {
    this.waiting.push(
      work.catch(error => {
        if (!isFailure(error) || !expected.includes(error.code)) throw error
      }),
    )
  }

  collect(): Promise<unknown> {
    const { packs: store, catalog: sql, clock } = this
    return collectFrom(this.open, { store, sql, clock }, { limits: { packBytesMax: 1500, mergeMin: 2 } })
  }

  async do(deed: Deed): Promise<void> {
    switch (deed.do) {
      case 'put': {
        const children = deed.children.flatMap(at => this.made[at % (this.made.length + 1)]?.id ?? [])
        const object = await sampleObject(this.random, children.length > 0 ? 'page' : 'segment', children)
        this.made.push(object)
        return this.run(this.put(object))
      }
      case 'again': {
        const object = this.made[deed.index % (this.made.length || 1)]
        return object && this.run(this.put(object))
      }
      case 'have': {
        const object = this.made[deed.index % (this.made.length || 1)]
        return object && this.run(this.buildOn(object))
      }
      case 'publish': {
        const root = this.made[deed.index % (this.made.length || 1)]
        return root && this.run(this.publish(root.id))
      }
      case 'days':
        // The device is offline meanwhile; what it was told before may be gone afterwards.
        await this.settle()
        this.clock.nowMs += deed.days * dayMs
        this.open.retention.now()
        return
      case 'collect':
        await this.collecting
        this.collecting = this.collect()
        return
      case 'turn':
        await new Promise(resolve => setImmediate(resolve))
        return
      case 'wait':
        await this.settle()
        return this.check()
      case 'restart':
        await this.end()
        await this.begin()
        return this.check()
      case 'rebuild':
        await this.end()
        await this.catalog.close()
        this.catalog = openSqlite(':memory:')
        await this.begin()
        return this.check()
    }
  }

  async put(object: SampleObject): Promise<void> {
    await this.open.ingest.put(laptop.id, object.stored)
  }

  /** What it is told is here it may name as a child at once. */
  async buildOn(object: SampleObject): Promise<void> {
    const [missing] = await this.open.ingest.missing(laptop.id, [object.id])
    if (missing !== false) return
    const parent = await sampleObject(this.random, 'page', [object.id])
    await this.open.ingest.put(laptop.id, parent.stored)
    this.made.push(parent)
    await this.publish(parent.id)
  }

  async publish(root: ObjectId): Promise<void> {
    const id = await publishNext(this.open.ingest, this.catalog, laptop, root)
    this.roots.set(id, root)
  }

  /** Every listed snapshot is whole, down to its last segment. */
  async check(): Promise<void> {
    const listed = await listSnapshots(this.catalog, fleet, laptop.id)
    equal(listed.length >= Math.min(3, this.roots.size), true, 'fewer than three are left')
    const reached = new Set<string>(listed.map(row => row.root))
    for (const object of this.made.toReversed()) {
      if (reached.has(object.id)) for (const child of object.children) reached.add(child)
    }
    const needed = new Map(this.made.filter(one => reached.has(one.id)).map(one => [one.id, one]))
    equal(
      await countReadable(this.open.retrieve, laptop, [...needed.values()]),
      needed.size,
      'half a snapshot',
    )
  }
}

async function story(deeds: readonly Deed[]): Promise<void> {
  const world = new World()
  await world.begin()
  await enrol(world.open.ingest, laptop)
  await putPolicy(world.open.ingest, shortRetention)
  for (const one of deeds) await world.do(one)
  await world.settle()
  await world.check()
  for (const days of [0, 45, 15]) {
    world.clock.nowMs += days * dayMs
    await world.collect()
    await world.check()
  }
  // What is dead in the open packs goes when they are sealed.
  await world.do({ do: 'restart' })
  await world.collect()
  await world.end()
  await requireReachable(world.packs)
  await world.catalog.close()
}

test('in whatever order backups and collections meet, every snapshot is whole', async () => {
  const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
  const numRuns = Number(process.env.RUNS ?? (process.env.SLOW === '1' ? 5000 : 40))
  const property = fc.asyncProperty(fc.array(deed, { minLength: 10, maxLength: 60 }), story)
  await fc.assert(property, { seed, numRuns })
  ok(seed >= 0)
})
