/** Whatever the system's clock does, on a running collector or over a restart: nothing goes before its true time. SLOW=1 collects each day. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { openSqlite } from '../../catalog/sqlite.ts'
import { memoryPackStore } from '../../packs/memory.ts'
import { seededRandom } from '../../packs/seeded-random.ts'
import { backUpNext, collectFrom, dayMs, putPolicy, shortRetention } from '../../testing/collecting.ts'
import { sampleTree } from '../../testing/sample-objects.ts'
import { enrol, laptop, smallLimits } from '../../testing/sample-vault.ts'
import { openVault, type Vault } from '../open-vault.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const yearMs = 365 * dayMs
const jumps = [5 * minuteMs, hourMs, dayMs, 400 * dayMs, 10 * yearMs].flatMap(ms => [ms, -ms])
/** Six snapshots, one a day; three of them may go as soon as they are 30 days old. */
const backups = 6
const mayGo = 3

async function collector() {
  const store = memoryPackStore()
  const sql = openSqlite(':memory:')
  const machine = { passedMs: 0, aheadMs: 0, bootedMs: 0 }
  const clock = {
    now: () => testNowMs + machine.passedMs + machine.aheadMs,
    monotonic: () => machine.passedMs - machine.bootedMs,
    sleep: async () => void (await new Promise(resolve => setImmediate(resolve))),
  }
  const open = () => openVault({ p, store, sql, clock, limits: smallLimits })
  let vault: Vault = await open()
  await enrol(vault.ingest, laptop)
  await putPolicy(vault.ingest, shortRetention)
  for (let day = 0; day < backups; day++) {
    await backUpNext(vault.ingest, sql, laptop, await sampleTree(seededRandom(day), { leaves: 1 }))
    machine.passedMs += dayMs
  }
  return {
    machine,
    /** A day passes, as it does. */
    async day() {
      for (let hour = 0; hour < 24; hour++) {
        machine.passedMs += hourMs
        await vault.retention.save()
      }
    },
    collect: () => collectFrom(vault, { store, sql, clock }),
    async restart() {
      await vault.close()
      machine.bootedMs = machine.passedMs
      vault = await open()
    },
    close: () => vault.close(),
  }
}

/** On which day after the first backup snapshots went, when the clock jumps on the tenth. */
async function dayOfForgetting(jumpMs: number, restarts: boolean, backAgain: boolean): Promise<number> {
  const { machine, day, collect, restart, close } = await collector()
  let condemned = 0
  for (let at = backups + 1; at < 120; at++) {
    if (at === 10) machine.aheadMs += jumpMs
    if (at === 12 && backAgain) machine.aheadMs -= jumpMs
    if (restarts && (at === 10 || at === 12)) await restart()
    await day()
    // What went too early in these days is found missing on the first day after them.
    if (at > 15 && at < 26 && process.env.SLOW !== '1') continue
    const { forgotten, haltedUntilMs, condemned: more } = await collect()
    condemned += more
    if (at === 10 && Math.abs(jumpMs) > dayMs) ok(haltedUntilMs, 'somebody is told')
    if (forgotten === 0) continue
    equal(forgotten <= mayGo, true)
    await close()
    equal(condemned > 0, true)
    return at
  }
  throw new Error('it never forgot anything')
}

for (const jumpMs of jumps) {
  test(`test 44, clock-forward: a clock set by ${jumpMs / hourMs} h deletes nothing early, and what is due goes in the end`, async () => {
    for (const restarts of [false, true]) {
      for (const backAgain of [false, true]) {
        const at = await dayOfForgetting(jumpMs, restarts, backAgain)
        // Each restart may be made up for by a day, a week in a year; a halt takes three days.
        const early = restarts && jumpMs !== 0 ? 2 : 0
        ok(at >= 30 - early && at <= 45, `day ${at}, restarts ${restarts}, back again ${backAgain}`)
      }
    }
  })
}

test('a clock that is right deletes on the day', async () => {
  deepEqual(await dayOfForgetting(0, false, false), 30)
})
