import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import fc from 'fast-check'
import { nodePrimitives as p } from '../node.ts'
import type { Heartbeat } from '../trust/heartbeat.ts'
import { testDevice, testFleet, testNowMs } from '../trust/testing/fleet.ts'
import { calmHeartbeat } from '../trust/testing/heartbeat.ts'
import { oldestChangeMs } from './facts.ts'
import { type DeviceFacts, danger, type Health, judge, usualRules } from './health.ts'
import { rulesFor } from './rules.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007)
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const now = testNowMs
const fleet = await testFleet(p)
const calm = calmHeartbeat(fleet, await testDevice(p, fleet, 'laptop'))

/** Online, heard 30 s ago, backed up 5 minutes ago, proved; changed as told. */
function facts(
  changes: Partial<DeviceFacts> = {},
  said: Partial<Heartbeat> = {},
  heardAgoMs = 30_000,
): DeviceFacts {
  const atMs = now - heardAgoMs
  return {
    enrolledAtMs: now - 90 * dayMs,
    revokedAtMs: undefined,
    heard: { heartbeat: { ...calm, sentAtMs: atMs, headSequence: 7, ...said }, atMs },
    onlineSinceMs: now - 2 * hourMs,
    lastSeenMs: now - 10_000,
    headSequence: 7,
    headReceivedAtMs: now - 5 * minuteMs,
    lastCompleteAtMs: now - 5 * minuteMs,
    unprovenSinceMs: undefined,
    clonedSinceMs: undefined,
    ...changes,
  }
}

/** Gone since then; its last complete snapshot came just before. */
function away(agoMs: number, said: Partial<Heartbeat> = {}): DeviceFacts {
  const before = { lastCompleteAtMs: now - agoMs - minuteMs, headReceivedAtMs: now - agoMs - minuteMs }
  return facts({ ...before, onlineSinceMs: undefined, lastSeenMs: now - agoMs }, said, agoMs)
}

const trouble = (code: string, forMs: number, count = 1) => ({ code, count, forMs })

/** State, age, and the codes of its reasons in order. */
function told({ state, sinceMs, reasons }: Health): string {
  const age = now - sinceMs
  const text =
    age >= dayMs ? `${age / dayMs} d` : age >= hourMs ? `${age / hourMs} h` : `${age / minuteMs} min`
  return [
    `${state} ${text}`,
    ...reasons.map(({ code, what }) => (what === '' ? code : `${code}:${what}`)),
  ].join(', ')
}

