/** What only the catalog knows lies in the packs once a day, comes back with a rebuild, and old days go. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { signCatalogRows } from '@backstay/proto/trust/catalog-rows'
import { listDamage } from '../catalog/damage.ts'
import { deviceById, markSeen } from '../catalog/devices.ts'
import { readKeptRows } from '../catalog/kept-rows.ts'
import { recordsOf } from '../catalog/records.ts'
import { rotationFigures } from '../catalog/rotation.ts'
import { firstVault, fleetDomain } from '../catalog/vaults.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { collectFrom, dayMs, putPolicy, shortRetention } from '../testing/collecting.ts'
import { sampleTree } from '../testing/sample-objects.ts'
import {
  backUp,
  enrol,
  laptop,
  reopened,
  type SampleVault,
  sampleFleet,
  sampleVault,
  server,
} from '../testing/sample-vault.ts'
import { flip, placeOf, rebuilt, scrubOf } from '../testing/stored-vault.ts'
import { keepRowsDaily } from './keep-rows.ts'
import { readClock } from './retention-clock.ts'

const random = seededRandom(14)
const fleet = sampleFleet.trust.fleet
const key = sampleFleet.collector

function keep(vault: Pick<SampleVault, 'ingest' | 'retention'>, { sql }: Pick<SampleVault, 'sql'>) {
  return keepRowsDaily({ p, sql, vault: firstVault, ...vault, key })
}

const kept = (sql: SampleVault['sql']) => recordsOf(sql, fleet, 'catalog', fleetDomain)

test('a rebuild brings back when devices were seen, packs read, policies came, and what is damaged', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop, server)
  await putPolicy(vault.ingest, shortRetention)
  const tree = await sampleTree(random, { bodyBytes: 2000 })
  await backUp(vault.ingest, laptop, tree)
  await vault.close()
  const object = tree.objects[0]
  const { name, at } = placeOf(vault.store, object)
  flip(vault.store, name, at + 500)
  await scrubOf(vault)
  const again = await reopened(vault.store, vault.sql, vault.clock)
  await markSeen(vault.sql, fleet, [{ device: laptop.id, atMs: 77 }])
  vault.clock.nowMs += 3 * dayMs
  equal(await keep(again, vault), true)
  equal(await keep(again, vault), false, 'once a day')
  await markSeen(vault.sql, fleet, [{ device: laptop.id, atMs: 88 }])
  await again.close()

  const anew = await rebuilt(vault.store)
  const { sql, report } = anew
  deepEqual(report.restored, { clockMs: again.retention.now(), found: 1, parts: 1 })
  equal((await deviceById(sql, fleet, laptop.id))?.lastSeenMs, 77, 'what came later is lost')
  deepEqual(
    (await listDamage(sql, firstVault)).map(one => [one.id, one.pack]),
    [[object?.id, name]],
  )
  const times = async (from: typeof sql) =>
    (await recordsOf(from, fleet, 'policy')).map(one => one.heldSinceMs)
  deepEqual(await times(sql), await times(vault.sql))
  // Those of today's packs were not known yet when the rows were written.
  ok((await rotationFigures(sql, firstVault, 0)).unknownPacks <= 2)
  const clock = await readClock(sql, firstVault)
  equal(clock?.ms, again.retention.now())
  equal(clock?.begunMs, clock?.ms, 'leases begin anew')
})

test('a budget and a halt of the clock do not end with the catalog', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  await keep(vault, vault)
  vault.clock.nowMs += dayMs
  const wall = {
    ...vault.clock,
    now: () => vault.clock.nowMs + 400 * dayMs,
    monotonic: () => vault.clock.nowMs,
  }
  await vault.close()
  const halted = await reopened(vault.store, vault.sql, { ...wall, nowMs: 0 })
  const until = halted.retention.haltedUntilMs
  ok(until)
  vault.clock.nowMs += dayMs
  equal(await keep(halted, vault), true)
  await halted.close()
  const anew = await rebuilt(vault.store)
  const after = await reopened(vault.store, anew.sql, anew.clock)
  equal(after.retention.haltedUntilMs, until)
  ok(((await readClock(anew.sql, firstVault))?.budgetMs ?? 0) < 7 * dayMs)
  await after.close()
})

test('the day before is condemned, and its bytes go after the grace', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  for (let day = 0; day < 5; day++) {
    await keep(vault, vault)
    equal((await kept(vault.sql)).length, 1)
    vault.clock.nowMs += dayMs
  }
  await vault.close()
  const again = await reopened(vault.store, vault.sql, vault.clock)
  vault.clock.nowMs += 15 * dayMs
  ok((await collectFrom(again, vault)).freedBytes > 0)
  await again.close()
  const { sql, report } = await rebuilt(vault.store)
  equal((await kept(sql)).length, 1)
  ok(report.restored)
  deepEqual([report.refused, report.waiting], [[], []])
})

test('of a day that was cut short by a stop, the whole one before it counts', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  await markSeen(vault.sql, fleet, [{ device: laptop.id, atMs: 5 }])
  await keep(vault, vault)
  const rows = { fleet, clockMs: vault.clock.nowMs + dayMs, part: 1, parts: 3, tables: [] }
  await vault.ingest.putRecord('fleet', await signCatalogRows(p, rows, key))
  await vault.close()
  const { sql, report } = await rebuilt(vault.store)
  deepEqual([report.restored?.found, report.restored?.parts], [1, 1])
  equal((await deviceById(sql, fleet, laptop.id))?.lastSeenMs, 5)
})

test('what a later version kept is left out, and what is not signed by a collector counts for nothing', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  const table = { name: 'alerts', columns: ['a'], rows: [[1]] }
  const strange = { name: 'devices', columns: ['device', 'mood'], rows: [[new Uint8Array(16), 'good']] }
  const rows = { fleet, clockMs: vault.clock.nowMs, part: 1, parts: 1, tables: [table, strange] }
  await vault.ingest.putRecord('fleet', await signCatalogRows(p, rows, key))
  const forged = { ...rows, clockMs: vault.clock.nowMs + dayMs }
  await vault.ingest.putRecord('fleet', await signCatalogRows(p, forged, sampleFleet.admin))
  await vault.close()
  const { report } = await rebuilt(vault.store)
  equal(report.refused.length, 1)
  equal(report.restored?.clockMs, rows.clockMs)
})

test('a long catalog goes into parts that each fit', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  await vault.sql.runEach(
    `insert into packs (vault, name, bytes, indexed_bytes, state, verified_ms) values (1, ?, 1, 1, 'sealed', 5)`,
    Array.from({ length: 20_000 }, (_, n) => [`${n.toString(16).padStart(32, '0')}.pages`]),
  )
  let pages = 0
  for await (const table of readKeptRows(vault.sql, firstVault)) if (table.name === 'packs') pages++
  equal(pages, 5)
  equal(await keep(vault, vault), true)
  ok((await kept(vault.sql)).length > 2)
  await vault.close()
})
