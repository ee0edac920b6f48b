import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { continuous, type Schedule, usualManners } from '@backstay/proto/policy/schedule'
import { parseDuration, parseWindow } from '@backstay/proto/policy/schedule-text'
import { soundTimes } from './record.ts'
import {
  type Conditions,
  decide,
  type SchedulerEvent,
  type SchedulerState,
  startingState,
  step,
  unprotectedSince,
} from './scheduler.ts'

const start = new Date(2026, 5, 15, 12, 0).getTime()
const hour = 3_600_000
const good: Conditions = { isConnected: true, batteryPercent: undefined, isMetered: false }

/** A scheduler that is asked every time it said it wants to be. */
function driven(schedule: Schedule, { jitter = 0, runMs = 100, random = (): number => 0 } = {}) {
  let now = start
  let state = startingState(now, jitter)
  let conditions = good
  const rules = { schedule, manners: usualManners, reconcileMs: 24 * hour }
  const runs: { readonly atMs: number; readonly why: string }[] = []
  /** When everything was looked at. */
  const wholeMs: number[] = []
  const tell = (event: SchedulerEvent) => {
    state = step(state, event, now)
  }
  const look = () => decide(state, rules, conditions, now)
  /** Lets time pass; a clock that `jumps` wakes nobody on the way. */
  function pass(ms: number, jumps = false): void {
    const until = now + ms
    if (jumps) now = until
    for (let turns = 0; ; turns++) {
      assert.ok(turns < 100_000, 'it never comes to rest')
      const decision = look()
      if (decision.do === 'run') {
        runs.push({ atMs: now - start, why: decision.why })
        tell({ kind: 'started' })
        now += runMs
        const { everything } = decision
        if (everything) wholeMs.push(now - start)
        tell({ kind: 'succeeded', everything, jitter: random(), reconcileMs: 24 * hour })
        continue
      }
      if (decision.untilMs === undefined || decision.untilMs > until) break
      assert.ok(decision.untilMs > now, `waits for ${decision.why} until a time that has passed`)
      now = decision.untilMs
    }
    now = Math.max(now, until)
  }
  return {
    ...{ tell, pass, look, runs, wholeMs },
    /** The agent ends and begins again; what it knows is what it wrote down. */
    restart(clockMs = 0) {
      now += clockMs
      const { lastStartedMs, lastCompleteMs, pausedUntilMs, pausedSinceMs, pausedBy } = state
      const times = { lastStartedMs, lastCompleteMs, pausedUntilMs, pausedSinceMs, pausedBy }
      state = startingState(now, jitter, soundTimes({ ...times, leftSinceMs: unprotectedSince(state) }, now))
    },
    set(changed: Partial<Conditions>) {
      conditions = { ...conditions, ...changed }
    },
    /** The wall clock alone. */
    setClock(byMs: number) {
      now += byMs
    },
    get state(): SchedulerState {
      return state
    },
    get now() {
      return now
    },
    whys: () => runs.map(run => run.why),
  }
}