describe('stories', () => {
  const stories: Record<string, readonly [DeviceFacts, string]> = {
    'all is well': [facts(), 'protected 5 min'],
    'a change waits for a moment': [facts({}, { unprotectedMs: 1000 }), 'protected 5 min, changes_wait'],
    'a change waits for a day': [
      facts({ lastCompleteAtMs: now - 30 * hourMs }, { unprotectedMs: dayMs }),
      `at_risk ${1 + 30_000 / dayMs} d, changes_wait`,
    ],
    'a change waits for three days': [
      facts({ lastCompleteAtMs: now - 80 * hourMs }, { unprotectedMs: 72 * hourMs, failure: 'store_full' }),
      `unprotected ${80 / 24} d, backup_fails:store_full, changes_wait`,
    ],
    'a snapshot came after the last word': [
      facts(
        { lastCompleteAtMs: now - 1000, headSequence: 8 },
        { unprotectedMs: 4 * dayMs, failure: 'store_full' },
      ),
      `protected ${1 / 60} min`,
    ],
    'its newest snapshot is of before the clock was set back': [
      facts({ lastCompleteAtMs: now + 10 * dayMs }, { unprotectedMs: 4 * dayMs }, 0),
      'unprotected 4 d, changes_wait',
    ],
    'its last word is of before the clock was set back': [
      facts({ lastCompleteAtMs: now - 3 * dayMs }, { unprotectedMs: 2 * dayMs }, -10 * dayMs),
      'at_risk 2 d, changes_wait, clock_wrong',
    ],
    'silent, and seen before the clock was set back': [
      { ...away(8 * dayMs), enrolledAtMs: now + dayMs, headReceivedAtMs: now + 2 * dayMs },
      'at_risk 8 d, silent',
    ],
    'backups fail since an hour': [
      facts({ lastCompleteAtMs: now - hourMs }, { failure: 'link_cut' }),
      'protected 1 h, backup_fails:link_cut',
    ],
    'asleep over the weekend': [away(3 * dayMs, { leaving: true }), 'offline_complete 3 d, offline'],
    'asleep with a change on it': [
      away(hourMs, { unprotectedMs: 0 }),
      `protected ${61 / 60} h, changes_wait, offline`,
    ],
    'asleep for two days with a change on it': [
      away(2 * dayMs, { unprotectedMs: 0 }),
      'at_risk 2 d, changes_wait, offline',
    ],
    'silent for a week': [away(7 * dayMs), 'at_risk 7 d, silent'],
    'silent for two weeks': [away(14 * dayMs, { leaving: true }), 'unprotected 14 d, silent'],
    'paused for an hour': [
      facts({}, { paused: { forMs: 10 * minuteMs, leftMs: 50 * minuteMs, by: '' }, unprotectedMs: 0 }),
      'paused 10.5 min, paused, changes_wait',
    ],
    'a pause that ended while it was away': [
      away(2 * hourMs, { paused: { forMs: 0, leftMs: hourMs, by: 'Ada' } }),
      'offline_complete 2 h, offline',
    ],
    'paused for two days, with changes': [
      facts({}, { paused: { forMs: 2 * dayMs, leftMs: dayMs, by: '' }, unprotectedMs: 2 * dayMs }),
      `at_risk ${2 + 30_000 / dayMs} d, changes_wait, paused`,
    ],
    'never backed up': [
      facts(
        { lastCompleteAtMs: undefined, headSequence: 0, headReceivedAtMs: undefined },
        { headSequence: 0 },
      ),
      'never_backed_up 90 d, never_backed_up',
    ],
    'its first backup is under way': [
      facts(
        {
          enrolledAtMs: now - hourMs,
          lastCompleteAtMs: undefined,
          headSequence: 0,
          headReceivedAtMs: undefined,
        },
        { headSequence: 0, running: { entries: 5, readBytes: 6, sentBytes: 1, forMs: minuteMs } },
      ),
      'never_backed_up 1 h, never_backed_up, backup_runs',
    ],
    'a folder is empty': [
      facts({}, { roots: [trouble('emptied', minuteMs)] }),
      'at_risk 1.5 min, root_emptied:emptied',
    ],
    'a file is open': [
      facts({}, { unread: [trouble('changed', 0)] }),
      'protected 5 min, files_not_read:changed',
    ],
    'files not read since Tuesday': [
      facts({}, { unread: [trouble('denied', 3 * dayMs - 30_000, 12), trouble('io', 0)] }),
      'at_risk 3 d, files_not_read:denied, files_not_read:io',
    ],
    'its token asks for approval': [
      facts(
        { lastCompleteAtMs: undefined, headSequence: 0 },
        { failure: 'approval_needed', headSequence: 0 },
      ),
      'never_backed_up 90 d, approval_awaited',
    ],
    'macOS keeps its files from the agent': [
      facts({}, { access: [trouble('full_disk_access', dayMs - 30_000)] }),
      'at_risk 1 d, access_missing:full_disk_access',
    ],
    'the collector lost a snapshot': [facts({ headSequence: 4 }), 'at_risk 0.5 min, snapshots_missing'],
    'it was rolled back': [
      facts({}, { alarms: [trouble('rolled_back', 0), trouble('memory_lost', 0)] }),
      'at_risk 0.5 min, alarm:rolled_back, alarm:memory_lost',
    ],
    'an escrow of yesterday': [facts({ unprovenSinceMs: now - dayMs }), 'protected 5 min, escrow_unproven'],
    'an escrow that nobody opened for a week': [
      facts({ unprovenSinceMs: now - 7 * dayMs }),
      'at_risk 7 d, escrow_unproven',
    ],
    'connected, but it says nothing': [
      facts({ lastCompleteAtMs: now - 3 * hourMs, headReceivedAtMs: now - 3 * hourMs }, {}, 2 * hourMs),
      'at_risk 2 h, mute',
    ],
    'a long backup by hand says nothing, but commits': [
      facts({ headReceivedAtMs: now - minuteMs }, {}, 2 * hourMs),
      'protected 5 min',
    ],
    'an agent that says nothing of itself': [
      facts({ heard: undefined, lastCompleteAtMs: now - dayMs }),
      'protected 1 d, not_heard',
    ],
    'nothing heard since the catalog was made anew, for days': [
      facts({ heard: undefined, onlineSinceMs: undefined, lastCompleteAtMs: now - 2 * dayMs }),
      'at_risk 2 d, not_heard, offline',
    ],
    'backed up by hand each night, and missed twice': [
      away(2 * dayMs, { watch: undefined, leaving: true }),
      `at_risk ${2 + minuteMs / dayMs} d, unwatched, offline`,
    ],
    'its clock is a year behind': [
      facts({}, { sentAtMs: now - 365 * dayMs }),
      'protected 5 min, clock_wrong',
    ],
    'on a train': [
      facts({}, { waiting: 'metered', unprotectedMs: 0 }),
      'protected 5 min, changes_wait, backup_waits:metered',
    ],
    'more folders than the kernel watches': [
      facts({}, { watch: { ...(calm.watch as NonNullable<Heartbeat['watch']>), unwatched: 9 } }),
      'protected 5 min, watch_limited',
    ],
    'a policy was refused': [
      facts(
        {},
        {
          refused: [{ id: new Uint8Array(16), code: 'old_order' }],
          alarms: [trouble('order_refused', hourMs - 30_000), trouble('policy_stale', 0)],
        },
      ),
      'at_risk 1 h, order_refused:old_order, alarm:policy_stale',
    ],
    'two machines with one identity': [
      facts({ clonedSinceMs: now - dayMs }, { alarms: [trouble('cloned', 0)] }),
      'at_risk 1 d, cloned',
    ],
    'retired, whatever else': [
      facts({ revokedAtMs: now - dayMs, lastCompleteAtMs: undefined }),
      'retired 1 d, revoked',
    ],
  }
  for (const [name, [known, expected]] of Object.entries(stories)) {
    it(name, () => assert.equal(told(judge(known, usualRules, now)), expected))
  }
})

