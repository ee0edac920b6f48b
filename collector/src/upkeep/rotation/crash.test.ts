/**
 * Reading all again is stopped at every effect on the catalog: the process dies, or the disk is full and it lives on. What is
 * found in the end is what is damaged, no less and no more, and what is whole stays readable. SEED=… repeats.
 */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { listDamage } from '../../catalog/damage.ts'
import { faultySql } from '../../catalog/faulty-sql.ts'
import { sqliteOver } from '../../catalog/sqlite.ts'
import { firstVault } from '../../catalog/vaults.ts'
import { Crash, type Fate, Faults } from '../../packs/faults.ts'
import { faultyPackStore } from '../../packs/faulty.ts'
import { memoryPackStore } from '../../packs/memory.ts'
import { seededRandom } from '../../packs/seeded-random.ts'
import { storeFull } from '../../packs/store-failure.ts'
import { backUpNext, dayMs } from '../../testing/collecting.ts'
import { sampleTree } from '../../testing/sample-objects.ts'
import { countReadable, enrol, laptop, smallLimits } from '../../testing/sample-vault.ts'
import { flip, placeOf } from '../../testing/stored-vault.ts'
import { testClock } from '../../testing/test-clock.ts'
import { openVault } from '../open-vault.ts'
import { retryMs, verifyNext } from './verify-next.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const periodMs = 6 * dayMs

/** Several packs; bits of a segment and of a page have turned, and one pack is gone. */
async function begin() {
  const random = seededRandom(seed)
  const packs = memoryPackStore()
  const database = new DatabaseSync(':memory:')
  const vault = await openVault({
    ...{ p, store: packs, sql: sqliteOver(database), limits: smallLimits },
    clock: testClock(testNowMs),
  })
  await enrol(vault.ingest, laptop)
  const trees = []
  for (let n = 0; n < 3; n++) {
    const tree = await sampleTree(random, { bodyBytes: 4000 })
    await backUpNext(vault.ingest, sqliteOver(database), laptop, tree)
    trees.push(tree)
  }
  await vault.close()
  const objects = trees.flatMap(tree => tree.objects)
  for (const object of [objects[0], objects.at(-1)]) {
    const { name, at } = placeOf(packs, object)
    flip(packs, name, at + (object?.stored.length ?? 0) - 5)
  }
  packs.packs.delete(placeOf(packs, objects[Math.floor(objects.length / 2)]).name)
  return { packs: new Map(packs.packs), catalog: database.serialize(), objects }
}

const begun = await begin()

interface End {
  readonly damage: readonly string[]
  readonly readable: number
  /** Effects while it was read. */
  readonly effects: number
}

/** `fateOf` of the nth effect of reading, while the first process lives. */
async function readAll(fateOf: (number: number) => Fate | undefined): Promise<End> {
  const packs = memoryPackStore()
  for (const [name, bytes] of begun.packs) packs.packs.set(name, bytes)
  const database = new DatabaseSync(':memory:')
  database.deserialize(begun.catalog)
  const clock = testClock(testNowMs + 10 * dayMs)
  let effects = 0
  const live = async (faults: Faults, isFirst: boolean) => {
    let reads = false
    const counting = new Faults(effect => {
      const counts = reads && isFirst && effect.kind !== 'read' && effect.kind !== 'query'
      return counts ? fateOf(++effects) : undefined
    })
    const store = faultyPackStore(packs, isFirst ? counting : faults)
    const sql = faultySql(sqliteOver(database), isFirst ? counting : faults)
    const vault = await openVault({ p, store, sql, clock, limits: smallLimits })
    // The clock of a collector that was off makes up for a day at most.
    for (let day = 0; day < 10; day++) {
      clock.nowMs += dayMs
      vault.retention.now()
    }
    reads = true
    try {
      for (let turns = 0; turns < 200; turns++) {
        clock.nowMs += retryMs
        try {
          const read = await verifyNext({ p, store, sql, clock, vault: firstVault, ...vault, periodMs })
          if (read === undefined) break
          vault.ingest.forgetHeads(read.completed)
        } catch (error) {
          // A full disk is told, and tried again at the next turn.
          if (error instanceof Crash || !isFailure(error)) throw error
        }
      }
      reads = false
      const readable = await countReadable(vault.retrieve, laptop, begun.objects)
      const damage = (await listDamage(sql, firstVault)).map(({ id, reason }) => `${reason} ${id}`).sort()
      return { damage, readable }
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      if (database.isTransaction) database.exec('rollback')
      return undefined
    } finally {
      reads = false
      await vault.close().catch(() => undefined)
    }
  }
  const end = (await live(new Faults(), true)) ?? (await live(new Faults(), false))
  ok(end)
  database.close()
  return { ...end, effects }
}

const whole = await readAll(() => undefined)

test('what is read to the end without trouble is what the others are compared with', () => {
  ok(whole.damage.length > 3 && whole.readable > 0 && whole.effects > 10, JSON.stringify(whole))
  equal(whole.damage.length + whole.readable, begun.objects.length)
})

for (const [how, fate] of [
  ['the process dies', (done: Fate['done']) => ({ done, error: new Crash(), crash: true })],
  ['the disk is full', (done: Fate['done']) => ({ done, error: storeFull() })],
] as const) {
  test(`at every effect ${how}: the same is found in the end`, async () => {
    for (let number = 1; number <= whole.effects; number++) {
      const done = (['none', 'half', 'all'] as const)[(number + seed) % 3] ?? 'none'
      const { damage, readable } = await readAll(n => (n === number ? fate(done) : undefined))
      deepEqual(
        { damage, readable },
        { damage: whole.damage, readable: whole.readable },
        `SEED=${seed}, effect ${number}, ${done} of it`,
      )
    }
  })
}
