// Parcels stand on the pages of both devices, and nowhere as a device.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { idToBytes } from '@backstay/proto/object/id'
import { signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { signReport } from '@backstay/proto/trust/report'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleTree } from '../testing/sample-objects.ts'
import { sampleParcel, sampleParcelEnd } from '../testing/sample-parcel.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { peopled, salesId } from './testing/peopled.ts'

const api = '/api/v1'
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

test('a parcel is shown to who sees its devices, from its giving to its end, and counts as none', async () => {
  await using all = await peopled()
  const { world, view } = all
  const get = async (path: string, who = all.as.viewer) => (await who.ask('GET', `${api}${path}`)).body
  const before = await get('/overview')
  const parcel = await sampleParcel('shown')
  await using admin = await world.admin()
  await admin.putRecord(parcel.envelope)
  const tree = await sampleTree(seededRandom(9))
  await using packing = await world.device(parcel)
  await packing.putRecord(await sampleEscrow(sampleFleet, parcel))
  for (const { id, stored } of tree.objects) await packing.put(id, stored)
  await packing.publish((await sampleCommit(sampleFleet, parcel, tree.root)).stored)
  await view.look()

  const of = async (device: string, who = all.as.viewer) =>
    (await get(`/devices/${device}/parcels`, who)).items[0]
  const untilMs = testNowMs + 30 * 86_400_000
  const told = { parcel: parcel.id, entries: 3, bytes: 300, givenAtMs: testNowMs, untilMs, arrived: false }
  const given = { ...told, direction: 'given', other: server.id, otherName: 'server', state: 'unsent' }
  assert.deepEqual(await of(laptop.id), given)
  assert.deepEqual(await of(server.id), {
    ...given,
    direction: 'received',
    other: laptop.id,
    otherName: 'laptop',
  })
  // Who sees the laptop's group alone learns that it went elsewhere, and not where that is called what.
  const seller = await (await all.person('seller', ['viewer'], { groups: [salesId] })).signIn()
  assert.equal((await of(laptop.id, seller)).otherName, undefined)

  assert.equal((await get('/devices')).total, 2)
  assert.equal((await get(`/devices/${parcel.id}`)).status, 404)
  const after = await get('/overview')
  assert.ok(after.counts)
  assert.deepEqual(
    [after.counts, after.coverage, after.attentionTotal],
    [before.counts, before.coverage, before.attentionTotal],
  )

  const options = { expiresAtMs: testNowMs + 86_400_000, audience: [idToBytes(server.id)] }
  const order = newOrder(p, sampleFleet.trust, testNowMs, options)
  const job = { order, kind: 'restore', sealed: new Uint8Array(), source: parcel.id } as const
  await admin.putRecord(await signJob(p, job, sampleFleet.admin))
  assert.equal((await of(laptop.id)).state, 'waiting')
  await using receiver = await world.device(server)
  const { fleet } = sampleFleet.trust
  const said = { fleet, device: server.id, job: order.id, state: 'done', code: '', atMs: 1 } as const
  await receiver.putRecord(await signReport(p, { ...said, sealed: new Uint8Array() }, server.key))
  assert.deepEqual([(await of(laptop.id)).state, (await of(laptop.id)).arrived], ['arrived', true])
  await admin.putRecord(await sampleParcelEnd(parcel))
  assert.deepEqual([(await of(laptop.id)).state, (await of(laptop.id)).arrived], ['ended', true])
})

test('the help desk brings no parcel, whoever signed it', async () => {
  await using all = await peopled()
  const { envelope } = await sampleParcel('brought')
  const bring = async (role: keyof typeof all.as) =>
    (await all.as[role].ask('POST', `${api}/records`, { envelope: base64(envelope) })).status
  for (const role of ['viewer', 'helpdesk', 'policy', 'auditor'] as const)
    assert.equal(await bring(role), 403, role)
  assert.equal(await bring('restore'), 201)
})