const time = fc.integer({ min: now - 30 * dayMs, max: now })
const duration = fc.integer({ min: 0, max: 30 * dayMs })
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const troubles = (...codes: string[]) =>
  fc.array(fc.record({ code: fc.constantFrom(...codes), count: fc.nat(9), forMs: duration }), {
    maxLength: 2,
  })
const anyFacts: fc.Arbitrary<DeviceFacts> = fc
  .record({
    enrolledAtMs: time,
    revokedAtMs: fc.option(time, { nil: undefined, freq: 9 }),
    atMs: some(time),
    said: fc.record({
      sentAtMs: fc.nat(8.64e15),
      headSequence: fc.nat(3),
      leaving: fc.boolean(),
      unprotectedMs: some(duration),
      paused: some(fc.record({ forMs: duration, leftMs: duration, by: fc.constantFrom('', 'Ada') })),
      waiting: fc.constantFrom('', 'battery', 'offline'),
      failure: fc.constantFrom('', 'store_full'),
      unread: troubles('denied', 'io'),
      roots: troubles('missing', 'of_the_future'),
      alarms: troubles('rolled_back', 'memory_lost'),
      watch: fc.constantFrom(undefined, calm.watch),
      running: some(
        fc.record({ entries: fc.nat(), readBytes: fc.nat(), sentBytes: fc.nat(), forMs: duration }),
      ),
    }),
    onlineSinceMs: some(time),
    lastSeenMs: some(time),
    headSequence: fc.nat(3),
    headReceivedAtMs: some(time),
    lastCompleteAtMs: some(time),
    unprovenSinceMs: some(time),
    clonedSinceMs: some(time),
  })
  .map(({ atMs, said, ...rest }) => ({
    ...rest,
    heard: atMs === undefined ? undefined : { heartbeat: { ...calm, ...said }, atMs },
  }))

function always(property: (known: DeviceFacts) => void): void {
  fc.assert(fc.property(anyFacts, property), { seed, numRuns: 2000 })
}

