/** Any order of puts, repeats, commits, faults, crashes and restarts: what was acknowledged is there. SEED=… repeats. */
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Failure, isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { type TestDevice, testNowMs } from '@backstay/proto/trust/testing/fleet'
import * as fc from 'fast-check'
import { faultySql } from '../catalog/faulty-sql.ts'
import { latestSnapshot, listSnapshots } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { Crash, Faults } from '../packs/faults.ts'
import { type FaultyPackStore, faultyPackStore } from '../packs/faulty.ts'
import { memoryPackStore } from '../packs/memory.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { type SampleObject, sampleCommit, sampleObject } from '../testing/sample-objects.ts'
import { countReadable, enrol, laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { testClock } from '../testing/test-clock.ts'
import { openVault, type Vault } from './open-vault.ts'

type Deed =
  | { readonly do: 'put'; readonly device: number; readonly children: readonly number[] }
  | { readonly do: 'again'; readonly device: number; readonly index: number }
  | { readonly do: 'publish'; readonly device: number }
  | { readonly do: 'wait' | 'restart' }
  | { readonly do: 'fault'; readonly kind: 'append' | 'sync' | 'create' | 'commit' }
  | { readonly do: 'crash'; readonly seed: number; readonly catalog: 'kept' | 'lost' }

const device = fc.integer({ min: 0, max: 1 })
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('put'),
      device,
      children: fc.array(fc.nat(30), { maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('again'), device, index: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('publish'), device }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('wait', 'restart') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fault'),
      kind: fc.constantFrom('append', 'sync', 'create', 'commit'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash'),
      seed: fc.nat(),
      catalog: fc.constantFrom('kept', 'lost'),
    }),
  },
) as fc.Arbitrary<Deed>

const limits = { packBytesMax: 1200, reserveBytes: 0 }
const fleet = sampleFleet.trust.fleet

interface Mine {
  readonly device: TestDevice
  /** Everything that was ever put, acknowledged or not. */
  readonly put: SampleObject[]
  readonly acknowledged: Map<string, SampleObject>
  readonly commits: Set<string>
}

class World {
  readonly random = seededRandom(5)
  readonly packs = memoryPackStore()
  readonly mine: readonly Mine[] = [laptop, server].map(device => ({
    device,
    put: [],
    acknowledged: new Map(),
    commits: new Set(),
  }))
  catalog: Sql = openSqlite(':memory:')
  waiting: Promise<void>[] = []
  failing: string | undefined
  store: FaultyPackStore = faultyPackStore(this.packs)
  #vault: Vault | undefined

  get vault(): Vault {
    if (this.#vault === undefined) throw new Error('the vault is not open')
    return this.#vault
  }

  async open(): Promise<void> {
    const faults = new Faults(effect => {
      if (effect.kind !== this.failing) return undefined
      this.failing = undefined
      return { done: 'half', error: new Failure('store_failed', 'a fault', { remedy: 'retry' }) }
    })
    this.store = faultyPackStore(this.packs, faults)
    const sql = faultySql(this.catalog, faults)
    const seeded = { ...p, random: (length: number) => this.random.bytes(length) }
    this.#vault = await openVault({ p: seeded, store: this.store, sql, clock: testClock(testNowMs), limits })
    await this.check()
  }

  async check(): Promise<void> {
    for (const { device, put, acknowledged, commits } of this.mine) {
      const objects = [...acknowledged.values()]
      equal(await countReadable(this.vault.retrieve, device, objects), objects.length)
      const ids = objects.filter(object => !commits.has(object.id)).map(object => object.id)
      deepEqual(
        await this.vault.ingest.missing(device.id, ids),
        ids.map(() => false),
      )
      const listed = await listSnapshots(this.catalog, fleet, device.id)
      for (const id of commits)
        equal(
          listed.some(row => row.id === id),
          true,
          'a commit is not listed',
        )
      for (const { root } of listed) equal(await this.countMissing(device, put, root), 0, 'half a snapshot')
    }
  }

  /** How many of the objects that are reached from a root cannot be read. */
  async countMissing(device: TestDevice, put: readonly SampleObject[], root: string): Promise<number> {
    const reached = new Set([root])
    for (const object of [...put].reverse()) {
      if (reached.has(object.id)) for (const child of object.children) reached.add(child)
    }
    const objects = put.filter(object => reached.has(object.id))
    const distinct = new Map(objects.map(object => [object.id, object]))
    return distinct.size - (await countReadable(this.vault.retrieve, device, [...distinct.values()]))
  }

  /** Every refusal must be one that the device may try again, or follow from one. */
  expect(work: Promise<void>): void {
    this.waiting.push(
      work.catch(error => {
        const allowed = ['unknown_child', 'unknown_root', 'stale_head', 'closed']
        if (error instanceof Crash) return
        if (isFailure(error) && (error.remedy === 'retry' || allowed.includes(error.code))) return
        throw error
      }),
    )
  }

  async settle(): Promise<void> {
    await Promise.all(this.waiting)
    this.waiting = []
  }

  async run(deed: Deed): Promise<void> {
    switch (deed.do) {
      case 'put': {
        const mine = this.of(deed.device)
        const children = deed.children.flatMap(index => mine.put[index % (mine.put.length + 1)]?.id ?? [])
        const object = await sampleObject(this.random, children.length > 0 ? 'page' : 'segment', children)
        mine.put.push(object)
        return this.expect(this.put(mine, object))
      }
      case 'again': {
        const mine = this.of(deed.device)
        const object = mine.put[deed.index % (mine.put.length || 1)]
        return object && this.expect(this.put(mine, object))
      }
      case 'publish':
        return this.expect(this.publish(this.of(deed.device)))
      case 'wait':
        return this.settle()
      case 'fault':
        this.failing = deed.kind
        return
      case 'restart':
        await this.vault.close()
        await this.settle()
        this.failing = undefined
        return this.open()
      case 'crash':
        this.failing = undefined
        await this.store.crash(seededRandom(deed.seed))
        await this.vault.close().catch(() => undefined)
        await this.settle()
        if (deed.catalog === 'lost') {
          await this.catalog.close()
          this.catalog = openSqlite(':memory:')
        }
        return this.open()
    }
  }

  of(index: number): Mine {
    const mine = this.mine[index]
    if (mine === undefined) throw new RangeError('there are two devices')
    return mine
  }

  async put({ device, acknowledged }: Mine, object: SampleObject): Promise<void> {
    await this.vault.ingest.put(device.id, object.stored)
    acknowledged.set(object.id, object)
  }

  async publish({ device, put, acknowledged, commits }: Mine): Promise<void> {
    const root = put.at(-1)
    if (root === undefined) return
    const head = await latestSnapshot(this.catalog, fleet, device.id)
    const follows = head === undefined ? {} : { sequence: head.sequence + 1, previous: head.id }
    const commit = await sampleCommit(sampleFleet, device, root.id, follows)
    await this.vault.ingest.publish(device.id, commit.stored)
    commits.add(commit.id)
    acknowledged.set(commit.id, commit)
  }
}

test('whatever happens in whatever order, what was acknowledged is there', async () => {
  const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
  const property = fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 50 }), async deeds => {
    const world = new World()
    await world.open()
    await enrol(world.vault.ingest, laptop, server)
    for (const one of deeds) await world.run(one)
    await world.run({ do: 'restart' })
    await world.run({ do: 'crash', seed: 1, catalog: 'lost' })
    await world.vault.close()
    await world.catalog.close()
  })
  await fc.assert(property, { seed, numRuns: Number(process.env.RUNS ?? 60) })
})
