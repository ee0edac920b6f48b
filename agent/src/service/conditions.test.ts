import assert from 'node:assert/strict'
import { test } from 'node:test'
import { machineConditions, saysMetered } from './conditions.ts'

test('a network is metered when NetworkManager says or guesses so, and when it says nothing it is not', () => {
  assert.deepEqual(['u 1\n', 'u 3\n'].map(saysMetered), [true, true])
  for (const out of ['u 0\n', 'u 2\n', 'u 4\n', 'u 13\n', 'u 31\n', '', 's "1"', 'Failed to get property'])
    assert.equal(saysMetered(out), false, out)
})

test('what the manners do not want to know is not asked, and what cannot be told holds nothing up', async () => {
  assert.deepEqual(await machineConditions({ batteryPercentMin: 0, onMetered: true }), {
    batteryPercent: undefined,
    isMetered: false,
  })
  const asked = await machineConditions({ batteryPercentMin: 20, onMetered: false })
  assert.equal(typeof asked.isMetered, 'boolean')
})
