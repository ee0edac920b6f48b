import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentenceOf, standingOf } from './sentence.ts'
import type { RunStatus } from './status.ts'

const now = new Date(2026, 5, 15, 14, 0).getTime()
const minute = 60_000
const well: RunStatus = {
  pid: 1,
  doing: 'run',
  version: '0',
  isConnected: true,
  waiting: 'nothing_due',
  entries: undefined,
  sentBytes: undefined,
  queue: { everything: false, folders: 0, objects: 0, bytes: 0 },
  lastCompleteMs: now - 3 * minute,
  unprotectedSinceMs: undefined,
  pausedUntilMs: undefined,
  pausedBy: undefined,
  unread: 0,
  linkFailure: undefined,
  backupFailure: undefined,
  watchFailure: undefined,
  watch: [],
  overflows: 0,
  flags: [],
  alarms: [],
  access: [],
  objective: { atRiskHours: 24, unprotectedHours: 72 },
  hasRoots: true,
}
const said = (changed: Partial<RunStatus>) => sentenceOf({ ...well, ...changed }, now)

test('all is well in three words', () => {
  assert.equal(said({}), 'protected 3 minutes ago')
  assert.equal(said({ waiting: undefined, entries: 5, unprotectedSinceMs: now }), 'protected 3 minutes ago')
})

test('what is not protected is said with since when and why', () => {
  const since = now - 30 * minute
  assert.equal(
    said({ waiting: 'offline', unprotectedSinceMs: since, linkFailure: 'there is no network' }),
    'last protected 3 minutes ago; changes since 2026-06-15 13:30:00 wait: there is no network',
  )
  assert.equal(said({ waiting: 'battery' }), 'last protected 3 minutes ago: the battery is low')
  assert.equal(
    said({ waiting: 'paused', pausedUntilMs: now + minute }),
    'last protected 3 minutes ago: paused until 2026-06-15 14:01:00',
  )
  assert.equal(said({ waiting: 'failed', backupFailure: 'no room' }), 'last protected 3 minutes ago: no room')
  assert.equal(
    said({ watchFailure: 'too many' }),
    'last protected 3 minutes ago: changes are not seen: too many',
  )
})

test('a device that was never backed up does not look protected', () => {
  assert.equal(said({ lastCompleteMs: undefined }), 'never backed up')
  assert.equal(
    said({ lastCompleteMs: undefined, hasRoots: false }),
    'never backed up: no policy names a folder of this device',
  )
  assert.equal(
    said({ lastCompleteMs: undefined, waiting: undefined }),
    'never backed up: the first backup is under way',
  )
})

test('a root that lost what it held comes before everything else', () => {
  assert.equal(
    said({ flags: [{ path: '/mnt/work', why: 'unmounted', sinceMs: now - minute }] }),
    'at risk: /mnt/work looks like a disk that is not mounted since 2026-06-15 13:59:00; older snapshots keep what was there',
  )
})

test('the picture says what the sentence says', () => {
  const stands = (changed: Partial<RunStatus>) => standingOf({ ...well, ...changed }, now)
  assert.equal(stands({}), 'protected')
  assert.equal(stands({ waiting: 'offline' }), 'waiting')
  assert.equal(stands({ waiting: 'paused', pausedUntilMs: now + minute }), 'paused')
  assert.equal(stands({ lastCompleteMs: undefined }), 'never')
  assert.equal(stands({ lastCompleteMs: now - 30 * 60 * minute, waiting: 'paused' }), 'at_risk')
  assert.equal(stands({ lastCompleteMs: now - 90 * 60 * minute }), 'unprotected')
  assert.equal(stands({ flags: [{ path: '/a', why: 'emptied', sinceMs: now }] }), 'at_risk')
})