describe('a continuous schedule', () => {
  it('reads everything at the start, and then at least daily', () => {
    const one = driven(continuous, { random: () => 0.5 })
    one.pass(49 * hour)
    assert.deepEqual(one.whys(), ['reconcile', 'reconcile', 'reconcile'])
  })

  it('reads everything at least daily however often something is saved', () => {
    // Each run of what was hinted put the look at everything off by another day.
    const one = driven(continuous)
    for (let hours = 0; hours < 100; hours++) {
      one.tell({ kind: 'hinted' })
      one.pass(hour)
    }
    assert.deepEqual(
      one.wholeMs.map(ms => Math.round(ms / hour)),
      [0, 24, 48, 72, 96],
    )
  })

  it('looks at everything again when something was doubted during a run', () => {
    const one = driven(continuous)
    one.pass(hour)
    one.tell({ kind: 'hinted' })
    one.tell({ kind: 'started' })
    one.tell({ kind: 'doubted' })
    one.tell({ kind: 'succeeded', everything: true, jitter: 0, reconcileMs: 24 * hour })
    assert.deepEqual(one.look(), { do: 'run', why: 'reconcile', everything: true })
  })

  it('runs as soon as nothing moves any more', () => {
    const one = driven(continuous)
    one.pass(hour)
    for (let i = 0; i < 5; i++) {
      one.tell({ kind: 'hinted' })
      one.pass(200)
    }
    assert.equal(one.runs.length, 1)
    one.pass(hour)
    assert.deepEqual(one.runs.at(-1), { atMs: hour + 4 * 200 + 300, why: 'changes' })
  })

  it('does not wait for ever for files that never rest', () => {
    const one = driven(continuous)
    one.pass(hour)
    for (let i = 0; i < 400; i++) {
      one.tell({ kind: 'hinted' })
      one.pass(200)
    }
    // 80 seconds of changes with a ceiling of 30.
    assert.equal(one.runs.length, 1 + 2)
  })

  it('knows since when something waits, also through a run that fails', () => {
    const one = driven(continuous)
    one.pass(hour)
    const changed = one.now
    one.tell({ kind: 'hinted' })
    one.tell({ kind: 'started' })
    one.tell({ kind: 'hinted' })
    one.tell({ kind: 'failed', retryAfterMs: 1000 })
    assert.equal(unprotectedSince(one.state), changed)
    assert.deepEqual(one.look(), { do: 'wait', why: 'failed', untilMs: changed + 1000 })
    one.pass(10_000)
    assert.equal(unprotectedSince(one.state), undefined)
  })

  it('a doubt makes nothing younger, and is something that may wait until all was looked at', () => {
    const every: Schedule = { kind: 'windows', windows: [parseWindow('01:00-03:00')], catchUp: false }
    const one = driven(every)
    one.pass(15 * hour)
    assert.equal(unprotectedSince(one.state), undefined)
    const changed = one.now
    one.tell({ kind: 'hinted' })
    one.pass(hour)
    one.tell({ kind: 'doubted' })
    assert.equal(unprotectedSince(one.state), changed)
    one.pass(24 * hour)
    assert.equal(unprotectedSince(one.state), undefined)
    const doubted = one.now
    one.tell({ kind: 'doubted' })
    assert.equal(unprotectedSince(one.state), doubted, 'at once: it may be off again in a moment')
  })

  it('leaves the machine alone most of the time when somebody saves without end', () => {
    const one = driven(continuous, { runMs: 2000 })
    for (let i = 0; i < 2400; i++) {
      one.tell({ kind: 'hinted' })
      one.pass(3000)
    }
    const busy = one.runs.filter(run => run.atMs > hour).length * 2000
    assert.ok(busy < hour * 0.25, `${busy / 1000} s of the second hour`)
    assert.ok(busy > hour * 0.1)
  })
})

describe('a schedule of every so often', () => {
  it('runs in that distance, with its jitter, and whether or not something changed', () => {
    const one = driven({ kind: 'every', everyMs: hour }, { random: () => 0.5 })
    one.pass(5.5 * hour)
    assert.deepEqual(
      one.runs.map(run => Math.round(run.atMs / hour)),
      [0, 1, 2, 3, 4, 5],
    )
  })

  it('makes up for what was slept through, once', () => {
    const one = driven({ kind: 'every', everyMs: hour })
    one.pass(hour / 2)
    one.pass(9 * hour, true)
    assert.equal(one.runs.length, 2)
  })
})

