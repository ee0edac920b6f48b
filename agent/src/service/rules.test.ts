import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addUp, noPolicy } from '@backstay/proto/policy/effective'
import type { Setting } from '@backstay/proto/policy/settings'
import { noLocalRules, rulesOf } from './rules.ts'

const every = { kind: 'every', everyMs: 60_000 } as const

function policyOf(...settings: Setting[]) {
  const source = { layer: 'fleet', id: '', name: 'fleet' } as const
  const policy = { settings: settings.map(one => ({ ...one, locked: false })), isNewer: false }
  return addUp([{ source, policy: policy as never }])
}

test('without a policy the flags say what is done', () => {
  const local = { schedule: every, batteryPercentMin: 0, onMetered: true, bytesPerSecond: 5000 }
  const { schedule, manners, reconcileMs } = rulesOf(noPolicy, local)
  assert.equal(schedule, every)
  assert.deepEqual(manners, {
    batteryPercentMin: 0,
    onMetered: true,
    rates: [{ bytesPerSecond: 5000, window: undefined }],
  })
  assert.equal(reconcileMs, 6 * 3_600_000)
  assert.equal(rulesOf(noPolicy, noLocalRules).manners.batteryPercentMin, 15)
})

test('under a policy a flag can only be stricter', () => {
  const hourly = { kind: 'every', everyMs: 3_600_000 } as const
  const policy = policyOf(
    { kind: 'schedule', value: hourly },
    { kind: 'battery', value: 30 },
    { kind: 'metered', value: false },
    { kind: 'rates', value: [{ bytesPerSecond: 9000, window: undefined }] },
    { kind: 'reconcile', value: 2 },
  )
  const loose = rulesOf(policy, {
    schedule: every,
    batteryPercentMin: 5,
    onMetered: true,
    bytesPerSecond: 10_000,
  })
  assert.equal(loose.schedule, hourly)
  assert.equal(loose.manners.batteryPercentMin, 30)
  assert.equal(loose.manners.onMetered, false)
  assert.equal(loose.reconcileMs, 7_200_000)
  const strict = rulesOf(policy, { ...noLocalRules, batteryPercentMin: 80, bytesPerSecond: 2000 })
  assert.equal(strict.manners.batteryPercentMin, 80)
  assert.equal(Math.min(...strict.manners.rates.map(rate => rate.bytesPerSecond)), 2000)
})
