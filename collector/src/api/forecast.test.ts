import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fullAtMs } from './forecast.ts'

const dayMs = 86_400_000
const grown = (...bytes: readonly number[]) =>
  bytes.map((storedBytes, day) => ({ atMs: day * dayMs, storedBytes }))

test('a store that grows by ten a day fills a hundred in ten days, and one jump does not decide', () => {
  const nowMs = 5 * dayMs
  assert.equal(fullAtMs(grown(0, 10, 20, 30, 40, 50), 100, nowMs), 15 * dayMs)
  const jumped = fullAtMs(grown(0, 10, 20, 90, 40, 50), 100, nowMs) ?? 0
  assert.ok(jumped > 10 * dayMs && jumped < 20 * dayMs)
})

test('nobody knows after a day, nor when nothing grows, nor beyond ten years', () => {
  assert.equal(fullAtMs([], 100, 0), undefined)
  assert.equal(fullAtMs(grown(0, 10), 100, dayMs), undefined)
  assert.equal(fullAtMs(grown(50, 50, 50, 50, 50), 100, 5 * dayMs), undefined)
  assert.equal(fullAtMs(grown(50, 40, 30, 20, 10), 100, 5 * dayMs), undefined)
  assert.equal(fullAtMs(grown(0, 1, 2, 3, 4), 10 ** 9, 5 * dayMs), undefined)
})
