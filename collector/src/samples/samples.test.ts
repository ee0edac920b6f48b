import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../log.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleTree } from '../testing/sample-objects.ts'
import { backUp, enrol, laptop, sampleFleet, sampleVault } from '../testing/sample-vault.ts'
import { forecast } from './forecast.ts'
import { daysOf, type Sample } from './history.ts'
import { openSamples } from './samples.ts'

const dayMs = 86_400_000
const t0 = Date.UTC(2026, 0, 1)
const gib = 2 ** 30

const sample = (atMs: number, changes: Partial<Sample> = {}): Sample => ({
  ...{ atMs, states: {}, devices: 10, protected: 9, snapshots: 1, addedBytes: gib, storedBytes: gib },
  ...{ diskBytes: 1000 * gib, freeBytes: 500 * gib, ...changes },
})

/** As much more each day. */
const growing = (days: number, bytesPerDay: number, odd: Readonly<Record<number, number>> = {}) =>
  Array.from({ length: days }, (_, day) =>
    sample(t0 + day * dayMs, { freeBytes: 500 * gib - day * bytesPerDay - (odd[day] ?? 0) }),
  )

test('a store that grows by ten gibibytes a day is full in fifty', () => {
  const known = forecast(growing(20, 10 * gib), t0 + 19 * dayMs)
  assert.ok(known.kind === 'full')
  assert.equal(known.bytesPerDay, 10 * gib)
  assert.equal(Math.round((known.atMs - t0) / dayMs), 50)
})

test('one great first backup and one collection do not bend it', () => {
  const known = forecast(growing(20, 10 * gib, { 3: 200 * gib, 11: -90 * gib }), t0 + 19 * dayMs)
  assert.ok(known.kind === 'full')
  assert.ok(Math.abs(known.bytesPerDay - 10 * gib) < gib, `${known.bytesPerDay / gib}`)
})

test('a week of history is needed, and a store that shrinks or stands still is never full', () => {
  assert.deepEqual(forecast(growing(6, gib), t0 + 6 * dayMs), { kind: 'not_enough_history', days: 6 })
  assert.deepEqual(forecast([], t0), { kind: 'not_enough_history', days: 0 })
  assert.equal(forecast(growing(20, 0), t0 + 19 * dayMs).kind, 'not_in_sight')
  assert.equal(forecast(growing(20, -gib), t0 + 19 * dayMs).kind, 'not_in_sight')
  assert.equal(forecast(growing(20, 1000), t0 + 19 * dayMs).kind, 'not_in_sight')
  // A clock that was ahead for a day left samples from the future.
  assert.equal(forecast([...growing(20, gib), sample(t0 + 900 * dayMs)], t0 + 19 * dayMs).kind, 'full')
})

test('a day is how it ended, and all that came in during it', () => {
  const hours = [1, 5, 23].map(hour => sample(t0 + hour * 3_600_000, { protected: hour, storedBytes: hour }))
  assert.deepEqual(
    daysOf([...hours, sample(t0 + dayMs)]).map(day => [
      day.dayMs,
      day.snapshots,
      day.addedBytes,
      day.protected,
    ]),
    [
      [t0, 3, 3 * gib, 23],
      [t0 + dayMs, 1, gib, 9],
    ],
  )
})

test('samples count what really came in, thin out after six weeks and end after a year and more', async () => {
  const vault = await sampleVault()
  const { sql, clock } = vault
  await enrol(vault.ingest, laptop)
  let isLooked = false
  const samples = openSamples({
    ...{ sql, clock, log: silentLog, fleet: () => sampleFleet.trust.fleet },
    devices: () =>
      isLooked ? [{ state: 'protected' }, { state: 'retired' }, { state: 'at_risk' }] : undefined,
    disk: async () => ({ bytes: 1000, freeBytes: 400 }),
  })
  await samples.take()
  assert.deepEqual(await samples.history(30), [])
  isLooked = true
  await backUp(vault.ingest, laptop, await sampleTree(seededRandom(1)))
  await vault.ingest.settled()
  await samples.take()
  const [today] = await samples.history(1)
  assert.deepEqual([today?.snapshots, today?.protected, today?.devices], [1, 1, 2])
  assert.ok((today?.storedBytes ?? 0) > 0 && today?.addedBytes === today?.storedBytes)
  for (let hour = 0; hour < 24 * 50; hour++) {
    clock.nowMs += 3_600_000
    if (hour % 6 === 0) await samples.take()
  }
  assert.equal((await samples.history(400)).length, 50)
  const [{ count } = { count: 0 }] = await sql.query<{ count: number }>(
    'select count(*) as count from samples',
  )
  assert.ok(count < 200, `${count}`)
  assert.equal(
    (await samples.history(400)).reduce((sum, day) => sum + day.snapshots, 0),
    1,
  )
})
