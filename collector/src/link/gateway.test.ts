import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testDevice, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { nextFrame } from '@backstay/proto/wire/transport'
import { sampleCommit, sampleEscrow } from '../testing/sample-objects.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { sampleGateway, strangerKey } from './testing/sample-gateway.ts'
import { backUp } from './testing/sessions.ts'

test('a newcomer enrols, backs up, and is known when it comes again; an admin restores from it', async () => {
  await using world = await sampleGateway()
  const { objects, commit } = await backUp(world)
  await using again = await world.device(laptop)
  assert.deepEqual([again.welcome.headSequence, again.welcome.head], [1, commit.id])
  assert.equal((await again.missing(objects.map(object => object.id))).size, 0)

  await using admin = await world.admin()
  const [row] = await Array.fromAsync(admin.listDevices())
  assert.deepEqual(row?.certificate, laptop.certificateEnvelope)
  assert.deepEqual(row?.grant, laptop.grantEnvelope)
  assert.ok(row?.head && row.headReceivedAtMs === testNowMs && !row.revoked)
  const snapshots = await Array.fromAsync(admin.listSnapshots(laptop.id))
  assert.deepEqual(
    snapshots.map(({ id, stored }) => [id, stored.length]),
    [[commit.id, commit.stored.length]],
  )
  assert.equal((await Array.fromAsync(admin.listSnapshots(undefined))).length, 1)
  const ids = objects.map(object => object.id)
  const got = await Array.fromAsync(admin.get(ids, laptop.id))
  assert.deepEqual(
    got.map(({ id }) => id),
    ids,
  )
  for (const [index, { stored }] of got.entries()) {
    assert.ok(stored && Buffer.from(stored).equals(objects[index]?.stored ?? new Uint8Array()))
  }
})

test('a device learns nothing about the objects of another', async () => {
  await using world = await sampleGateway()
  const { objects } = await backUp(world, laptop)
  await using other = await world.enroll(server)
  const ids = objects.map(object => object.id)
  assert.equal((await other.missing(ids)).size, ids.length)
  for await (const { stored } of other.get(ids)) assert.equal(stored, undefined)
  await assert.rejects(Array.fromAsync(other.get(ids, laptop.id)), { code: 'wrong_role' })
  // Nor may it build on them, or publish them.
  const root = objects.at(-1)
  assert.ok(root)
  await other.put(root.id, root.stored)
  await assert.rejects(other.flush(), { code: 'unknown_child' })
  const commit = await sampleCommit(sampleFleet, server, root.id)
  await other.putRecord(await sampleEscrow(sampleFleet, server))
  await assert.rejects(other.publish(commit.stored), { code: 'unknown_root' })
})

test('nothing that people named or kept secret stands in the log', async () => {
  await using world = await sampleGateway({ founded: false })
  const secret = 'planted-name-of-a-person'
  const device = await testDevice(p, sampleFleet, secret)
  await assert.rejects(world.found({ code: new Uint8Array(16).fill(1) }), { code: 'wrong_setup_code' })
  await (await world.found()).close()
  await assert.rejects(world.enroll(device, { certificate: server.certificateEnvelope }))
  await backUp(world, device)
  await (await world.admin()).close()
  await assert.rejects(world.admin(strangerKey))
  const lines = world.logged()
  assert.match(lines, /session opened/)
  assert.match(lines, /handshake refused/)
  const planted = [
    secret,
    '5e'.repeat(16),
    Buffer.from('5e'.repeat(16), 'hex').toString('base64url'),
    Buffer.from(device.key.publicKey).toString('hex'),
    Buffer.from(sampleFleet.admin.publicKey).toString('hex'),
    device.identity,
    'example fleet',
    'first admin',
  ]
  for (const one of planted) assert.ok(!lines.includes(one), `the log holds "${one}"`)
})

test('when the collector stops, everyone is told and times of contact are written', async () => {
  const world = await sampleGateway()
  const session = await world.enroll(laptop)
  await world.gateway.close()
  assert.ok(isFailure(session.ended.reason, 'shutting_down'))
  assert.equal(world.gateway.sessions, 0)
  const { deviceById } = await import('../catalog/devices.ts')
  const row = await deviceById(world.vault.sql, sampleFleet.trust.fleet, laptop.id)
  assert.equal(row?.lastSeenMs, testNowMs)
  const { client } = world.cable()
  await assert.rejects(nextFrame(client), { code: 'link_cut' })
  await world.vault.close()
})
