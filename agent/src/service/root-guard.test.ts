import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyRecord, rememberedRoots } from './record.ts'
import { judgeRoot, type RootMemory, type RootNow } from './root-guard.ts'

const day = 86_400_000
const usual: RootMemory = { device: '66305', names: 40, flag: undefined }
const why = (before: RootMemory, now: Parameters<typeof judgeRoot>[1]) => judgeRoot(before, now, 0)?.flag?.why

test('an ordinary day flags nothing and is remembered', () => {
  for (const names of [11, 39, 40, 4000]) {
    assert.deepEqual(judgeRoot(usual, { device: '66305', names }, 0), {
      device: '66305',
      names,
      flag: undefined,
    })
  }
  assert.equal(why({ ...usual, names: 3 }, { device: '66305', names: 1 }), undefined)
  assert.equal(judgeRoot(undefined, 'missing', 0), undefined)
})

test('what looks like an unmounted disk, an emptied or a missing folder is flagged', () => {
  assert.equal(why(usual, { device: '2049', names: 0 }), 'unmounted')
  assert.equal(why(usual, { device: '2049', names: 1 }), 'unmounted')
  assert.equal(why(usual, { device: '66305', names: 0 }), 'emptied')
  assert.equal(why({ ...usual, names: 1 }, { device: '66305', names: 0 }), 'emptied')
  assert.equal(why(usual, { device: '66305', names: 10 }), 'shrunk')
  assert.equal(why(usual, 'missing'), 'missing')
  assert.equal(why(usual, 'hung'), 'hung')
})

test('a disk that comes back under another number is no news', () => {
  assert.equal(why(usual, { device: '2049', names: 40 }), undefined)
})

test('a flag stays with what was there before, until it is as it was', () => {
  const flagged = judgeRoot(usual, { device: '2049', names: 0 }, 5)
  assert.deepEqual(flagged?.flag, { why: 'unmounted', sinceMs: 5, heldMs: 0, seenMs: 5, namesBefore: 40 })
  const still = judgeRoot(flagged, 'missing', 5 + day)
  const held = { sinceMs: 5, heldMs: day, seenMs: 5 + day, namesBefore: 40 }
  assert.deepEqual(still?.flag, { why: 'missing', ...held })
  assert.equal(judgeRoot(still, { device: '66305', names: 41 }, 2 * day)?.flag, undefined)
})

test('after a week an emptied folder is what it is, a missing one is still missing, and one that hangs is remembered', () => {
  const emptied = { device: '66305', names: 0 }
  const after = (now: RootNow, looksMs: readonly number[]) =>
    looksMs.reduce<RootMemory | undefined>((before, ms) => judgeRoot(before, now, ms), usual)
  const week = Array.from({ length: 8 }, (_, days) => days * day)
  assert.deepEqual(after(emptied, week), { ...emptied, flag: undefined })
  assert.equal(after(emptied, week.slice(0, -1))?.flag?.why, 'emptied')
  assert.equal(after('missing', week)?.flag?.why, 'missing')
  assert.equal(rememberedRoots({ ...emptyRecord, roots: mapOf(after('missing', week)) }).size, 0)
  assert.equal(rememberedRoots({ ...emptyRecord, roots: mapOf(after('hung', week)) }).size, 1)
})

test('a clock that jumps a year ahead and back again ends no flag', () => {
  const emptied = { device: '66305', names: 0 }
  for (const nowMs of [400 * day, -400 * day]) {
    const flagged = judgeRoot(judgeRoot(usual, emptied, 0), emptied, nowMs)
    assert.equal(flagged?.flag?.why, 'emptied')
    assert.equal(judgeRoot(flagged, emptied, 0)?.flag?.why, 'emptied')
    assert.equal(rememberedRoots({ ...emptyRecord, roots: mapOf(flagged) }).size, 1)
  }
})

const mapOf = (root: RootMemory | undefined) => new Map(root && [['/srv', root]])
