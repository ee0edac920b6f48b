// SLOW=1: fifty devices for a minute, ten times faster than in life. npm run load does it with a thousand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from './load.ts'

const isSlow = process.env.SLOW === '1'

test('fifty devices stay connected, are heard and commit', { skip: !isSlow, timeout: 300_000 }, async () => {
  const options = { agents: 50, processes: 2, minutes: 1, speed: 10, commitBytes: 64 * 1024 }
  const result = await load({ ...options, say: line => console.log(line) })
  assert.equal(result.connected, 50)
  assert.deepEqual(result.failures, {})
  assert.ok(result.heartbeats >= 50 * 8, `${result.heartbeats} heartbeats`)
  assert.ok(result.commits >= 25, `${result.commits} commits`)
  assert.ok(
    result.rss.end - result.rss.arrived < 60,
    `grew from ${result.rss.arrived} to ${result.rss.end} MiB`,
  )
})
