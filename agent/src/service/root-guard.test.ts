import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flagMs, judgeRoot, type RootMemory } from './root-guard.ts'

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
  assert.equal(judgeRoot(undefined, undefined, 0), undefined)
})

test('what looks like an unmounted disk, an emptied or a missing folder is flagged', () => {
  assert.equal(why(usual, { device: '2049', names: 0 }), 'unmounted')
  assert.equal(why(usual, { device: '2049', names: 1 }), 'unmounted')
  assert.equal(why(usual, { device: '66305', names: 0 }), 'emptied')
  assert.equal(why({ ...usual, names: 1 }, { device: '66305', names: 0 }), 'emptied')
  assert.equal(why(usual, { device: '66305', names: 10 }), 'shrunk')
  assert.equal(why(usual, undefined), 'missing')
})

test('a disk that comes back under another number is no news', () => {
  assert.equal(why(usual, { device: '2049', names: 40 }), undefined)
})

test('a flag stays with what was there before, until it is as it was', () => {
  const flagged = judgeRoot(usual, { device: '2049', names: 0 }, 5)
  assert.deepEqual(flagged?.flag, { why: 'unmounted', sinceMs: 5, namesBefore: 40 })
  const still = judgeRoot(flagged, undefined, day)
  assert.deepEqual(still?.flag, { why: 'missing', sinceMs: 5, namesBefore: 40 })
  assert.equal(judgeRoot(still, { device: '66305', names: 41 }, 2 * day)?.flag, undefined)
})

test('after a week an emptied folder is what it is, and a missing one is still missing', () => {
  const flagged = judgeRoot(usual, { device: '66305', names: 0 }, 0)
  assert.deepEqual(judgeRoot(flagged, { device: '66305', names: 0 }, flagMs), {
    device: '66305',
    names: 0,
    flag: undefined,
  })
  assert.equal(judgeRoot(judgeRoot(usual, undefined, 0), undefined, flagMs)?.flag?.why, 'missing')
})
