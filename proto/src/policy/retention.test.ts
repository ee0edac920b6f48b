/** The retention rule. SEED=… repeats the random part. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { objectId } from '../object/id.ts'
import { minimumCount, type Retained, type RetentionRule, retain, type Verdict } from './retention.ts'
import type { Retention } from './settings.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const dayMs = 86_400_000
const hourMs = 3_600_000
/** Thursday, 2026-01-01. */
const beginMs = 1_767_225_600_000
const nothing: Retention = { keepWithinDays: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 }
const usual: Retention = {
  keepWithinDays: 30,
  keepDaily: 30,
  keepWeekly: 12,
  keepMonthly: 24,
  keepYearly: 7,
}

const idOf = (sequence: number) => objectId(new Uint8Array(32).map((_, at) => (sequence >> (8 * at)) & 255))

function snapshot(sequence: number, heldSinceMs: number, complete = true): Retained {
  return { id: idOf(sequence), sequence, heldSinceMs, complete }
}

function ruleOf(wish: Partial<Retention>, more: Partial<RetentionRule> = {}): RetentionRule {
  const wishes = [{ ...nothing, ...wish }]
  return { wishes, minimumAgeDays: 30, pinned: new Set(), held: false, erased: false, ...more }
}

const staying = (verdicts: readonly Verdict[]) =>
  verdicts.flatMap(one => (one.state === 'stays' ? one.snapshot.sequence : []))

const codesOf = (verdicts: readonly Verdict[], sequence: number) =>
  verdicts.flatMap(one =>
    one.snapshot.sequence === sequence && one.state === 'stays' ? one.reasons.map(why => why.code) : [],
  )

test('of each day the oldest and the newest stay, and the newest days count that have snapshots', () => {
  const at = [0, 1, 2, 3].flatMap(day => [1, 2, 3].map(hour => beginMs + 9 * day * dayMs + hour * hourMs))
  const snapshots = at.map((ms, index) => snapshot(index + 1, ms))
  const late = beginMs + 400 * dayMs
  assert.deepEqual(staying(retain(snapshots, ruleOf({ keepDaily: 2 }), late)), [7, 9, 10, 11, 12])
  assert.deepEqual(staying(retain(snapshots, ruleOf({ keepDaily: 3 }), late)), [4, 6, 7, 9, 10, 11, 12])
})

test('test 45: what owners let go goes, but for what is pinned or held', () => {
  const snapshots = [1, 2, 3, 4].map(at => snapshot(at, beginMs + at * dayMs))
  const soon = beginMs + 5 * dayMs
  assert.deepEqual(staying(retain(snapshots, ruleOf({ keepDaily: 9 }), soon)), [1, 2, 3, 4])
  assert.deepEqual(staying(retain(snapshots, ruleOf({ keepDaily: 9 }, { erased: true }), soon)), [])
  const pinned = new Set([idOf(2)])
  assert.deepEqual(staying(retain(snapshots, ruleOf({}, { erased: true, pinned }), soon)), [2])
  assert.deepEqual(staying(retain(snapshots, ruleOf({}, { erased: true, held: true }), soon)), [1, 2, 3, 4])
})

test('a week begins on Monday, and months and years by the calendar', () => {
  const sunday = beginMs + 3 * dayMs
  const snapshots = [snapshot(1, sunday), snapshot(2, sunday + dayMs), snapshot(3, sunday + 40 * dayMs)]
  const verdicts = retain(snapshots, ruleOf({ keepWeekly: 9, keepMonthly: 9, keepYearly: 1 }), beginMs)
  const buckets = verdicts.flatMap(one =>
    one.state === 'stays'
      ? one.reasons.flatMap(why => ('bucket' in why ? `${why.bucket} ${why.edge}` : []))
      : [],
  )
  assert.deepEqual(buckets, [
    '2025-12-29 oldest',
    '2026-01 oldest',
    '2026 oldest',
    '2026-01-05 oldest',
    '2026-01 newest',
    '2026-02-09 oldest',
    '2026-02 oldest',
    '2026 newest',
  ])
})

test('nothing goes before its minimum age, nor the last three, whatever a policy says', () => {
  const snapshots = [1, 2, 3, 4, 5, 6].map(n => snapshot(n, beginMs + n * dayMs))
  const short = ruleOf({ keepDaily: 1 })
  assert.deepEqual(staying(retain(snapshots, short, beginMs + 31 * dayMs - 1)), [1, 2, 3, 4, 5, 6])
  assert.deepEqual(staying(retain(snapshots, short, beginMs + 31 * dayMs)), [2, 3, 4, 5, 6])
  assert.deepEqual(staying(retain(snapshots, short, beginMs + 999 * dayMs)), [4, 5, 6])
  const trusted = { ...short, minimumAgeDays: 90 }
  assert.equal(staying(retain(snapshots, trusted, beginMs + 91 * dayMs - 1)).length, 6)
  const [first] = retain(
    snapshots,
    { ...short, wishes: [{ ...nothing, keepWithinDays: 40 }] },
    beginMs + 999 * dayMs,
  )
  assert.deepEqual(first, { state: 'may_go', snapshot: snapshots[0], sinceMs: beginMs + 41 * dayMs })
})

