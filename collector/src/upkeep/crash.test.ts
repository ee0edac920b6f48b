/**
 * The write path is stopped at every effect on packs and catalog in turn, the power goes or only the process dies, and
 * what was acknowledged must be there afterwards. SEED=… repeats the random part.
 */
import { equal } from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { openCatalog } from '../catalog/catalog.ts'
import { faultySql } from '../catalog/faulty-sql.ts'
import { sqliteOver } from '../catalog/sqlite.ts'
import { Crash, type EffectKind, type Fate, Faults } from '../packs/faults.ts'
import { faultyPackStore } from '../packs/faulty.ts'
import { memoryPackStore } from '../packs/memory.ts'
import { type SeededRandom, seededRandom } from '../packs/seeded-random.ts'
import {
  type Acknowledged,
  nothingAcknowledged,
  requireAllSealed,
  requireGoesOn,
  requireKept,
  runBackups,
} from '../testing/backup-script.ts'
import { testClock } from '../testing/test-clock.ts'
import { openVault, type Vault } from './open-vault.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
// A few objects fill a pack, so that sealing and beginning packs are among the effects.
const limits = { packBytesMax: 1500, reserveBytes: 0 }

interface World {
  readonly packs: ReturnType<typeof memoryPackStore>
  database: DatabaseSync
  /** The catalog as it was some backups ago. */
  older: Uint8Array
}

/** What becomes of the catalog: kept, as after kill -9; of some time ago, as after a power cut; or lost. */
const fates = ['kept', 'older', 'lost'] as const
const dones = ['none', 'half', 'all'] as const
const ways = dones.flatMap(done => fates.map(fate => ({ done, fate })))

const emptyCatalog = await (async () => {
  const database = new DatabaseSync(':memory:')
  await openCatalog(sqliteOver(database))
  return database.serialize()
})()

function newWorld(): World {
  const database = new DatabaseSync(':memory:')
  database.deserialize(emptyCatalog)
  return { packs: memoryPackStore(), database, older: emptyCatalog }
}

/** From start to the crash, or to a clean end. */
async function life(world: World, faults: Faults, acknowledged: Acknowledged, random: SeededRandom) {
  const store = faultyPackStore(world.packs, faults)
  const sql = faultySql(sqliteOver(world.database), faults)
  let vault: Vault | undefined
  try {
    vault = await openVault({ p, store, sql, clock: testClock(testNowMs), limits })
    await runBackups(vault, acknowledged, () => {
      if (random.below(2) === 0 && !world.database.isTransaction) world.older = world.database.serialize()
    })
    await vault.close()
  } catch (error) {
    if (!(error instanceof Crash)) throw error
  }
  if (!faults.crashed) return
  // The dead process must not go on trying.
  await vault?.close().catch(() => undefined)
  await store.crash(random)
}

async function crashOnce(
  world: World,
  number: number,
  { done, fate }: (typeof ways)[number],
  random: SeededRandom,
): Promise<Acknowledged> {
  const acknowledged = nothingAcknowledged()
  await life(world, crashAt(number, done), acknowledged, random)
  if (fate !== 'kept') {
    world.database.close()
    world.database = new DatabaseSync(':memory:')
    world.database.deserialize(fate === 'older' ? world.older : emptyCatalog)
  }
  return acknowledged
}

async function check(world: World, acknowledged: Acknowledged): Promise<void> {
  const sql = sqliteOver(world.database)
  const vault = await openVault({ p, store: world.packs, sql, clock: testClock(testNowMs), limits })
  equal(
    vault.replayed.read.find(pack => pack.trouble !== undefined),
    undefined,
    'a crash ruins no pack',
  )
  await requireKept(vault, sql, acknowledged)
  await requireGoesOn(vault, sql)
  await vault.close()
  await requireAllSealed(world.packs)
  world.database.close()
}

/** Dying inside a transaction leaves what dying at its commit leaves, so only the commits are counted, or everything. */
const counts = (kind: EffectKind) => process.env.CRASHES === 'all' || kind !== 'run'

function crashAt(number: number, done: Fate['done']): Faults {
  let seen = 0
  return new Faults(effect =>
    counts(effect.kind) && effect.kind !== 'read' && effect.kind !== 'query' && ++seen === number
      ? { done, error: new Crash(), crash: true }
      : undefined,
  )
}

async function countEffects(): Promise<number> {
  let seen = 0
  const faults = new Faults(effect => {
    if (counts(effect.kind) && effect.kind !== 'read' && effect.kind !== 'query') seen++
    return undefined
  })
  const world = newWorld()
  await life(world, faults, nothingAcknowledged(), seededRandom(1))
  world.database.close()
  return seen
}

const effects = await countEffects()

// CRASHES=all takes minutes: every statement as well, and all nine ways instead of one of them.
test('nothing acknowledged is lost, whichever effect on packs or catalog is the last', async () => {
  for (let number = 1; number <= effects; number++) {
    const chosen =
      process.env.CRASHES === 'all' ? ways : ways.slice((number + seed) % ways.length).slice(0, 1)
    for (const way of chosen) {
      const world = newWorld()
      const acknowledged = await crashOnce(world, number, way, seededRandom(seed + number))
      await check(world, acknowledged).catch(cause => {
        const where = `effect ${number} of ${effects}, ${way.done} of it done, catalog ${way.fate}`
        throw new Error(`SEED=${seed}: ${where}`, { cause })
      })
    }
  }
})

test('a second crash, at any effect of the start after the first, loses nothing either', async () => {
  const random = seededRandom(seed)
  for (let round = 0; round < 40; round++) {
    const way = ways[random.below(ways.length)] ?? { done: 'half', fate: 'kept' }
    const [first, second] = [1 + random.below(effects), 1 + random.below(30)]
    const world = newWorld()
    const acknowledged = await crashOnce(world, first, way, random)
    await life(world, crashAt(second, 'half'), nothingAcknowledged(), random)
    await check(world, acknowledged).catch(cause => {
      const where = `round ${round}, effects ${first} and ${second}, catalog ${way.fate}`
      throw new Error(`SEED=${seed}: ${where}`, { cause })
    })
  }
})