describe('a schedule of windows', () => {
  const nights: Schedule = { kind: 'windows', windows: [parseWindow('Mon-Fri 20:00-06:00')], catchUp: true }

  it('runs once in each window and not outside', () => {
    // 15 June 2026 is a Monday; Sunday before has no window, so Friday's is made up for at once.
    const one = driven(nights)
    one.pass(7 * 24 * hour)
    const hours = one.runs.map(run => run.atMs / hour)
    assert.deepEqual(one.whys(), ['catch_up', 'window', 'window', 'window', 'window', 'window'])
    assert.deepEqual(hours.map(Math.round), [0, 8, 32, 56, 80, 104])
  })

  it('looks at everything in each window, because nothing else comes before the next', () => {
    // A server was never walked again after its first day: nothing lost was sealed anew, no link seen, nothing re-laid.
    let turn = 0
    const one = driven(
      { ...nights, windows: [parseWindow('20:00-06:00')] },
      { random: () => (turn++ % 7) / 7 },
    )
    one.pass(7 * 24 * hour)
    assert.equal(one.wholeMs.length, one.runs.length)
    assert.equal(one.runs.length, 8)
    // Several in a day: not each, but one of them.
    const often = driven({
      ...nights,
      windows: ['06:00-07:00', '12:00-13:00', '18:00-19:00'].map(parseWindow),
    })
    often.pass(7 * 24 * hour)
    assert.ok(often.wholeMs.length < often.runs.length * 0.6)
    const gaps = often.wholeMs.map((ms, index) => (often.wholeMs[index + 1] ?? ms) - ms)
    assert.ok(Math.max(...gaps) <= 24 * hour, `${Math.max(...gaps) / hour} h`)
  })

  it('waits for the next window when nothing is to be made up for', () => {
    const one = driven({ ...nights, catchUp: false })
    one.pass(7 * hour)
    assert.deepEqual(one.runs, [])
    assert.equal(one.look().do, 'wait')
    one.pass(3 * hour)
    assert.deepEqual(one.whys(), ['window'])
  })

  it('spreads devices over the beginning of a window', () => {
    const starts = [0, 0.5, 0.99].map(jitter => {
      const one = driven({ ...nights, catchUp: false }, { jitter })
      one.pass(12 * hour)
      return Math.round((one.runs[0]?.atMs ?? 0) / 60_000) - 480
    })
    assert.deepEqual(starts, [0, 15, 30])
  })
})

describe('manners', () => {
  it('starts nothing while paused, and goes on by itself', () => {
    const one = driven(continuous)
    one.tell({ kind: 'paused', untilMs: one.now + hour })
    one.pass(hour - 1)
    assert.deepEqual(one.runs, [])
    one.pass(1)
    assert.equal(one.runs.length, 1)
  })

  it('a pause ends early when it is lifted, and does not hold what a person asks for', () => {
    const one = driven(continuous)
    one.tell({ kind: 'paused', untilMs: one.now + hour })
    one.tell({ kind: 'asked' })
    one.pass(1000)
    assert.deepEqual(one.whys(), ['asked'])
    one.tell({ kind: 'resumed' })
    one.tell({ kind: 'hinted' })
    one.pass(1000)
    assert.deepEqual(one.whys(), ['asked', 'changes'])
  })

  it('waits on a low battery, on a metered link and without a collector, and says which', () => {
    const one = driven(continuous)
    for (const [changed, why] of [
      [{ batteryPercent: 14 }, 'battery'],
      [{ isMetered: true }, 'metered'],
      [{ isConnected: false }, 'offline'],
    ] as const) {
      one.set({ ...good, ...changed })
      assert.deepEqual(one.look(), { do: 'wait', why, untilMs: undefined })
    }
    one.set({ ...good, batteryPercent: 15 })
    assert.equal(one.look().do, 'run')
  })

  it('a collector that comes back is told at once what waited, and everything is read unless it was just now', () => {
    const one = driven(continuous)
    one.pass(hour)
    one.tell({ kind: 'started' })
    one.tell({ kind: 'failed', retryAfterMs: 10 * hour })
    one.tell({ kind: 'connected' })
    one.pass(1000)
    assert.deepEqual(one.whys(), ['reconcile', 'reconcile'])
    one.tell({ kind: 'connected' })
    one.pass(hour / 10)
    assert.equal(one.runs.length, 2)
  })
})

describe('a clock that is set', () => {
  for (const years of [-10, 10]) {
    it(`by ${years} years does not end protection`, () => {
      const one = driven(continuous)
      one.pass(hour)
      const byMs = years * 365 * 24 * hour
      one.setClock(byMs)
      if (byMs < 0) one.tell({ kind: 'set_back', byMs: -byMs })
      one.tell({ kind: 'hinted' })
      const before = one.runs.length
      one.pass(1000)
      assert.ok(one.runs.length > before)
      one.pass(25 * hour)
      assert.ok(one.runs.length > before + 1)
    })
  }
})

