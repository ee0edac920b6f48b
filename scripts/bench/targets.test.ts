import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, type Row, rowsOf, type Sample } from './rows.ts'
import { tableOf, verdictsOf } from './table.ts'
import { judge } from './targets.ts'

const row = (tool: string, wall: number, stored: number): Row => ({
  ...{ corpus: 'source', work: 'first', tool, wall_s: wall, cpu_s: 1, rss_bytes: 200 * 2 ** 20 },
  ...{ stored_bytes: stored, growth_bytes: stored, runs: 1 },
})

test('a target is judged by the ratio to restic in the same run, memory by itself', () => {
  const judged = judge([row('backstay', 3.5, 90), row('restic', 10, 100)])
  const verdicts = judged.map(({ target, verdict }) => [target.measure, verdict])
  assert.deepEqual(verdicts, [
    ['wall', 'floor'],
    ['stored', 'missed'],
    ['rss', 'floor'],
  ])
})

test('without restic only memory is judged', () => {
  assert.deepEqual(
    judge([row('backstay', 1, 1)]).map(({ target }) => target.measure),
    ['rss'],
  )
})

test('a row is the median of its samples', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  const sample = (wallS: number): Sample => ({
    ...{ corpus: 'image', work: 'restore', tool: 'borg', storedBytes: 7, growthBytes: 0, differences: 0 },
    measured: { wallS, cpuS: 1, rssBytes: 1, serverCpuS: undefined, serverRssBytes: undefined, output: '' },
  })
  const [only, ...rest] = rowsOf([sample(5), sample(1), sample(2)])
  assert.equal(rest.length, 0)
  assert.equal(only?.wall_s, 2)
  assert.equal(only?.runs, 3)
  assert.equal(only?.collector_cpu_s, undefined)
})

test('the tables name the ratio, the verdict and what is not equal', () => {
  const rows = [row('backstay', 3, 70), { ...row('restic', 10, 100), differences: 2 }]
  assert.match(tableOf(rows), /backstay\s+3\.00 s\s+0\.30/)
  assert.match(tableOf(rows), /2 differ/)
  assert.match(verdictsOf(rows), /\+\+\s+source first: wall\s+0\.30 ×/)
})
