import assert from 'node:assert/strict'
import { test } from 'node:test'
import { equalBytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { idToBytes } from '@backstay/proto/object/id'
import { signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { type JobReport, signReport } from '@backstay/proto/trust/report'
import { testNowMs, testPolicy } from '@backstay/proto/trust/testing/fleet'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleObject } from '../testing/sample-objects.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { sampleGateway } from './testing/sample-gateway.ts'
import { withAdmins } from './testing/sessions.ts'

test('a policy reaches the devices that it is meant for with their next welcome', async () => {
  await using world = await sampleGateway()
  await using admin = await world.admin()
  await using first = await world.enroll(laptop)
  assert.deepEqual(first.welcome.orders, [])
  const everyone = await testPolicy(p, sampleFleet, { sequence: 1 })
  const ours = await testPolicy(p, sampleFleet, { sequence: 1, audience: [laptop.certificate.grantId] })
  for (const policy of [everyone, ours]) await admin.putRecord(policy)
  assert.deepEqual((await world.device(laptop)).welcome.orders, [everyone, ours])
  assert.deepEqual((await world.enroll(server)).welcome.orders, [everyone])
  const newer = await testPolicy(p, sampleFleet, { sequence: 2, audience: [laptop.certificate.grantId] })
  await admin.putRecord(newer)
  assert.deepEqual((await world.device(laptop)).welcome.orders, [everyone, newer])
})

test('an order that is signed reaches whom it concerns in the open session, and its answer is kept', async () => {
  await using world = await sampleGateway()
  await using admin = await world.admin()
  for (const one of [laptop, server]) await (await world.enroll(one)).close()
  await using first = await world.device(laptop)
  await using other = await world.device(server)
  const ours = await testPolicy(p, sampleFleet, { audience: [laptop.certificate.grantId] })
  await admin.putRecord(ours)
  assert.deepEqual(await first.pushedOrders(), [ours])
  const everyone = await testPolicy(p, sampleFleet)
  await admin.putRecord(everyone)
  // What concerns the other device alone never comes here.
  assert.deepEqual(await other.pushedOrders(), [everyone])
  assert.deepEqual(await first.pushedOrders(), [everyone, ours])
  const standing = new Uint8Array(32).fill(7)
  const refused = [
    { id: new Uint8Array(16).fill(1), code: 'old_order' },
    { id: undefined, code: 'bad_envelope' },
  ]
  await first.obeyed({ standing, refused })
  await assert.rejects(admin.obeyed({ standing, refused }), { code: 'wrong_role' })
  const rows = await Array.fromAsync(admin.listDevices())
  assert.deepEqual(
    rows.map(row => row.obeyed && { ...row.obeyed, atMs: 0 }).filter(one => one !== undefined),
    [{ standing, refused, atMs: 0 }],
  )
  assert.match(world.logged(), /old_order.*an order was refused by its device/)
})

test('a job reaches its device, and its device alone may report on it, once', async () => {
  await using world = await sampleGateway()
  await using admin = await world.admin()
  for (const one of [laptop, server]) await (await world.enroll(one)).close()
  await using first = await world.device(laptop)
  await using other = await world.device(server)
  const options = { expiresAtMs: testNowMs + 60_000, audience: [idToBytes(laptop.id)] }
  const order = newOrder(p, sampleFleet.trust, testNowMs, options)
  const envelope = await signJob(p, { order, kind: 'backup', sealed: new Uint8Array() }, sampleFleet.admin)
  await admin.putRecord(envelope)
  assert.deepEqual(await first.pushedJobs(), [envelope])
  await first.tellProgress({ job: order.id, entries: 5, bytes: 6 })
  const { entries, bytes } = await admin.askProgress(laptop.id, order.id)
  assert.deepEqual([entries, bytes], [5, 6])
  await assert.rejects(other.askProgress(laptop.id, order.id), { code: 'wrong_role' })
  const { fleet } = sampleFleet.trust
  const word = (device: typeof laptop, changes: Partial<JobReport> = {}, by = device) =>
    signReport(
      p,
      {
        fleet,
        device: device.id,
        job: order.id,
        state: 'done',
        code: '',
        sealed: new Uint8Array(),
        atMs: 1,
        ...changes,
      },
      by.key,
    )
  await assert.rejects(other.putRecord(await word(server)), { code: 'unknown_job' })
  await assert.rejects(first.putRecord(await word(laptop, { job: new Uint8Array(16) })), {
    code: 'unknown_job',
  })
  await assert.rejects(first.putRecord(await word(laptop, {}, server)), { code: 'bad_signature' })
  const id = await first.putRecord(await word(laptop))
  assert.equal(await first.putRecord(await word(laptop)), id)
  await assert.rejects(first.putRecord(await word(laptop, { atMs: 2 })), { code: 'job_reported' })
  assert.deepEqual(await first.pushedJobs(), [])
  // After a restart it is still done.
  await using again = await world.device(laptop)
  await admin.putRecord(
    await signJob(
      p,
      { order: { ...order, id: new Uint8Array(16).fill(9) }, kind: 'verify', sealed: new Uint8Array() },
      sampleFleet.admin,
    ),
  )
  assert.equal((await again.pushedJobs()).length, 1)
})

test('a device reads the objects of one that it replaces while a signed job says so, and no longer', async () => {
  await using world = await sampleGateway()
  await using admin = await world.admin()
  const old = await world.enroll(laptop)
  for (const one of [server]) await (await world.enroll(one)).close()
  const lost = await sampleObject(seededRandom(3), 'segment')
  await old.put(lost.id, lost.stored)
  await old.flush()
  await old.close()
  await using fresh = await world.device(server)
  const read = async () => (await Array.fromAsync(fresh.get([lost.id], laptop.id)))[0]?.stored
  await assert.rejects(read(), { code: 'wrong_role' })
  const options = { expiresAtMs: testNowMs + 60_000, audience: [idToBytes(server.id)] }
  const order = newOrder(p, sampleFleet.trust, testNowMs, options)
  const job = { order, kind: 'restore', sealed: new Uint8Array(), source: laptop.id } as const
  await admin.putRecord(await signJob(p, job, sampleFleet.admin))
  assert.ok(equalBytes((await read()) ?? assert.fail(), lost.stored))
  // Not what the other one listed, and not what was never lent.
  await assert.rejects(Array.fromAsync(fresh.listSnapshots(laptop.id)), { code: 'wrong_role' })
  await using stranger = await world.device(laptop)
  await assert.rejects(Array.fromAsync(stranger.get([lost.id], server.id)), { code: 'wrong_role' })
  const { fleet } = sampleFleet.trust
  const said = { fleet, device: server.id, job: order.id, state: 'done', code: '', atMs: 1 } as const
  await fresh.putRecord(await signReport(p, { ...said, sealed: new Uint8Array() }, server.key))
  await assert.rejects(read(), { code: 'wrong_role' })
})

test('a new Trust goes before the orders that were signed under it', async () => {
  await using world = await sampleGateway()
  await using first = await world.enroll(laptop)
  await using device = await world.device(laptop)
  await first.close()
  const trust = await withAdmins(world, [])
  assert.deepEqual(await device.pushedOrders(), [trust.envelope])
})
