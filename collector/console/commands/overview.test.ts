import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attention, Overview } from '@backstay/proto/rest/overview'
import { overviewText } from './overview.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)
const hourMs = 3_600_000
const none = {
  protected: 0,
  offline_complete: 0,
  paused: 0,
  at_risk: 0,
  unprotected: 0,
  never_backed_up: 0,
  retired: 0,
}
const empty: Overview = {
  asOfMs: nowMs,
  counts: none,
  attention: [],
  attentionTotal: 0,
  drill: { unproven: 0 },
  hostedKeys: false,
  notices: [],
}

test('a fleet without a device, without a scrub and without a proof says just that', () => {
  assert.equal(
    overviewText(empty, nowMs),
    ['no device is enrolled yet', 'last proof of keys never, unproven: 0', 'nothing needs you now'].join(
      '\n',
    ),
  )
})

test('coverage is rounded down, names are shown safely, and what is too much for a glance is counted', () => {
  const need: Attention = {
    id: 'a',
    severity: 'critical',
    kind: 'device',
    code: 'silent',
    device: 'ab'.repeat(16),
    what: 'a\u001b[2Jb: silent',
    sinceMs: nowMs - hourMs,
    remedy: 'ask its user',
  }
  const text = overviewText(
    {
      ...empty,
      counts: { ...none, protected: 1999, unprotected: 1 },
      coverage: 1999 / 2000,
      attention: Array.from({ length: 12 }, () => need),
      attentionTotal: 40,
      oldestUnprotected: { device: 'ab'.repeat(16), name: 'srv', sinceMs: nowMs - 3 * hourMs },
      storage: { bytes: 1024 ** 3, diskBytes: 1024 ** 3, diskFreeBytes: 2 * 1024 ** 3, logicalBytes: 1 },
      scrub: { lastAtMs: nowMs - hourMs, damaged: 2 },
    },
    nowMs,
  )
  assert.match(text, /^99\.9 % protected: 1999 protected, 1 unprotected$/m)
  assert.match(text, /^oldest change that is not backed up: 3 hours ago, on srv$/m)
  assert.match(text, /^1\.0 GiB stored, 2\.0 GiB free$/m)
  assert.match(text, /^last scrub 60 minutes ago, damaged objects: 2; last proof of keys never/m)
  assert.match(text, /^needs you now \(40\):$/m)
  assert.equal(text.match(/^!! a.*b: silent, since/gm)?.length, 10)
  assert.ok(!text.includes('\u001b'))
  assert.match(text, /^and 30 more: backstay devices$/m)
})
