// A small crowd for some seconds; SLOW=1: fifty devices for a minute. npm run load does it with a thousand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from './load.ts'

const crowd =
  process.env.SLOW === '1'
    ? { agents: 50, processes: 2, minutes: 1, speed: 10, heartbeats: 50 * 8, commits: 25 }
    : { agents: 8, processes: 2, minutes: 0.15, speed: 30, heartbeats: 8 * 3, commits: 1 }

test('a crowd of devices stays connected, is heard and commits', { timeout: 300_000 }, async () => {
  const { heartbeats, commits, ...options } = crowd
  const result = await load({ ...options, commitBytes: 64 * 1024, say: line => console.log(line) })
  assert.equal(result.connected, crowd.agents)
  assert.deepEqual(result.failures, {})
  assert.ok(result.heartbeats >= heartbeats, `${result.heartbeats} heartbeats`)
  assert.ok(result.commits >= commits, `${result.commits} commits`)
  assert.ok(result.policy.devices >= crowd.agents, `a policy came to ${result.policy.devices}`)
  assert.ok(
    result.rss.end - result.rss.arrived < 60,
    `grew from ${result.rss.arrived} to ${result.rss.end} MiB`,
  )
})
