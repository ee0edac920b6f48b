import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeCoverage } from './coverage.ts'

const day = 86_400_000

test('a policy that drops more than half of what was covered is flagged for a week', () => {
  const full = judgeCoverage(undefined, 'all', 1000, 0)
  assert.equal(full.drop, undefined)
  assert.equal(judgeCoverage(full, 'less', 500, 1).drop, undefined)
  const dropped = judgeCoverage(full, 'nothing', 0, 5)
  assert.deepEqual(dropped.drop, { sinceMs: 5, heldMs: 0, seenMs: 5, entriesBefore: 1000 })
  const later = judgeCoverage(dropped, 'nothing', 1, 5 + day)
  assert.deepEqual([later.drop?.sinceMs, later.drop?.entriesBefore], [5, 1000])
  assert.equal(judgeCoverage(later, 'all', 900, 2 * day).drop, undefined, 'it was taken back')
  assert.equal(judgeCoverage(later, 'nothing', 1, 400 * day).drop?.sinceMs, 5, 'a jump is no week')
  let week = later
  for (let days = 2; days <= 8; days++) week = judgeCoverage(week, 'nothing', 1, days * day)
  assert.equal(week.drop, undefined, 'a week has passed')
})

test('files that people delete are their own affair', () => {
  const full = judgeCoverage(undefined, 'all', 1000, 0)
  assert.equal(judgeCoverage(full, 'all', 3, 1).drop, undefined)
})
