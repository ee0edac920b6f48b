// The agent is killed with SIGKILL at random moments of backups: what the moments may hit stands in kill-drill.ts.
// SEED=… repeats the moments as far as a machine can, SLOW=1 kills 500 times.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killDrill } from './kill-drill.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const kills = process.env.SLOW === '1' ? 500 : 6
/**
 * What came twice, on the average of all kills. Sent again may be what was in flight, which a window bounds at 16 MiB
 * (proto/src/wire/limits.ts); most often the disk has it before the next run asks, so it is a hundredth of this bound.
 */
const sentAgainBytesOfKill = 1024 * 1024

test('whenever the agent is killed, every acknowledged snapshot restores byte for byte', async t => {
  t.diagnostic(`SEED=${seed}`)
  const report = await killDrill('agent', kills, seed)
  t.diagnostic(JSON.stringify(report))
  assert.equal(report.kills, kills)
  assert.deepEqual(report.wrong, [])
  assert.equal(report.looksLikeTwo, false)
  assert(report.acknowledged >= report.rounds && report.restored >= report.acknowledged)
  assert(report.sentAgainBytes <= kills * sentAgainBytesOfKill, `${report.sentAgainBytes} bytes came twice`)
})
