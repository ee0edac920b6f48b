import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testHeartbeat } from '@backstay/proto/trust/testing/heartbeat'
import { sampleGateway } from '../link/testing/sample-gateway.ts'
import { openLog } from '../log.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleTree } from '../testing/sample-objects.ts'
import { laptop, sampleFleet } from '../testing/sample-vault.ts'
import { fleetView } from './fleet-view.ts'
import { healthWatch } from './health-watch.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

interface Line {
  readonly level: string
  readonly msg: string
  readonly state?: string
  readonly why?: readonly string[]
}

test('a device that becomes worse is named once, and once more when it is well again', async () => {
  await using world = await sampleGateway()
  const lines: Line[] = []
  const log = openLog('info', { write: line => void lines.push(JSON.parse(line)) })
  const { clock, fleet, gateway, vault } = world
  const stop = new AbortController()
  const { onlineSinceMs } = gateway
  const view = fleetView({ p, sql: vault.sql, clock, fleet, onlineSinceMs })
  // It looks each ten minutes instead of each: two weeks of minutes say no more, and take ten seconds.
  const seldom = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(10 * ms, signal) }
  const running = healthWatch({ clock: seldom, view, log }).run(stop.signal)
  running.catch(() => undefined)

  const session = await world.enroll(laptop)
  await session.putRecord(await sampleEscrow(sampleFleet, laptop))
  await clock.advance(20 * minuteMs)
  const { objects, root } = await sampleTree(seededRandom(5))
  for (const { id, stored } of objects) await session.put(id, stored)
  await session.publish((await sampleCommit(sampleFleet, laptop, root)).stored)
  await session.heartbeat(await testHeartbeat(p, sampleFleet, laptop, { leaving: true }))
  await clock.advance(20 * minuteMs)
  await session.close()
  await clock.advance(6 * dayMs)
  assert.deepEqual(
    lines.map(({ level, msg, state }) => [level, msg, state]),
    [
      ['info', 'devices at the start', undefined],
      ['info', 'a device is better protected', 'protected'],
    ],
  )
  await clock.advance(9 * dayMs)
  assert.deepEqual(
    lines.slice(2).map(({ level, state, why }) => [level, state, why]),
    [
      ['warn', 'at_risk', ['escrow_unproven']],
      ['warn', 'unprotected', ['silent']],
    ],
  )
  await using again = await world.device(laptop)
  assert.ok(again)
  await clock.advance(minuteMs)
  // Heard again, and its escrow still waits for its proof.
  assert.deepEqual([lines[4]?.level, lines[4]?.state, lines.length], ['info', 'at_risk', 5])
  stop.abort()
  await running.catch(() => undefined)
})
