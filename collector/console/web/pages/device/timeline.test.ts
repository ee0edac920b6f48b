import assert from 'node:assert/strict'
import { test } from 'node:test'
import { marksOf, moved, placeOf, zoomed } from './timeline.ts'

const dayMs = 86_400_000
const limits = { fromMs: 0, toMs: 100 * dayMs }

test('zooming keeps the moment under the pointer', () => {
  const before = { fromMs: 20 * dayMs, toMs: 60 * dayMs }
  const after = zoomed(before, 0.5, 0.25, limits)
  assert.equal(placeOf(30 * dayMs, before, 400), placeOf(30 * dayMs, after, 400))
  assert.equal(after.toMs - after.fromMs, 20 * dayMs)
})

test('nobody zooms or moves out of what there is', () => {
  assert.deepEqual(zoomed({ fromMs: 10 * dayMs, toMs: 90 * dayMs }, 9, 0.5, limits), limits)
  assert.deepEqual(moved({ fromMs: 0, toMs: 10 * dayMs }, -dayMs, limits), { fromMs: 0, toMs: 10 * dayMs })
  assert.deepEqual(moved({ fromMs: 80 * dayMs, toMs: 90 * dayMs }, 40 * dayMs, limits), {
    fromMs: 90 * dayMs,
    toMs: 100 * dayMs,
  })
})

test('there are never more marks than fit', () => {
  for (const days of [0.01, 0.5, 3, 30, 365, 4000]) {
    const marks = marksOf({ fromMs: 1.7e12, toMs: 1.7e12 + days * dayMs }, 8)
    assert.ok(marks.length <= 9, `${days} days: ${marks.length} marks`)
  }
})