describe('an agent that begins again', () => {
  const schedules: readonly Schedule[] = [
    continuous,
    { kind: 'every', everyMs: hour },
    { kind: 'windows', windows: [parseWindow('20:00-06:00')], catchUp: true },
  ]
  for (const schedule of schedules) {
    it(`is not held by a clock that was wrong before: ${schedule.kind}`, () => {
      // With a run ten years ahead in its record, a windowed device began nothing before that year.
      const tenYears = 10 * 365 * 24 * hour
      for (const firstMs of [tenYears, -tenYears, 0]) {
        const one = driven(schedule)
        one.restart(firstMs)
        one.pass(10 * hour)
        one.tell({ kind: 'paused', untilMs: one.now + hour })
        const before = one.runs.length
        assert.ok(before > 0)
        one.restart(-firstMs)
        one.pass(25 * hour)
        assert.ok(one.runs.length > before, `${firstMs}`)
      }
    })
  }

  it('knows since when something waits, whatever held it back and however often it began anew', () => {
    const one = driven(continuous)
    one.pass(hour)
    one.set({ batteryPercent: 3 })
    const changed = one.now
    one.tell({ kind: 'hinted' })
    for (let day = 0; day < 5; day++) {
      one.pass(8 * hour)
      one.restart(16 * hour)
    }
    assert.equal(unprotectedSince(one.state), changed)
    one.set(good)
    one.pass(hour)
    assert.equal(unprotectedSince(one.state), undefined)
  })
})

describe('any order of events', () => {
  it('a change is in a run that began after it, within the ceiling, whenever nothing hinders; and no run is hindered', t => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
    t.diagnostic(`SEED=${seed}`)
    let word = seed
    const random = () => {
      // mulberry32
      word = (word + 0x6d2b79f5) | 0
      let mixed = Math.imul(word ^ (word >>> 15), 1 | word)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    }
    for (let round = 0; round < 60; round++) {
      const one = driven(continuous, { random, jitter: random(), runMs: Math.floor(random() * 500) })
      let isPaused = false
      for (let events = 0; events < 200; events++) {
        const before = one.runs.length
        const kind = Math.floor(random() * 8)
        if (kind === 0) {
          one.tell({ kind: 'paused', untilMs: one.now + hour * 1000 })
          isPaused = true
        } else if (kind === 1) {
          one.tell({ kind: 'resumed' })
          isPaused = false
        } else if (kind === 2) one.set({ isConnected: random() < 0.5 })
        else if (kind === 3) one.set({ batteryPercent: random() < 0.5 ? 5 : undefined })
        else if (kind === 4) one.tell({ kind: 'doubted' })
        else one.tell({ kind: 'hinted' })
        const isHindered = isPaused || ['offline', 'battery'].includes(hindrance(one.look()))
        one.pass(random() * 60_000)
        if (isHindered) assert.equal(one.runs.length, before, `a run in spite of it, SEED=${seed}`)
        const since = unprotectedSince(one.state)
        if (!isHindered && since !== undefined) {
          assert.ok(
            one.now - since <= 31_000 + 60_000,
            `a change waits for ${one.now - since} ms, SEED=${seed}`,
          )
        }
      }
    }
  })
})

const hindrance = (decision: ReturnType<typeof decide>) => (decision.do === 'wait' ? decision.why : '')

describe('what people type', () => {
  it('durations and windows', () => {
    assert.equal(parseDuration('90s'), 90_000)
    assert.equal(parseDuration('1h'), hour)
    assert.deepEqual(parseWindow('Sat-Mon 22:30-06:00'), { days: [0, 1, 6], fromMinute: 1350, toMinute: 360 })
    assert.deepEqual(parseWindow('00:00-24:00').days.length, 7)
  })

  it('mistakes are named, and impossible windows refused', () => {
    for (const text of ['', '1', '0m', '-1h', '1w', '1e3s']) {
      assert.throws(() => parseDuration(text), { code: 'bad_schedule' })
    }
    for (const text of [
      '',
      'Mon',
      '25:00-26:00',
      '10:00-10:00',
      '24:00-24:00',
      'Xxx 10:00-11:00',
      'Mon 10:60-11:00',
      'Mon - Fri 1:00-2:00',
      'Mon- 10:00-11:00',
    ]) {
      assert.throws(() => parseWindow(text), { code: 'bad_schedule' }, text)
    }
  })
})
