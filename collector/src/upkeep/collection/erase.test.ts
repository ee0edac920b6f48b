/** What owners let go of a retired device, and what stops them. SEED=… repeats the random part. */
import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { isErased } from '@backstay/proto/policy/erasures'
import { type Erase, signErase } from '@backstay/proto/trust/erase'
import { type Hold, signHold } from '@backstay/proto/trust/hold'
import { newOrder } from '@backstay/proto/trust/order'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { signTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { listSnapshots } from '../../catalog/snapshots.ts'
import { seededRandom } from '../../packs/seeded-random.ts'
import { collectFrom, dayMs, shortRetention } from '../../testing/collecting.ts'
import { listed, oldVault } from '../../testing/old-vault.ts'
import { laptop, sampleFleet, server } from '../../testing/sample-vault.ts'
import { rebuilt } from '../../testing/stored-vault.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
console.log(`SEED=${seed}`)
const random = seededRandom(seed)
const fleet = sampleFleet.trust.fleet

test('test 45: one owner lets a retired device go after a week, and not by signing twice; a hold stops it', async () => {
  const { vault } = await oldVault(random, { ...shortRetention, keepDaily: 90 })
  const put = (envelope: Bytes) => vault.ingest.putRecord('fleet', envelope)
  const order = () => newOrder(p, sampleFleet.trust, testNowMs)
  const kept = async () => (await listed(vault.sql)).length
  const erase: Erase = { order: order(), device: laptop.id, reason: 'left the company' }
  await put(await signErase(p, erase, sampleFleet.owner))
  vault.clock.nowMs += 30 * dayMs
  await collectFrom(vault, vault)
  equal(await kept(), 6, 'a device at work is not erased')
  const revoke = { order: order(), device: laptop.id, grantId: undefined, reason: '' }
  await put(await signRevoke(p, revoke, sampleFleet.owner))
  const hold: Hold = {
    order: order(),
    device: laptop.id,
    snapshot: undefined,
    reason: '',
    releases: undefined,
  }
  await put(await signHold(p, hold, sampleFleet.admin))
  await collectFrom(vault, vault)
  equal(await kept(), 6, 'a hold goes before')
  await put(await signHold(p, { ...hold, order: order(), releases: hold.order.id }, sampleFleet.owner))
  vault.clock.nowMs += 8 * dayMs
  equal((await collectFrom(vault, vault)).forgotten, 6)
  equal((await listSnapshots(vault.sql, fleet, server.id)).length, 1, 'the other device is not touched')
  await vault.close()
  const anew = await rebuilt(vault.store)
  equal((await listed(anew.sql)).length, 0, 'a rebuild agrees')
})

test('test 45: within the week nothing goes, whoever else signed, and however often the owner did', async () => {
  const { vault } = await oldVault(random, { ...shortRetention, keepDaily: 90 })
  const order = () => newOrder(p, sampleFleet.trust, testNowMs)
  const put = (envelope: Bytes) => vault.ingest.putRecord('fleet', envelope)
  const revoke = { order: order(), device: laptop.id, grantId: undefined, reason: '' }
  await put(await signRevoke(p, revoke, sampleFleet.owner))
  const erase: Erase = { order: order(), device: laptop.id, reason: '' }
  await put(await signErase(p, erase, sampleFleet.owner, sampleFleet.owner))
  await put(await signErase(p, { ...erase, order: order() }, sampleFleet.owner, sampleFleet.admin))
  // An admin alone is nobody here.
  await put(await signErase(p, { ...erase, order: order() }, sampleFleet.admin))
  vault.clock.nowMs += 6 * dayMs
  equal((await collectFrom(vault, vault)).forgotten, 0)
  vault.clock.nowMs += 2 * dayMs
  equal((await collectFrom(vault, vault)).forgotten, 6)
  await vault.close()
})

test('two owners together let a retired device go with the next collection', async () => {
  const second = await testKey(p, 'second owner')
  const { document, payloadHash } = sampleFleet.trust
  const owners = [...document.owners, { key: second.publicKey, label: 'second' }]
  const next = await signTrust(p, { ...document, version: 2, previous: payloadHash, owners }, [
    ...[sampleFleet.owner, second],
  ])
  const trust = await verifyTrustChain(p, [next], sampleFleet.trust)
  const { vault } = await oldVault(random, { ...shortRetention, keepDaily: 90 })
  const order = () => newOrder(p, trust, testNowMs)
  await vault.ingest.putRecord('fleet', next)
  const revoke = { order: order(), device: laptop.id, grantId: undefined, reason: '' }
  await vault.ingest.putRecord('fleet', await signRevoke(p, revoke, sampleFleet.owner))
  equal((await collectFrom(vault, vault)).forgotten, 0)
  const erase: Erase = { order: order(), device: laptop.id, reason: '' }
  await vault.ingest.putRecord('fleet', await signErase(p, erase, sampleFleet.owner, second))
  equal((await collectFrom(vault, vault)).forgotten, 6)
  await vault.close()
})

test('two owners together are heard at once, and one after a week', () => {
  const erase: Erase = { order: newOrder(p, sampleFleet.trust, testNowMs), device: laptop.id, reason: '' }
  const fact = { erase, heldSinceMs: testNowMs }
  equal(isErased([{ ...fact, owners: 2 }], laptop.id, testNowMs), true)
  equal(isErased([{ ...fact, owners: 1 }], laptop.id, testNowMs + 7 * dayMs - 1), false)
  equal(isErased([{ ...fact, owners: 2 }], server.id, testNowMs + 9 * dayMs), false)
})
