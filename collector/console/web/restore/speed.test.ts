import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateMs, estimateText, leftMs, leftText, measured, usualSpeed } from './speed.ts'

const mib = 1024 * 1024

test('large files are estimated by their bytes, small ones by their number', () => {
  const large = measured({}, { entries: 10, bytes: 1000 * mib }, 10_000)
  assert.deepEqual(large, { bytesPerSecond: 100 * mib })
  const both = measured(large, { entries: 40_000, bytes: 40 * mib }, 10_000)
  assert.deepEqual(both, { bytesPerSecond: 100 * mib, entriesPerSecond: 4000 })
  assert.equal(estimateMs({ entries: 4000, bytes: 500 * mib }, both), 6000)
  // Ten large files say nothing about ten thousand small ones.
  const many = estimateMs({ entries: 10_000, bytes: 0 }, large)
  assert.equal(many, (10_000 / usualSpeed.entriesPerSecond) * 1000)
})

test('a restore that took no time says nothing, and one slow evening is half of it', () => {
  const before = { bytesPerSecond: 100 * mib }
  assert.equal(measured(before, { entries: 1, bytes: mib }, 999), before)
  assert.equal(measured(before, { entries: 0, bytes: 0 }, 5000), before)
  assert.deepEqual(measured(before, { entries: 1, bytes: 100 * mib }, 10_000), { bytesPerSecond: 55 * mib })
})

test('an estimate is no more exact than it is', () => {
  const texts = [0, 4_999, 5_000, 31_000, 94_000, 96_000, 61 * 60_000, 101 * 60_000].map(estimateText)
  assert.deepEqual(texts, [
    ...['a few seconds', 'a few seconds', 'about 10 s', 'about 40 s'],
    ...['about 100 s', 'about 2 min', 'about 61 min', 'about 2 h'],
  ])
})

test('what is left is said by the rate, and by nothing while nothing moves', () => {
  assert.equal(leftMs(30 * mib, 10 * mib), 3000)
  assert.equal(leftMs(-5, 10), 0, 'more came than was counted')
  assert.equal(leftMs(30 * mib, 0), undefined)
  assert.deepEqual([1, 89_000, 90_001, 3_600_000].map(leftText), ['1 s', '89 s', '2 min', '60 min'])
})