test('without a wish, or with an empty one, everything stays', () => {
  const snapshots = [1, 2, 3, 4, 5].map(n => snapshot(n, beginMs + n))
  const late = beginMs + 9999 * dayMs
  assert.equal(staying(retain(snapshots, ruleOf({}), late)).length, 5)
  assert.equal(staying(retain(snapshots, { ...ruleOf({}), wishes: [] }, late)).length, 5)
  assert.deepEqual(codesOf(retain(snapshots, ruleOf({}), late), 1), ['forever'])
})

test('a pin keeps one, a hold keeps all', () => {
  const snapshots = [1, 2, 3, 4, 5].map(n => snapshot(n, beginMs + n))
  const late = beginMs + 9999 * dayMs
  const pinned = retain(snapshots, ruleOf({ keepDaily: 1 }, { pinned: new Set([idOf(2)]) }), late)
  assert.deepEqual(staying(pinned), [1, 2, 3, 4, 5])
  assert.deepEqual(codesOf(pinned, 2), ['pin'])
  assert.equal(staying(retain(snapshots, ruleOf({ keepYearly: 1 }, { held: true }), late)).length, 5)
})

test('incomplete snapshots stand for a day that has no complete one, and the newest of them stays', () => {
  const late = beginMs + 9999 * dayMs
  const snapshots = [
    snapshot(1, beginMs, false),
    snapshot(2, beginMs + 1, false),
    snapshot(3, beginMs + 2, false),
    snapshot(4, beginMs + dayMs, false),
    ...[5, 6, 7, 8].map(n => snapshot(n, beginMs + dayMs + n)),
    snapshot(9, beginMs + dayMs + 9, false),
    snapshot(10, beginMs + dayMs + 10),
  ]
  const verdicts = retain(snapshots, ruleOf({ keepDaily: 2 }), late)
  assert.deepEqual(staying(verdicts), [1, 3, 5, 7, 8, 9, 10])
  assert.deepEqual(codesOf(verdicts, 9), ['newest_incomplete'])
})

test('a flood of commits pushes nothing out, and a device that sleeps for years loses nothing', () => {
  const old = Array.from({ length: 20 }, (_, day) => snapshot(day + 1, beginMs + day * dayMs))
  const flood = Array.from({ length: 10_000 }, (_, n) => snapshot(100 + n, beginMs + 20 * dayMs + n * 360))
  const before = staying(retain(old, ruleOf(usual), beginMs + 20 * dayMs))
  const after = staying(retain([...old, ...flood], ruleOf(usual), beginMs + 60 * dayMs))
  assert.deepEqual(
    after.filter(sequence => sequence < 100),
    before,
  )
  assert.deepEqual(staying(retain(old, ruleOf(usual), beginMs + 9999 * dayMs)), before)
})

const wishes = fc.record({
  keepWithinDays: fc.nat(60),
  keepDaily: fc.nat(10),
  keepWeekly: fc.nat(6),
  keepMonthly: fc.nat(6),
  keepYearly: fc.nat(3),
})
const histories = fc
  .array(fc.record({ gapMs: fc.nat(3 * dayMs), complete: fc.boolean() }), { maxLength: 60 })
  .map(steps => {
    let ms = beginMs
    return steps.map(({ gapMs, complete }, index) => {
      ms += gapMs
      return snapshot(index + 1, ms, complete)
    })
  })

test('what stays does not depend on the order of the input, and floors hold for every wish', () => {
  const property = fc.property(
    histories,
    wishes,
    fc.nat(800),
    fc.array(fc.nat(60)),
    (all, wish, days, pins) => {
      const now = (all.at(-1)?.heldSinceMs ?? beginMs) + days * dayMs
      const pinned = new Set(pins.map(idOf))
      const rule = ruleOf(wish, { pinned })
      const verdicts = retain(all, rule, now)
      assert.deepEqual(retain(all.toReversed(), rule, now), verdicts)
      assert.equal(verdicts.length, all.length)
      const stays = new Set(staying(verdicts))
      const must = [
        all.at(-1),
        all.findLast(one => one.complete),
        all.findLast(one => !one.complete),
        ...all.filter(one => one.complete).slice(-minimumCount),
        ...all.filter(one => now < one.heldSinceMs + 30 * dayMs),
        ...all.filter(one => now < one.heldSinceMs + wish.keepWithinDays * dayMs),
        ...all.filter(one => pinned.has(one.id)),
      ]
      for (const one of must) assert.ok(one === undefined || stays.has(one.sequence))
    },
  )
  fc.assert(property, { seed, numRuns: 300 })
})

test('forgetting what may go changes nothing about the rest', () => {
  const property = fc.property(histories, wishes, fc.nat(800), (all, wish, days) => {
    const now = (all.at(-1)?.heldSinceMs ?? beginMs) + days * dayMs
    const stays = staying(retain(all, ruleOf(wish), now))
    const left = all.filter(one => stays.includes(one.sequence))
    assert.deepEqual(staying(retain(left, ruleOf(wish), now)), stays)
  })
  fc.assert(property, { seed, numRuns: 300 })
})

test('more wishes and later policies with higher numbers only keep more', () => {
  const property = fc.property(histories, wishes, wishes, fc.nat(800), (all, first, second, days) => {
    const now = beginMs + days * dayMs
    const one = staying(retain(all, ruleOf(first), now))
    const both = staying(retain(all, { ...ruleOf(first), wishes: [first, second] }, now))
    assert.ok(one.every(sequence => both.includes(sequence)))
  })
  fc.assert(property, { seed, numRuns: 300 })
})
