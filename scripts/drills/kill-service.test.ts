// `backstay-agent run` is killed with SIGKILL at random moments: what the moments may hit stands in kill-drill.ts.
// SEED=… repeats the moments as far as a machine can, SLOW=1 kills 500 times.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killDrill } from './kill-drill.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const kills = process.env.SLOW === '1' ? 500 : 6

test('whenever the running agent is killed, every acknowledged snapshot restores byte for byte', async t => {
  t.diagnostic(`SEED=${seed}`)
  const report = await killDrill('service', kills, seed)
  t.diagnostic(JSON.stringify(report))
  assert.equal(report.kills, kills)
  assert.deepEqual(report.wrong, [])
  assert.equal(report.looksLikeTwo, false)
  assert(report.acknowledged >= report.rounds && report.restored >= report.acknowledged)
})
