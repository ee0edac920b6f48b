// A collector that refuses, and goes on: over the same session, as `backstay-agent run` keeps it, the next attempt begins anew.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { memoryKeychain } from '@backstay/agent/keys/memory-keychain'
import type { Session } from '@backstay/agent/link/session'
import { loadSystem } from '@backstay/agent/system/load'
import { openSqlite } from '@backstay/collector/catalog/sqlite'
import { memoryPackStore } from '@backstay/collector/packs/memory'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testFleet, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { memoryTransport } from '@backstay/proto/wire/memory-transport'
import { collectorInProcess } from '../testing/in-process/collector.ts'
import { backUpOver, connect, enrolledAgent, restoreFolder } from '../testing/in-process/device.ts'
import { passingClock } from '../testing/in-process/passing-clock.ts'
import { seededRandom } from '../testing/random.ts'

async function world() {
  const top = mkdtempSync(join(tmpdir(), 'backstay-healing-'))
  const home = join(top, 'home')
  mkdirSync(home)
  const random = seededRandom(5)
  for (let n = 0; n < 40; n++) writeFileSync(join(home, `file-${n}`), random.bytes(60_000))
  const clock = passingClock(testNowMs)
  const fleet = await testFleet(p)
  const store = memoryPackStore()
  const sql = openSqlite(':memory:')
  const collector = await collectorInProcess({ p, store, sql, clock, fleet, limits: { reserveBytes: 0 } })
  const transport = memoryTransport(
    connection => collector.accept(connection),
    () => ({ channelBinding: p.random(32) }),
  )
  const agent = await enrolledAgent({
    ...{ primitives: p, clock, transport, fleet, name: 'laptop', state: join(top, 'state') },
    ...{ system: await loadSystem(), keychain: memoryKeychain() },
  })
  const session = await connect(agent)
  return {
    ...{ store, session, agent, home },
    backUp: (over: Session = session) => backUpOver(over, agent, [home]),
    async requireWhole(sequence: number) {
      const now = { ...agent, head: await agent.identities.readHead() }
      const { damaged } = await restoreFolder(now, sequence, home, join(top, 'restored'))
      assert.deepEqual(damaged, [])
    },
    async [Symbol.asyncDispose]() {
      await session.close()
      await collector.close()
      await sql.close()
      rmSync(top, { recursive: true })
    },
  }
}

test('a disk of the collector that was full for a while: the same session backs up as soon as there is space', async () => {
  // What was refused once was refused again and again, until the link was cut: a running agent stood still for hours.
  await using one = await world()
  one.store.capacityBytes = 300_000
  for (let tries = 0; tries < 2; tries++) await assert.rejects(one.backUp(), { code: 'store_full' })
  one.store.capacityBytes = 2 ** 40
  await one.requireWhole((await one.backUp()).sequence)
})

test('an object that the collector lost between question and answer is sealed again in the same run', async () => {
  await using one = await world()
  let lies = 1
  const lying: Session = {
    ...one.session,
    missing: async (ids, signal) => (lies-- > 0 ? new Set() : one.session.missing(ids, signal)),
  }
  const { sequence } = await one.backUp(lying)
  assert.ok(lies < 0)
  await one.requireWhole(sequence)
})

test('a collector that loses everything again and again is given up, and said', async () => {
  await using one = await world()
  let asked = 0
  const lost: Session = {
    ...one.session,
    async missing() {
      asked++
      return new Set()
    },
  }
  const isLoss = (error: unknown) => isFailure(error, 'unknown_child') || isFailure(error, 'unknown_root')
  await assert.rejects(one.backUp(lost), isLoss)
  assert.ok(asked >= 4, 'once, and three times more')
  // The next one, when it is itself again.
  await one.requireWhole((await one.backUp()).sequence)
})
