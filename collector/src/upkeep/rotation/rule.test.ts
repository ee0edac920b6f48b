import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { bytesPerSecondMax, dueBefore, isLate, restMs, timeShareMax } from './rule.ts'

const dayMs = 86_400_000
const gib = 1024 ** 3

test('all that is stored is read within four fifths of the period, whatever it is, up to what the limit allows', () => {
  const periodMs = 30 * dayMs
  for (const storedBytes of [64 * 1024 ** 2, 500 * gib, 6 * 1024 * gib]) {
    const bytes = 64 * 1024 ** 2
    const packs = storedBytes / bytes
    const each = restMs({ bytes, tookMs: 300 }, { storedBytes, periodMs }) + 300
    const leftAloneMs = -dueBefore(0, periodMs)
    ok(leftAloneMs + packs * each <= 0.8 * periodMs + each, String(storedBytes))
  }
})

test('it is never faster than the limit, never more than its share of the time, and never waits for ever', () => {
  const figures = fc.record({
    bytes: fc.integer({ min: 0, max: 70 * 1024 ** 2 }),
    tookMs: fc.integer({ min: 0, max: 100_000 }),
    storedBytes: fc.integer({ min: 0, max: 2 ** 50 }),
    periodMs: fc.integer({ min: dayMs, max: 3650 * dayMs }),
  })
  fc.assert(
    fc.property(figures, ({ bytes, tookMs, storedBytes, periodMs }) => {
      const rest = restMs({ bytes, tookMs }, { storedBytes, periodMs })
      ok(rest >= 0 && rest <= periodMs)
      ok(tookMs <= timeShareMax * (tookMs + rest) + 1 || rest >= 0.4 * periodMs)
      ok(
        (bytes / (tookMs + rest || 1)) * 1000 <= bytesPerSecondMax * 1.01 || storedBytes === 0 || bytes === 0,
      )
    }),
  )
})

test('late is one and a half times the period', () => {
  equal(isLate(45 * dayMs, 30 * dayMs), false)
  equal(isLate(45 * dayMs + 1, 30 * dayMs), true)
})
