/**
 * Retention and collection are stopped at every effect on packs and catalog: the process dies, or the power goes and the
 * catalog forgets what was not synced, or the catalog is lost. Nothing that stays may be lost, and the next runs finish
 * the work. SEED=… repeats; CRASHES=all takes every effect in every way, instead of a part.
 */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId } from '@backstay/proto/object/id'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { listDamage } from '../../catalog/damage.ts'
import { faultySql } from '../../catalog/faulty-sql.ts'
import { listSnapshots } from '../../catalog/snapshots.ts'
import type { Sql } from '../../catalog/sql.ts'
import { sqliteOver } from '../../catalog/sqlite.ts'
import { firstVault } from '../../catalog/vaults.ts'
import { Crash, type Effect, type Fate, Faults } from '../../packs/faults.ts'
import { faultyPackStore } from '../../packs/faulty.ts'
import { memoryPackStore } from '../../packs/memory.ts'
import { type SeededRandom, seededRandom } from '../../packs/seeded-random.ts'
import { storeFull } from '../../packs/store-failure.ts'
import {
  backUpNext,
  collectFrom,
  dayMs,
  putPolicy,
  requireReachable,
  shortRetention,
} from '../../testing/collecting.ts'
import { type SampleTree, sampleTree } from '../../testing/sample-objects.ts'
import { countReadable, enrol, laptop, sampleFleet } from '../../testing/sample-vault.ts'
import { type TestClock, testClock } from '../../testing/test-clock.ts'
import { openVault, type Vault } from '../open-vault.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const everything = process.env.CRASHES === 'all'
const fleet = sampleFleet.trust.fleet
// Several days in one pack, so that packs are written anew and not only deleted.
const limits = { packBytesMax: 4000, packAgeMaxMs: 99 * dayMs, reserveBytes: 0 }
const fates = ['kept', 'synced', 'lost'] as const
const dones = ['none', 'half', 'all'] as const
const ways = dones.flatMap(done => fates.map(fate => ({ done, fate })))

interface World {
  readonly packs: ReturnType<typeof memoryPackStore>
  readonly clock: TestClock
  database: DatabaseSync
  /** What of the catalog survives a power cut. */
  synced: Uint8Array
}

interface Begun {
  readonly packs: ReadonlyMap<string, Uint8Array>
  readonly catalog: Uint8Array
  readonly nowMs: number
  readonly trees: ReadonlyMap<ObjectId, SampleTree>
  readonly stays: readonly ObjectId[]
}

function databaseOf(bytes: Uint8Array | undefined): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  if (bytes !== undefined) database.deserialize(bytes)
  return database
}

const begun = await begin()

/** Seven snapshots, all but the last three old enough to go. */
async function begin(): Promise<Begun> {
  const random = seededRandom(11)
  const packs = memoryPackStore()
  const clock = testClock(testNowMs)
  const database = databaseOf(undefined)
  const sql = sqliteOver(database)
  const vault = await openVault({ p, store: packs, sql, clock, limits })
  await enrol(vault.ingest, laptop)
  await putPolicy(vault.ingest, shortRetention)
  const trees = new Map<ObjectId, SampleTree>()
  for (let day = 0; day < 7; day++) {
    const tree = await sampleTree(random, { leaves: 1, segments: 3, bodyBytes: 300 })
    trees.set(await backUpNext(vault.ingest, sql, laptop, tree), tree)
    clock.nowMs += dayMs
  }
  clock.nowMs += 60 * dayMs
  await vault.close()
  const stays = [...trees.keys()].slice(-3)
  return { packs: packs.packs, catalog: database.serialize(), nowMs: clock.nowMs, trees, stays }
}

function newWorld(): World {
  const packs = memoryPackStore()
  for (const [name, bytes] of begun.packs) packs.packs.set(name, bytes)
  const { catalog, nowMs } = begun
  return { packs, clock: testClock(nowMs), database: databaseOf(catalog), synced: catalog }
}

