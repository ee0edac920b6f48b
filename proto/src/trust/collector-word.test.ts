import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '../node.ts'
import { deviceId, objectId } from '../object/id.ts'
import { verifyForget, verifyReceipt } from './collector-word.ts'
import { signForget } from './forget.ts'
import { signReceipt } from './receipt.ts'
import { testFleet, testNowMs } from './testing/fleet.ts'

const fleet = await testFleet(p)
const snapshot = objectId(new Uint8Array(32).fill(3))
const device = deviceId(new Uint8Array(16).fill(1))
const scope = { fleet: fleet.trust.fleet, device, clockMs: testNowMs }

test('what a collector of this fleet signed is believed, and nobody else in its place', async () => {
  const forget = { ...scope, snapshots: [snapshot] }
  assert.deepEqual(await verifyForget(p, await signForget(p, forget, fleet.collector), [fleet.trust]), forget)
  const receipt = { ...scope, received: [{ snapshot, clockMs: 5 }] }
  assert.deepEqual(
    await verifyReceipt(p, await signReceipt(p, receipt, fleet.collector), [fleet.trust]),
    receipt,
  )
  const clock = { ...scope, device: undefined, received: [] }
  assert.deepEqual(await verifyReceipt(p, await signReceipt(p, clock, fleet.collector), [fleet.trust]), clock)
  for (const key of [fleet.admin, fleet.owner]) {
    await assert.rejects(verifyForget(p, await signForget(p, forget, key), [fleet.trust]), {
      code: 'bad_signature',
    })
    await assert.rejects(verifyReceipt(p, await signReceipt(p, receipt, key), [fleet.trust]), {
      code: 'bad_signature',
    })
  }
})

test('a word for another fleet, or of another kind, is refused', async () => {
  const strange = { ...scope, fleet: snapshot as unknown as typeof scope.fleet, snapshots: [snapshot] }
  const envelope = await signForget(p, strange, fleet.collector)
  await assert.rejects(verifyForget(p, envelope, [fleet.trust]), { code: 'wrong_fleet' })
  await assert.rejects(verifyReceipt(p, envelope, [fleet.trust]), { code: 'wrong_kind' })
  const empty = await signForget(p, { ...scope, snapshots: [] }, fleet.collector)
  await assert.rejects(verifyForget(p, empty, [fleet.trust]), { code: 'bad_forget' })
})
