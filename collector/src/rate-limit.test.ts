import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf, rateLimit } from './rate-limit.ts'

function at(perMinute: number) {
  let nowMs = 0
  const limit = rateLimit(perMinute, { monotonic: () => nowMs })
  return {
    ...limit,
    pass(ms: number) {
      nowMs += ms
    },
  }
}

test('so many at once, then one for each part of a minute', () => {
  const limit = at(6)
  for (let i = 0; i < 6; i++) assert.ok(limit.take('a'))
  assert.ok(!limit.take('a'))
  assert.equal(limit.waitMs('a'), 10_000)
  assert.ok(limit.take('b'), 'others are not concerned')
  limit.pass(10_000)
  assert.ok(limit.take('a'))
  assert.ok(!limit.take('a'))
  limit.pass(3_600_000)
  for (let i = 0; i < 6; i++) assert.ok(limit.take('a'))
  assert.ok(!limit.take('a'), 'time does not heap up beyond a minute')
})

test('what is given back can be taken again, and no limit is no limit', () => {
  const limit = at(1)
  for (let i = 0; i < 5; i++) {
    assert.ok(limit.take('a'))
    limit.giveBack('a')
  }
  limit.giveBack('a')
  assert.ok(limit.take('a'))
  assert.ok(!limit.take('a'), 'giving back twice makes no second')
  const none = at(0)
  for (let i = 0; i < 1000; i++) assert.ok(none.take('a'))
  assert.equal(none.waitMs('a'), 0)
})

test('a place is an IPv4 address or what one customer gets in IPv6', () => {
  assert.equal(placeOf('192.0.2.7'), '192.0.2.7')
  assert.equal(placeOf('::ffff:192.0.2.7'), '192.0.2.7')
  assert.equal(placeOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2')
  assert.equal(placeOf('2001:db8:1:2::9'), '2001:db8:1:2')
  assert.equal(placeOf('2001:db8::9'), '2001:db8:0:0')
  assert.equal(placeOf('::1'), '0:0:0:0')
  assert.equal(placeOf('fe80::1%eth0'), 'fe80:0:0:0')
  assert.equal(placeOf('unknown'), 'unknown')
})
