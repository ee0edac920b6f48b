import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '../bytes.ts'
import { nodePrimitives as p } from '../node.ts'
import { type DeviceId, idToBytes } from '../object/id.ts'
import { deviceIdOf } from './certificate.ts'
import { decodeEnvelope, signEnvelope } from './envelope.ts'
import { newOrder } from './order.ts'
import {
  decodeParcel,
  encodeParcel,
  type Parcel,
  parcelDaysMax,
  signParcel,
  signParcelEnd,
  verifyParcel,
  verifyPastParcel,
} from './parcel.ts'
import { testFleet, testKey, testNowMs } from './testing/fleet.ts'

const fleet = await testFleet(p)
const key = await testKey(p, 'parcel')
const source = '01'.repeat(16) as DeviceId
const receiver = '02'.repeat(16) as DeviceId
const dayMs = 86_400_000
const context = { trust: fleet.trust, nowMs: testNowMs }

function parcel(changes: Partial<Parcel> = {}): Parcel {
  const audience = [idToBytes(receiver)]
  const order = newOrder(p, fleet.trust, testNowMs, { expiresAtMs: testNowMs + 30 * dayMs, audience })
  return { order, key: key.publicKey, source, entries: 7, bytes: 700, sealed: new Uint8Array(9), ...changes }
}

test('a parcel says what is its own, for whom, and until when', async () => {
  const given = parcel()
  const word = await verifyParcel(p, await signParcel(p, given, fleet.admin, key), context)
  assert.deepEqual(word, { ...given, id: await deviceIdOf(p, key.publicKey), receiver })
})

test('a parcel without one receiver, without an end, for its own source or for too long is none', () => {
  const ordered = (more: object) => parcel({ order: { ...parcel().order, ...more } })
  for (const bad of [
    ordered({ audience: [] }),
    ordered({ audience: [idToBytes(receiver), idToBytes(source)] }),
    ordered({ expiresAtMs: 0 }),
    ordered({ expiresAtMs: testNowMs }),
    ordered({ expiresAtMs: testNowMs + (parcelDaysMax + 1) * dayMs }),
    parcel({ source: receiver }),
    parcel({ sealed: new Uint8Array() }),
  ])
    assert.throws(() => decodeParcel(encodeParcel(bad)), { code: 'bad_parcel' })
  const both = new Uint8Array([...encodeParcel(parcel()), 0x3a, 16, ...idToBytes(source)])
  assert.throws(() => decodeParcel(both), { code: 'bad_parcel' })
})

test('only who restores gives one, and only who holds its key', async () => {
  const policy = await testKey(p, 'somebody')
  await assert.rejects(verifyParcel(p, await signParcel(p, parcel(), policy, key), context), {
    code: 'not_authorized',
  })
  const alone = await signEnvelope(p, 'parcel', encodeParcel(parcel()), [fleet.admin])
  await assert.rejects(verifyParcel(p, alone, context), { code: 'bad_signature' })
  // A job's signature is none here, and a turned bit is seen.
  const envelope = await signParcel(p, parcel(), fleet.admin, key)
  const turned = envelope.slice()
  const at = Buffer.from(envelope).indexOf(Buffer.from(hex(idToBytes(source)), 'hex'))
  turned[at] = (turned[at] ?? 0) ^ 1
  await assert.rejects(verifyParcel(p, turned, context), { code: 'not_authorized' })
})

test('another fleet’s, and one that is over, are refused; afterwards it is judged as its signer saw the world', async () => {
  const other = await testFleet(p, { salt: new Uint8Array(16).fill(8) })
  const envelope = await signParcel(p, parcel(), fleet.admin, key)
  await assert.rejects(verifyParcel(p, envelope, { trust: other.trust, nowMs: testNowMs }), {
    code: 'wrong_fleet',
  })
  await assert.rejects(verifyParcel(p, envelope, { ...context, nowMs: testNowMs + 31 * dayMs }), {
    code: 'expired',
  })
  assert.ok('key' in (await verifyPastParcel(p, envelope, [fleet.trust])))
  await assert.rejects(verifyPastParcel(p, envelope, []), { code: 'trust_behind' })
})

test('an end names one parcel and nothing else', async () => {
  const order = newOrder(p, fleet.trust, testNowMs)
  const envelope = await signParcelEnd(p, { order, ends: source }, fleet.admin)
  assert.deepEqual(await verifyParcel(p, envelope, context), { order, ends: source })
  assert.deepEqual(decodeParcel(decodeEnvelope(envelope).payload), { order, ends: source })
})
