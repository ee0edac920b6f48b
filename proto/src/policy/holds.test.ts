import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '../node.ts'
import { deviceId, objectId } from '../object/id.ts'
import { decodeHold, encodeHold, type Hold, signHold } from '../trust/hold.ts'
import { newOrder } from '../trust/order.ts'
import { verifyHold } from '../trust/orders.ts'
import { testFleet, testKey, testNowMs } from '../trust/testing/fleet.ts'
import { type HoldFact, holdingOf, releaseWaitMs } from './holds.ts'

const fleet = await testFleet(p)
const device = deviceId(new Uint8Array(16).fill(1))
const other = deviceId(new Uint8Array(16).fill(2))
const snapshot = objectId(new Uint8Array(32).fill(3))

function hold(more: Partial<Hold> = {}): Hold {
  const order = newOrder(p, fleet.trust, testNowMs)
  return { order, device, snapshot: undefined, reason: '', releases: undefined, ...more }
}

function fact(one: Hold, owners = 0, heldSinceMs = testNowMs): HoldFact {
  return { hold: one, owners, heldSinceMs }
}

test('a hold covers its device, or all when it names none', () => {
  assert.equal(holdingOf([fact(hold())], device, testNowMs).held, true)
  assert.equal(holdingOf([fact(hold())], other, testNowMs).held, false)
  assert.equal(holdingOf([fact(hold({ device: undefined }))], other, testNowMs).held, true)
  const pins = holdingOf([fact(hold({ snapshot }))], device, testNowMs)
  assert.deepEqual([[...pins.pinned], pins.held], [[snapshot], false])
})

test('a release waits a week, and two owners need not wait', () => {
  const pin = hold({ snapshot })
  const release = hold({ snapshot, releases: pin.order.id })
  const at = (ms: number, owners = 0) =>
    holdingOf([fact(pin), fact(release, owners)], device, testNowMs + ms).pinned.size
  assert.equal(at(releaseWaitMs - 1), 1)
  assert.equal(at(releaseWaitMs), 0)
  assert.equal(at(0, 1), 1)
  assert.equal(at(0, 2), 0)
})

test('a legal hold ends by an owner only', () => {
  const legal = hold()
  const release = hold({ releases: legal.order.id })
  assert.equal(holdingOf([fact(legal), fact(release, 0)], device, testNowMs + 99 * releaseWaitMs).held, true)
  assert.equal(holdingOf([fact(legal), fact(release, 1)], device, testNowMs + releaseWaitMs).held, false)
})

test('a hold comes back from its bytes, and who may not hold is refused', async () => {
  const pin = hold({ snapshot, reason: 'case 7' })
  assert.deepEqual(decodeHold(encodeHold(pin)), pin)
  assert.throws(() => decodeHold(encodeHold(hold({ device: undefined, snapshot }))), { code: 'bad_hold' })
  assert.throws(() => decodeHold(encodeHold({ ...pin, releases: pin.order.id })), { code: 'bad_hold' })
  const context = { trust: fleet.trust, nowMs: testNowMs }
  assert.deepEqual(await verifyHold(p, await signHold(p, pin, fleet.admin), context), pin)
  const stranger = await signHold(p, pin, await testKey(p, 'stranger'))
  await assert.rejects(verifyHold(p, stranger, context), { code: 'not_authorized' })
})
