// What a stolen key may take away: a day in any week, however it is cut up, whatever the clock does.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AfarPause, afarAllowance, afarPausesMax, withoutRest, withPause } from './afar-pauses.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const t0 = Date.UTC(2026, 5, 15, 9)

test('what is left grows back a week after it was used', () => {
  const pauses = withPause([], t0, t0 + 10 * hour)
  assert.equal(afarAllowance(pauses, t0 + 10 * hour).leftMs, 14 * hour)
  assert.equal(afarAllowance(pauses, t0 + 10 * hour + 7 * day - 1).leftMs, 14 * hour)
  assert.deepEqual(afarAllowance(pauses, t0 + 10 * hour + 7 * day), { spans: [], leftMs: 24 * hour })
})

test('one that goes on is one, and what was not used of it is given back', () => {
  const longer = withPause(withPause([], t0, t0 + hour), t0 + hour / 2, t0 + 2 * hour)
  assert.deepEqual(longer, [{ sinceMs: t0, untilMs: t0 + 2 * hour }])
  assert.equal(afarAllowance(withoutRest(longer, t0 + hour), t0 + hour).leftMs, 23 * hour)
  assert.deepEqual(withoutRest(longer, t0 + 5 * hour), longer, 'one that has ended stays as it was')
})

test('a clock that is wrong for a while gives none away', () => {
  const ahead = withPause([], t0 + 400 * day, t0 + 400 * day + 20 * hour)
  const { spans, leftMs } = afarAllowance(ahead, t0)
  assert.equal(leftMs, 4 * hour)
  assert.deepEqual(spans, [{ sinceMs: t0, untilMs: t0 + 20 * hour }])
})

test('whatever is asked for, no week holds more than a day of it', t => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`SEED=${seed}`)
  let word = seed
  const below = (count: number) => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((word / 2 ** 32) * count)
  }
  let pauses: readonly AfarPause[] = []
  /** Minutes that were paused, as somebody beside it counts them. */
  const paused = new Set<number>()
  for (let now = 0, until = 0; now < 30 * 24 * 60; now++) {
    const nowMs = t0 + now * minute
    if (below(20) === 0) {
      const untilMs = nowMs + (1 + below(1440)) * minute
      const { spans, leftMs } = afarAllowance(pauses, nowMs)
      const fromMs = Math.max(nowMs, t0 + until * minute)
      if (untilMs > fromMs && untilMs - fromMs <= leftMs) {
        pauses = withPause(spans, nowMs, untilMs)
        until = (untilMs - t0) / minute
      }
    } else if (below(50) === 0 && until > now) {
      pauses = withoutRest(pauses, nowMs)
      until = now
    }
    if (now < until) paused.add(now)
    assert.ok(pauses.length <= afarPausesMax)
  }
  assert.ok(paused.size > 2 * 1440, `SEED=${seed}`)
  let inWindow = 0
  for (let at = 0; at < 30 * 24 * 60; at++) {
    inWindow += (paused.has(at) ? 1 : 0) - (paused.has(at - 7 * 1440) ? 1 : 0)
    assert.ok(inWindow <= 1440, `${inWindow} minutes of a week, SEED=${seed}`)
  }
})
