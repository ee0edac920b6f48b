/** Who may fill a parcel, who may read it, and what the log says of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { equalBytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { idToBytes } from '@backstay/proto/object/id'
import { signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { testDevice, testFleet, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleTree } from '../testing/sample-objects.ts'
import { type SampleParcel, sampleParcel, sampleParcelEnd } from '../testing/sample-parcel.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { type SampleGateway, sampleGateway } from './testing/sample-gateway.ts'

const dayMs = 86_400_000
const desktop = await testDevice(p, sampleFleet, 'desktop')

/** With two devices, or three, and a parcel from the laptop to the server that nobody was told of yet. */
async function packed(world: SampleGateway) {
  for (const one of [laptop, server, desktop]) await (await world.enroll(one)).close()
  const admin = await world.admin()
  const parcel = await sampleParcel('sent')
  await admin.putRecord(parcel.envelope)
  const tree = await sampleTree(seededRandom(5))
  await using packing = await world.device(parcel)
  await packing.putRecord(await sampleEscrow(sampleFleet, parcel))
  for (const { id, stored } of tree.objects) await packing.put(id, stored)
  await packing.publish((await sampleCommit(sampleFleet, parcel, tree.root)).stored)
  return { admin, parcel, tree }
}

async function send(parcel: SampleParcel, to = server) {
  const options = { expiresAtMs: testNowMs + 7 * dayMs, audience: [idToBytes(to.id)] }
  const order = newOrder(p, sampleFleet.trust, testNowMs, options)
  const job = { order, kind: 'restore', sealed: new Uint8Array(), source: parcel.id } as const
  return signJob(p, job, sampleFleet.admin)
}

test('its receiver reads a parcel while a job and the parcel stand, and nothing else of its source', async () => {
  await using world = await sampleGateway()
  const { admin, parcel, tree } = await packed(world)
  await using _admin = admin
  await using receiver = await world.device(server)
  await using other = await world.device(desktop)
  const [first] = tree.objects
  const { id, stored } = first ?? assert.fail()
  const read = async (by = receiver) => (await Array.fromAsync(by.get([id], parcel.id)))[0]?.stored
  await assert.rejects(read(), { code: 'wrong_role' })
  await admin.putRecord(await send(parcel))
  assert.ok(equalBytes((await read()) ?? assert.fail(), stored))
  await assert.rejects(read(other), { code: 'wrong_role' })
  await assert.rejects(Array.fromAsync(receiver.get([id], laptop.id)), { code: 'wrong_role' })
  // A job for somebody else lends nothing: the parcel names its receiver.
  await admin.putRecord(await send(parcel, desktop))
  await assert.rejects(read(other), { code: 'wrong_role' })
  world.clock.jumpTo(testNowMs + 30 * dayMs)
  await assert.rejects(read(), { code: 'wrong_role' })
})

test('an end by word is obeyed at once, by who reads and by who packs', async () => {
  await using world = await sampleGateway()
  const { admin, parcel, tree } = await packed(world)
  await using _admin = admin
  await admin.putRecord(await send(parcel))
  await using receiver = await world.device(server)
  const packing = await world.device(parcel)
  await admin.putRecord(await sampleParcelEnd(parcel))
  await assert.rejects(packing.missing([tree.root]), { code: 'revoked' })
  await assert.rejects(Array.fromAsync(receiver.get([tree.root], parcel.id)), { code: 'wrong_role' })
  await assert.rejects(world.device(parcel), { code: 'not_admitted' })
})

test('who packs a parcel reads nothing, reports nothing and commands nothing', async () => {
  await using world = await sampleGateway()
  const { admin, parcel, tree } = await packed(world)
  await using _admin = admin
  await using packing = await world.device(parcel)
  for (const asked of [
    Array.fromAsync(packing.get([tree.root])),
    Array.fromAsync(packing.get([tree.root], laptop.id)),
    Array.fromAsync(packing.listDevices()),
    Array.fromAsync(packing.listSnapshots(undefined)),
    Array.fromAsync(packing.listRecords('keyring')),
    packing.putRecord(await send(parcel)),
    packing.putRecord(parcel.envelope),
  ])
    await assert.rejects(asked, { code: 'wrong_role' })
})

test('only a restore admin of this fleet gives and ends parcels', async () => {
  await using world = await sampleGateway()
  for (const one of [laptop, server]) await (await world.enroll(one)).close()
  await using device = await world.device(laptop)
  const given = await sampleParcel('given')
  await assert.rejects(device.putRecord(given.envelope), { code: 'wrong_role' })
  const bring = (roles: Parameters<typeof world.fleet.putSigned>[0], envelope = given.envelope) =>
    world.fleet.putSigned(roles, envelope)
  for (const role of ['owner', 'policy', 'enroll', 'audit'] as const)
    await assert.rejects(bring([role]), { code: 'wrong_role' })
  const policyOnly = { ...sampleFleet, admin: await testKey(p, 'help desk') }
  await assert.rejects(bring(['restore'], (await sampleParcel('x', { by: policyOnly })).envelope), {
    code: 'not_authorized',
  })
  const other = await testFleet(p, { salt: new Uint8Array(16).fill(3) })
  await assert.rejects(bring(['restore'], (await sampleParcel('y', { by: other })).envelope), {
    code: 'wrong_fleet',
  })
  const late = await sampleParcel('z', { nowMs: testNowMs - 31 * dayMs })
  await assert.rejects(bring(['restore'], late.envelope), { code: 'expired' })
  await bring(['restore'])
  // The same again is the same; another word on the same key moves no end.
  await bring(['restore'])
  await bring(['restore'], (await sampleParcel('given', { days: 300 })).envelope)
  world.clock.jumpTo(testNowMs + 31 * dayMs)
  await assert.rejects(world.device(given), { code: 'not_admitted' })
})

test('the log says who gave what of whom to whom and until when, and no name', async () => {
  await using world = await sampleGateway()
  const { admin, parcel } = await packed(world)
  await using _admin = admin
  await admin.putRecord(await sampleParcelEnd(parcel))
  await world.auditLog.follow()
  const entries = await world.auditLog.entries({ limit: 100 })
  const given = entries.find(one => one.action === 'parcel') ?? assert.fail()
  assert.equal(given.device, laptop.id)
  assert.match(given.actor, /^admin:/)
  const untilMs = testNowMs + 30 * dayMs
  assert.deepEqual(given.detail, { parcel: parcel.id, receiver: server.id, entries: 3, bytes: 300, untilMs })
  const ended = entries.find(one => one.action === 'parcel-end') ?? assert.fail()
  assert.deepEqual(ended.detail, { parcel: parcel.id })
})
