// What a device obeys, and what a collector cannot make it obey (facts of the threat model, one test each).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, hex } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { idToBytes } from '@backstay/proto/object/id'
import type { Setting } from '@backstay/proto/policy/settings'
import { standingHash } from '@backstay/proto/policy/standing'
import { signAssignment } from '@backstay/proto/trust/assignment'
import { signGroup } from '@backstay/proto/trust/group'
import { newOrder, type OrderOptions } from '@backstay/proto/trust/order'
import {
  type TestFleet,
  testDevice,
  testFleet,
  testKey,
  testLayer,
  testNowMs,
} from '@backstay/proto/trust/testing/fleet'
import { signTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { policyAlarms } from './alarms.ts'
import { type KnownOrders, marksMax, noOrders, type Obedience, obey } from './obey.ts'

const fleet = await testFleet(p)
const device = await testDevice(p, fleet, 'laptop')
const place = { device: device.id, grantId: device.certificate.grantId }
const dayMs = 86_400_000
const [engineers, berlin] = [1, 2].map(n => new Uint8Array(16).fill(n))
assert.ok(engineers && berlin)

const battery = (value: number, options: OrderOptions = {}, by: TestFleet = fleet, locked = false) =>
  testLayer(p, by, [{ kind: 'battery', value, locked }], options)
const group = (id: Bytes, parent?: Bytes, options: OrderOptions = {}) =>
  signGroup(
    p,
    {
      ...{ kind: 'group', order: newOrder(p, fleet.trust, testNowMs, options), id, parent },
      ...{ name: hex(id), retired: false },
    },
    fleet.admin,
  )
const assign = (to: Bytes | undefined, sequence = 1, devices = [device.id]) =>
  signAssignment(
    p,
    { kind: 'assignment', order: newOrder(p, fleet.trust, testNowMs, { sequence }), devices, group: to },
    fleet.admin,
  )

interface Given {
  readonly known?: KnownOrders
  readonly nowMs?: number
  readonly by?: TestFleet
}

function shown(offered: readonly Bytes[], { known = noOrders, nowMs = testNowMs, by = fleet }: Given = {}) {
  return obey(p, { place, trust: by.trust, nowMs, known }, offered)
}

const batteryOf = ({ policy }: Obedience) => policy.values.manners.batteryPercentMin
const codes = ({ refused }: Obedience) => refused.map(one => one.code)
const alarms = (obedience: Obedience, nowMs = testNowMs) =>
  policyAlarms(obedience, nowMs).map(one => one.code)

test('layers add up, and the device says in 32 bytes which it obeys', async () => {
  const offered = [
    await battery(10),
    await group(engineers),
    await group(berlin, engineers),
    await assign(berlin),
    await battery(20, { audience: [berlin] }),
    await battery(30, { audience: [idToBytes(device.id)] }),
  ]
  const all = await shown(offered)
  assert.equal(batteryOf(all), 30)
  assert.deepEqual([all.isNew, all.orders.length, codes(all)], [true, 6, []])
  assert.deepEqual(all.standing, await standingHash(p, all.orders))
  // The same again, or nothing at all, changes nothing: what is withheld is not taken back.
  for (const again of [offered, offered.toReversed(), []]) {
    const { isNew, standing } = await shown(again, all)
    assert.deepEqual([isNew, standing], [false, all.standing])
  }
})

test('roll-back: what was replaced is not obeyed again, not even on the way through another group', async () => {
  const [first, second] = [await battery(10, { sequence: 1 }), await battery(20, { sequence: 2 })]
  const { known } = await shown([second])
  const again = await shown([first], { known })
  assert.deepEqual([batteryOf(again), codes(again), again.isNew], [20, ['old_order'], false])
  assert.deepEqual(alarms(again), ['order_refused'])

  const [old, now] = [
    await battery(1, { sequence: 1, audience: [engineers] }),
    await battery(2, { sequence: 2, audience: [engineers] }),
  ]
  const itself = await group(engineers)
  const inside = await shown([itself, await assign(engineers), now])
  const left = await shown([await assign(undefined, 2)], inside)
  assert.equal(left.orders.length, 1)
  const back = await shown([itself, await assign(engineers, 3), old], left)
  assert.deepEqual(codes(back), ['old_order'])
  assert.equal(batteryOf(await shown([now], back)), 2)
  // Nor is it put back into a group that it left.
  const replayed = await shown([await assign(engineers, 1)], left)
  assert.deepEqual(codes(replayed), ['old_order'])
})

test('test 18, fast-forward: the number of a stolen key counts only under its own Trust', async () => {
  const stolen = await battery(99, { sequence: Number.MAX_SAFE_INTEGER })
  const { known } = await shown([stolen])
  const { document, payloadHash } = fleet.trust
  const admin = await testKey(p, 'second admin')
  const admins = document.admins.map(one => ({ ...one, key: admin.publicKey }))
  const next = await signTrust(p, { ...document, version: 2, previous: payloadHash, admins }, [fleet.owner])
  const by = { ...fleet, admin, trust: await verifyTrustChain(p, [next], fleet.trust) }
  // Test 29: who left commands nothing any more; what was obeyed goes on until it is replaced.
  const more = await shown([await battery(98, { sequence: 5 })], { known, by })
  assert.deepEqual([batteryOf(more), codes(more)], [99, ['not_authorized']])
  const normal = await shown([await battery(40, { sequence: 1 }, by)], { known, by })
  assert.deepEqual([batteryOf(normal), codes(normal)], [40, []])
  // Signed under a Trust that this device has not seen yet, by somebody whom it knows.
  const early = { ...by, admin: fleet.admin }
  assert.deepEqual(codes(await shown([await battery(40, {}, early)], { known })), ['trust_behind'])
})

test('the order before that of an admin who left is no roll-back: no alarm, and what was obeyed goes on', async () => {
  // The whole fleet was at risk when an admin was removed who had signed a policy over another.
  const { document, payloadHash } = fleet.trust
  const [first] = document.admins
  assert.ok(first)
  const second = await testKey(p, 'second admin')
  const next = async (version: number, previous: Bytes, admins: typeof document.admins, on = fleet.trust) =>
    verifyTrustChain(p, [await signTrust(p, { ...document, version, previous, admins }, [fleet.owner])], on)
  const both = await next(2, payloadHash, [first, { ...first, name: 'second', key: second.publicKey }])
  const by = { ...fleet, trust: both }
  const before = await battery(10, { sequence: 1 }, by)
  const { known } = await shown([await battery(20, { sequence: 2 }, { ...by, admin: second })], { by })
  assert.deepEqual(codes(await shown([before], { known, by })), ['old_order'])
  const left = { ...by, trust: await next(3, both.payloadHash, [first], both) }
  const after = await shown([before], { known, by: left })
  assert.deepEqual([batteryOf(after), codes(after), alarms(after)], [20, [], []])
  const again = await shown([await battery(30, { sequence: 1 }, left)], { known, by: left })
  assert.deepEqual([batteryOf(again), codes(again)], [30, []])
})

test('test 21, freeze: a policy that ended is obeyed on and said to be stale; one that comes too late is not begun', async () => {
  const ends = await battery(20, { expiresAtMs: testNowMs + dayMs })
  const held = await shown([ends])
  const late = { nowMs: testNowMs + 2 * dayMs }
  const stale = await shown([], { ...held, ...late })
  assert.equal(batteryOf(stale), 20)
  assert.deepEqual(alarms(stale), [])
  assert.deepEqual(alarms(stale, late.nowMs), ['policy_stale'])
  assert.deepEqual(codes(await shown([ends], late)), ['expired'])
})

test('what is unsigned, foreign, meant for others, or no order at all changes nothing', async () => {
  const other = await testFleet(p, { salt: new Uint8Array(16).fill(9) })
  const stranger = { ...fleet, admin: await testKey(p, 'stranger') }
  const neighbour = await testDevice(p, fleet, 'neighbour')
  const { known } = await shown([await battery(33)])
  const bad: [string, Bytes][] = [
    ['not_authorized', await battery(1, { sequence: 2 }, stranger)],
    ['wrong_fleet', await battery(1, { sequence: 2 }, other)],
    ['wrong_audience', await battery(1, { audience: [idToBytes(neighbour.id)] })],
    ['wrong_audience', await battery(1, { audience: [engineers] })],
    ['wrong_audience', await assign(engineers, 1, [neighbour.id])],
    ['bad_envelope', Uint8Array.of(1, 2, 3)],
    ['wrong_kind', device.grantEnvelope],
    ['unknown_kind', fleet.trust.envelope.map(byte => (byte === 0x2e ? 0x2f : byte))],
  ]
  for (const [code, envelope] of bad) {
    const result = await shown([envelope], { known })
    assert.equal(codes(result).length, 1, code)
    if (code !== 'unknown_kind') assert.deepEqual(codes(result), [code])
    assert.deepEqual([batteryOf(result), result.isNew], [33, false])
  }
})

test('a locked setting resists, and a newer console is obeyed as far as it is understood', async () => {
  const locked = await shown([
    await battery(50, {}, fleet, true),
    await battery(5, { audience: [idToBytes(device.id)] }),
  ])
  assert.equal(batteryOf(locked), 50)
  const settings: Setting[] = [{ kind: 'battery', value: 7 }]
  const { encodePolicy } = await import('@backstay/proto/policy/policy')
  const { signEnvelope } = await import('@backstay/proto/trust/envelope')
  const order = newOrder(p, fleet.trust, testNowMs)
  const known = encodePolicy({ order, name: '', settings: settings.map(one => ({ ...one, locked: false })) })
  const later = Uint8Array.of(0x1a, 5, 0x9a, 0x06, 2, 0x08, 1)
  const newer = await shown([
    await signEnvelope(p, 'policy', new Uint8Array([...known, ...later]), [fleet.admin]),
  ])
  assert.equal(batteryOf(newer), 7)
  assert.deepEqual(alarms(newer), ['policy_newer'])
})

test('what a device remembers of the groups that it was in is bounded', async () => {
  const marks = new Map(
    Array.from({ length: marksMax }, (_, n) => [
      `group ${n}`,
      { trustVersion: 1, sequence: 1, id: 'ab'.repeat(16) },
    ]),
  )
  const { known } = await shown([await battery(1)], { known: { envelopes: [], marks } })
  assert.equal(known.marks.size, marksMax)
  assert.ok(known.marks.has('policy ') && !known.marks.has('group 0'))
})