/** Forgets, condemns, waits, sweeps, until the end or the crash. */
async function life(world: World, faults: Faults, random: SeededRandom): Promise<void> {
  const store = faultyPackStore(world.packs, faults)
  const inner = sqliteOver(world.database)
  const remembering: Sql = {
    ...inner,
    async sync() {
      await inner.sync()
      world.synced = world.database.serialize()
    },
  }
  const sql = faultySql(remembering, faults)
  let vault: Vault | undefined
  try {
    vault = await openVault({ p, store, sql, clock: world.clock, limits })
    for (const days of [0, 15]) {
      world.clock.nowMs += days * dayMs
      await collectFrom(
        vault,
        { store, sql, clock: world.clock },
        { limits: { packBytesMax: 4000, mergeMin: 2 } },
      )
    }
    await vault.close()
  } catch (error) {
    if (!faults.crashed) throw error
  }
  if (!faults.crashed) return
  await vault?.close().catch(() => undefined)
  await store.crash(random)
}

/** Every snapshot that is listed is whole, and those that stay are listed. */
async function requireWhole(vault: Vault, sql: Sql): Promise<void> {
  const listed = (await listSnapshots(sql, fleet, laptop.id)).map(row => row.id)
  for (const id of begun.stays) ok(listed.includes(id), 'a snapshot that stays is gone')
  for (const id of listed) {
    const objects = begun.trees.get(id)?.objects ?? []
    equal(await countReadable(vault.retrieve, laptop, objects), objects.length, 'half a snapshot')
  }
}

async function check(world: World): Promise<void> {
  const { packs: store, clock } = world
  const sql = sqliteOver(world.database)
  const vault = await openVault({ p, store, sql, clock, limits })
  await requireWhole(vault, sql)
  // Long enough for every lease that a new catalog grants, and then for the grace.
  for (const days of [0, 45, 15]) {
    clock.nowMs += days * dayMs
    await collectFrom(vault, { store, sql, clock }, { limits: { packBytesMax: 4000, mergeMin: 2 } })
    await requireWhole(vault, sql)
  }
  deepEqual((await listSnapshots(sql, fleet, laptop.id)).map(row => row.id).toReversed(), begun.stays)
  deepEqual(await listDamage(sql, firstVault), [])
  await vault.close()
  await requireReachable(store)
  world.database.close()
}

const isCounted = ({ kind }: Effect) => kind !== 'read' && kind !== 'query' && (everything || kind !== 'run')

function faultAt(number: number, fate: Fate): Faults {
  let seen = 0
  return new Faults(effect => (isCounted(effect) && ++seen === number ? fate : undefined))
}

async function countEffects(): Promise<number> {
  let seen = 0
  const world = newWorld()
  const count = new Faults(effect => {
    if (isCounted(effect)) seen++
    return undefined
  })
  await life(world, count, seededRandom(1))
  await check(world)
  return seen
}

const effects = await countEffects()

test('nothing that stays is lost, whichever effect of a collection is the last', async () => {
  const step = everything ? 1 : 3
  for (let number = 1 + (seed % step); number <= effects; number += step) {
    for (const way of everything ? ways : ways.slice((number + seed) % ways.length).slice(0, 1)) {
      const world = newWorld()
      const random = seededRandom(seed + number)
      await life(world, faultAt(number, { done: way.done, error: new Crash(), crash: true }), random)
      if (way.fate !== 'kept') {
        world.database.close()
        world.database = databaseOf(way.fate === 'synced' ? world.synced : undefined)
      }
      await check(world).catch(cause => {
        const where = `effect ${number} of ${effects}, ${way.done} of it done, catalog ${way.fate}`
        throw new Error(`SEED=${seed}: ${where}`, { cause })
      })
    }
  }
})

test('an effect that fails, because the disk is full or the catalog is busy, costs nothing but time', async () => {
  const step = everything ? 1 : 5
  for (let number = 1 + (seed % step); number <= effects; number += step) {
    const world = newWorld()
    await life(world, faultAt(number, { done: 'none', error: storeFull() }), seededRandom(1)).catch(error => {
      if (!(error instanceof Error && 'code' in error && error.code === 'store_full')) throw error
    })
    await check(world).catch(cause => {
      throw new Error(`SEED=${seed}: effect ${number} of ${effects} failed`, { cause })
    })
  }
})