test(`any facts have a state, a time and a reason, whatever they are (SEED=${seed})`, () => {
  always(known => {
    const { state, sinceMs, reasons } = judge(known, usualRules, now)
    assert.ok(Number.isSafeInteger(sinceMs) && sinceMs <= now)
    assert.ok(state === 'protected' || reasons.length > 0)
    assert.ok(reasons.every(reason => reason.sinceMs <= now && Number.isSafeInteger(reason.count)))
  })
})

test('no change older than the limit is called protected, nor a device that never was', () => {
  always(known => {
    const { state } = judge(known, usualRules, now)
    if (known.revokedAtMs !== undefined) return assert.equal(state, 'retired')
    const oldest = oldestChangeMs(known)
    if (oldest !== undefined && now - oldest >= usualRules.changesAtRiskMs)
      assert.ok(danger(state) >= 1, state)
    if (oldest !== undefined && now - oldest >= usualRules.changesUnprotectedMs) assert.ok(danger(state) >= 2)
    if (known.lastCompleteAtMs === undefined) assert.equal(state, 'never_backed_up')
  })
})

test('silence never makes anything better, and what began does not begin anew', () => {
  always(known => {
    const silent = { ...known, onlineSinceMs: undefined }
    let before = judge(silent, usualRules, now)
    for (const laterMs of [1, hourMs, dayMs, 3 * dayMs, 8 * dayMs, 20 * dayMs]) {
      const after = judge(silent, usualRules, now + laterMs)
      assert.ok(danger(after.state) >= danger(before.state), `${before.state} became ${after.state}`)
      if (after.state === before.state) assert.ok(after.sinceMs <= before.sinceMs)
      before = after
    }
    assert.ok(danger(before.state) >= 2 || before.state === 'retired')
  })
})

test("a device's clock moves no state", () => {
  always(known => {
    if (known.heard === undefined) return
    const shown = (sentAtMs: number) => {
      const heard = {
        ...known.heard,
        atMs: known.heard?.atMs ?? 0,
        heartbeat: { ...calm, ...known.heard?.heartbeat, sentAtMs },
      }
      const { state, sinceMs } = judge({ ...known, heard }, usualRules, now)
      return [state, sinceMs]
    }
    assert.deepEqual(shown(0), shown(8.64e15))
  })
})

test('a heartbeat that says the same a minute later gives the same state since the same time', () => {
  always(known => {
    if (known.heard === undefined || known.onlineSinceMs === undefined) return
    const { heartbeat, atMs } = known.heard
    const older = (ms: number | undefined) => (ms === undefined ? undefined : ms + minuteMs)
    const aged = <T extends { forMs: number }>(one: T) => ({ ...one, forMs: one.forMs + minuteMs })
    const next = {
      ...heartbeat,
      unprotectedMs: older(heartbeat.unprotectedMs),
      unread: heartbeat.unread.map(aged),
      roots: heartbeat.roots.map(aged),
      alarms: heartbeat.alarms.map(aged),
    }
    // Times at which the next heartbeat itself would be news are another matter.
    if ((known.lastCompleteAtMs ?? 0) > atMs || heartbeat.paused !== undefined) return
    if (heartbeat.headSequence > known.headSequence) return
    const rules = { ...usualRules, muteAtRiskMs: Number.POSITIVE_INFINITY }
    const before = judge(known, rules, now + minuteMs)
    const after = judge(
      { ...known, heard: { heartbeat: next, atMs: atMs + minuteMs } },
      rules,
      now + minuteMs,
    )
    assert.deepEqual([after.state, after.sinceMs], [before.state, before.sinceMs])
  })
})

test('a policy that asks for more is missed sooner, and one that asks for less later', () => {
  const waiting = facts({ lastCompleteAtMs: now - 30 * hourMs }, { unprotectedMs: 25 * hourMs })
  const states = [
    { atRiskHours: 1, unprotectedHours: 4 },
    { atRiskHours: 24, unprotectedHours: 72 },
    { atRiskHours: 48, unprotectedHours: 96 },
  ].map(objective => judge(waiting, rulesFor(objective), now).state)
  assert.deepEqual(states, ['unprotected', 'at_risk', 'protected'])
})
