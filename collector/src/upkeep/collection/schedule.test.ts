// The part that lives as long as the collector, when the clock of the machine jumps: nothing goes, and people are told.
import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { readFacts } from '../../alerts/read-facts.ts'
import { openSqlite } from '../../catalog/sqlite.ts'
import { firstVault } from '../../catalog/vaults.ts'
import { openLog } from '../../log.ts'
import { memoryPackStore } from '../../packs/memory.ts'
import { seededRandom } from '../../packs/seeded-random.ts'
import { backUpNext, dayMs, putPolicy, shortRetention } from '../../testing/collecting.ts'
import { sampleTree } from '../../testing/sample-objects.ts'
import { enrol, laptop, sampleFleet, smallLimits } from '../../testing/sample-vault.ts'
import { openVault } from '../open-vault.ts'
import { collectionSchedule } from './schedule.ts'

test('test 44, clock-forward: a running collector set 400 days ahead collects nothing, says so and raises an alert', async () => {
  const machine = { passedMs: 0, aheadMs: 0 }
  const clock = {
    now: () => testNowMs + machine.passedMs + machine.aheadMs,
    monotonic: () => machine.passedMs,
    sleep: async () => void (await new Promise(resolve => setImmediate(resolve))),
  }
  const [store, sql] = [memoryPackStore(), openSqlite(':memory:')]
  const opened = await openVault({ p, store, sql, clock, limits: smallLimits })
  await enrol(opened.ingest, laptop)
  await putPolicy(opened.ingest, shortRetention)
  for (let n = 0; n < 6; n++)
    await backUpNext(opened.ingest, sql, laptop, await sampleTree(seededRandom(n), { leaves: 1 }))
  const lines: string[] = []
  const log = openLog('info', { write: line => void lines.push(line) })
  const dones = () => lines.filter(line => line.includes('collection done'))
  const stop = new AbortController()
  const schedule = collectionSchedule({
    ...{ p, store, sql, vault: firstVault, opened, key: sampleFleet.collector, log, collectEveryMs: dayMs },
    clock: {
      ...clock,
      async sleep(ms) {
        machine.passedMs += ms
        await clock.sleep()
        stop.signal.throwIfAborted()
      },
    },
  })
  const alerted = async () => {
    const facts = await readFacts({
      ...{ sql, vault: firstVault, clock, view: { devices: new Map(), asOfMs: clock.now() } },
      ...{
        disk: async () => ({ bytes: 100, freeBytes: 90 }),
        forecast: async () => ({ kind: 'steady' }) as never,
      },
      ...{ logFork: () => undefined, erasures: async () => [], haltedReleases: async () => [] },
      ...{ floods: opened.ingest.floods, clockHaltedUntilMs: () => opened.retention.haltedUntilMs },
    })
    return facts?.clockHaltedUntilMs !== undefined
  }
  equal(await alerted(), false)
  machine.aheadMs = 400 * dayMs
  const running = schedule.run(stop.signal).catch(() => undefined)
  for (let turn = 0; turn < 10_000 && dones().length === 0; turn++) await clock.sleep()
  stop.abort()
  await running
  match(dones()[0] ?? '', /"forgotten":0,.*"condemned":0,/)
  ok(lines.some(line => line.includes('the clock jumped: nothing is deleted; check it')))
  equal(await alerted(), true)
  // Over after three quiet days.
  for (let hours = 0; hours < 73; hours++) {
    machine.passedMs += dayMs / 24
    opened.retention.now()
  }
  equal(await alerted(), false)
  await opened.close()
})
