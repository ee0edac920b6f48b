import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { openCatalog } from '../catalog/catalog.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { firstVault } from '../catalog/vaults.ts'
import { openRetentionClock } from './retention-clock.ts'

const beginMs = 1_767_225_600_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const yearMs = 365 * dayMs
const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)

/** A machine whose two clocks can be told apart. */
async function machine() {
  const sql = openSqlite(':memory:')
  await openCatalog(sql)
  const system = { wallMs: beginMs, monotonicMs: 500 }
  const clock = { now: () => system.wallMs, monotonic: () => system.monotonicMs }
  const troubles: unknown[] = []
  const open = () =>
    openRetentionClock({ sql, vault: firstVault, clock, onTrouble: error => troubles.push(error) })
  return {
    open,
    troubles,
    pass(ms: number) {
      system.wallMs += ms
      system.monotonicMs += ms
    },
    set(byMs: number) {
      system.wallMs += byMs
    },
    /** Stopped for so long; the other clock begins anew. */
    stop(ms: number) {
      system.wallMs += ms
      system.monotonicMs = 0
    },
  }
}

test('it advances as time passes and begins where the system stands', async () => {
  const { open, pass } = await machine()
  const retention = await open()
  equal(retention.now(), beginMs)
  pass(40 * dayMs)
  equal(retention.now(), beginMs + 40 * dayMs)
  equal(retention.haltedUntilMs, undefined)
})

for (const years of [10, -10, 400 / 365]) {
  test(`a clock set by ${years.toFixed(1)} years while it runs moves nothing, and halts`, async () => {
    const { open, pass, set, troubles } = await machine()
    const retention = await open()
    pass(hourMs)
    retention.now()
    set(years * yearMs)
    equal(retention.now(), beginMs + hourMs)
    ok(retention.haltedUntilMs)
    equal(troubles.length, 1)
    pass(3 * dayMs)
    equal(retention.now(), beginMs + hourMs + 3 * dayMs)
    equal(retention.haltedUntilMs, undefined, 'after some quiet days it goes on by itself')
  })
  test(`a clock set by ${years.toFixed(1)} years while it is stopped moves it by a day at most, and halts`, async () => {
    const { open, stop } = await machine()
    const first = await open()
    await first.save()
    stop(years * yearMs)
    const second = await open()
    equal(second.now(), beginMs + (years > 0 ? dayMs : 0))
    ok(second.haltedUntilMs)
  })
}

test('five minutes either way are no alarm', async () => {
  const { open, pass, set } = await machine()
  const retention = await open()
  for (const ms of [5 * 60_000, -5 * 60_000]) {
    set(ms)
    pass(1000)
    retention.now()
  }
  equal(retention.haltedUntilMs, undefined)
  // What was set back is not counted twice when it is set forward again.
  ok(retention.now() <= beginMs + 2000)
})

test('restarting again and again gains a week in a year, no more', async () => {
  const { open, stop } = await machine()
  let ms = 0
  for (let round = 0; round < 100; round++) {
    const retention = await open()
    ms = retention.now()
    await retention.save()
    stop(30 * dayMs)
  }
  ok(ms <= beginMs + 7.2 * dayMs, String((ms - beginMs) / dayMs))
})

test('it survives a restart, and a lost catalog goes on with what records say', async () => {
  const one = await machine()
  const retention = await one.open()
  one.pass(99 * dayMs)
  await retention.save()
  one.stop(60_000)
  equal((await one.open()).now(), beginMs + 99 * dayMs + 60_000)
  const sql = openSqlite(':memory:')
  await openCatalog(sql)
  const clock = { now: () => beginMs + 10 * yearMs, monotonic: () => 0 }
  const anew = await openRetentionClock({ sql, vault: firstVault, clock, recordedMs: beginMs + 5 })
  equal(anew.now(), beginMs + 5)
  equal(anew.begunMs, beginMs + 5)
})

test(`whatever happens to the clocks, it only grows and never outruns time (SEED=${seed})`, async () => {
  const deed = fc.oneof(
    fc.record({ do: fc.constant('pass'), ms: fc.nat(3 * dayMs) }),
    fc.record({ do: fc.constant('set'), ms: fc.integer({ min: -11 * yearMs, max: 11 * yearMs }) }),
    fc.record({ do: fc.constant('stop'), ms: fc.integer({ min: -11 * yearMs, max: 11 * yearMs }) }),
  )
  const property = fc.asyncProperty(fc.array(deed, { maxLength: 30 }), async deeds => {
    const one = await machine()
    let retention = await one.open()
    let before = retention.now()
    let passedMs = 0
    for (const { do: what, ms } of deeds) {
      if (what === 'pass') {
        one.pass(ms)
        passedMs += ms
      } else if (what === 'set') {
        one.set(ms)
      } else {
        await retention.save()
        one.stop(ms)
        retention = await one.open()
      }
      ok(retention.now() >= before, 'it went back')
      before = retention.now()
      ok(before <= beginMs + passedMs * 1.02 + 7 * dayMs + 1, 'it ran faster than time')
    }
  })
  await fc.assert(property, { seed, numRuns: 100 })
})
