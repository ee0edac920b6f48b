import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectFounder } from '@backstay/agent/link/connect'
import { nodePrimitives as p } from '@backstay/proto/node'
import { signAssignment } from '@backstay/proto/trust/assignment'
import { signCertificate } from '@backstay/proto/trust/certificate'
import { type Grant, signGrant } from '@backstay/proto/trust/grant'
import { newOrder } from '@backstay/proto/trust/order'
import { signRevoke } from '@backstay/proto/trust/revoke'
import {
  type TestDevice,
  testDevice,
  testKey,
  testNowMs,
  testPolicy,
  testTrustDocument,
} from '@backstay/proto/trust/testing/fleet'
import { testHeartbeat } from '@backstay/proto/trust/testing/heartbeat'
import { fleetOf, signTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { grantById, useGrant } from '../catalog/grants.ts'
import { type SampleGateway, sampleGateway, strangerKey } from '../link/testing/sample-gateway.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleTree } from '../testing/sample-objects.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { openFleet } from './fleet.ts'

const dayMs = 86_400_000
const fleetId = sampleFleet.trust.fleet

/** Devices that come with one grant, as with a token for many. */
async function grantFor(names: readonly string[], changes: Partial<Grant> = {}, signer = sampleFleet.admin) {
  const grantKey = await testKey(p, 'shared grant')
  const grant: Grant = {
    order: newOrder(p, sampleFleet.trust, testNowMs, { expiresAtMs: testNowMs + dayMs }),
    grantKey: grantKey.publicKey,
    label: 'shared',
    maxUses: 1,
    manualApproval: false,
    ...changes,
  }
  const grantEnvelope = await signGrant(p, grant, signer)
  const devices: TestDevice[] = []
  for (const name of names) {
    const device = await testDevice(p, sampleFleet, name)
    const certificate = { ...device.certificate, grantId: grant.order.id }
    devices.push({
      ...device,
      grant,
      grantKey,
      grantEnvelope,
      certificate,
      certificateEnvelope: await signCertificate(p, certificate, grantKey, device.key),
    })
  }
  return { grant, devices }
}

const usesOf = async (world: SampleGateway, grant: Grant) =>
  (await grantById(world.vault.sql, fleetId, grant.order.id))?.uses

const enrolled = async (world: SampleGateway, device: TestDevice) => (await world.enroll(device)).close()

function at<T>(list: readonly T[], index: number): T {
  const value = list[index]
  assert.ok(value)
  return value
}

test('a token for one device lets in one device, however they race', async () => {
  await using world = await sampleGateway()
  const { grant, devices } = await grantFor(['one', 'two', 'three'])
  const results = await Promise.allSettled(devices.map(device => enrolled(world, device)))
  assert.deepEqual(
    results.map(result => (result.status === 'rejected' ? result.reason.code : 'enrolled')).sort(),
    ['enrolled', 'grant_used_up', 'grant_used_up'],
  )
  assert.equal(await usesOf(world, grant), 1)
})

test('a token for 500 devices refuses the 501st', async () => {
  await using world = await sampleGateway()
  const { grant, devices } = await grantFor(['first', 'last', 'beyond'], { maxUses: 500 })
  await enrolled(world, at(devices, 0))
  for (let use = 2; use < 500; use++) assert.ok(await useGrant(world.vault.sql, fleetId, grant.order.id))
  await enrolled(world, at(devices, 1))
  await assert.rejects(enrolled(world, at(devices, 2)), { code: 'grant_used_up' })
  assert.equal(await usesOf(world, grant), 500)
})

test('a token is worth nothing after its end, and the collector measures the time', async () => {
  await using world = await sampleGateway()
  const { devices } = await grantFor(['late'])
  world.clock.jumpTo(testNowMs + dayMs)
  await assert.rejects(enrolled(world, at(devices, 0)), { code: 'expired' })
})

test('a revoked token lets nobody in, also when it was never used before', async () => {
  await using world = await sampleGateway()
  const { grant, devices } = await grantFor(['late', 'later'], { maxUses: 10 })
  await using admin = await world.admin()
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  const revoke = { order, device: undefined, grantId: grant.order.id, reason: 'leaked' }
  await enrolled(world, at(devices, 0))
  await admin.putRecord(await signRevoke(p, revoke, sampleFleet.admin))
  await assert.rejects(enrolled(world, at(devices, 1)), { code: 'grant_revoked' })
  // Who came in before may stay.
  await (await world.device(at(devices, 0))).close()

  const { grant: unused, devices: never } = await grantFor(['never'])
  await admin.putRecord(at(never, 0).grantEnvelope)
  const other = {
    order: newOrder(p, sampleFleet.trust, testNowMs),
    device: undefined,
    grantId: unused.order.id,
  }
  await admin.putRecord(await signRevoke(p, { ...other, reason: 'leaked' }, sampleFleet.admin))
  await assert.rejects(enrolled(world, at(never, 0)), { code: 'grant_revoked' })
})

test('a device whose welcome was lost asks again and uses up nothing', async () => {
  await using world = await sampleGateway()
  const { grant, devices } = await grantFor(['laptop'])
  const device = at(devices, 0)
  await enrolled(world, device)
  await enrolled(world, device)
  assert.equal(await usesOf(world, grant), 1)
})

test('nobody enrols with a grant, a certificate or a key that is not his', async () => {
  await using world = await sampleGateway()
  const { devices } = await grantFor(['own'], {}, strangerKey)
  await assert.rejects(enrolled(world, at(devices, 0)), { code: 'not_authorized' })
  const crossed = world.enroll(laptop, { grant: server.grantEnvelope })
  await assert.rejects(crossed, { code: 'bad_signature' })
  // A thief who saw the certificate of another, without its key.
  await assert.rejects(world.enroll(laptop, { key: strangerKey }), { code: 'not_admitted' })
  await using admin = await world.admin()
  assert.deepEqual(await Array.fromAsync(admin.listDevices()), [])
})

test('a device whose token asks for approval is heard and stores nothing until an admin says where it stands', async () => {
  await using world = await sampleGateway()
  const { devices } = await grantFor(['waiting', 'stranger'], { manualApproval: true, maxUses: 2 })
  const waiting = at(devices, 0)
  await enrolled(world, at(devices, 1))
  await using session = await world.enroll(waiting)
  await session.putRecord(await sampleEscrow(sampleFleet, waiting))
  await session.heartbeat(await testHeartbeat(p, sampleFleet, waiting))
  const { objects, root } = await sampleTree(seededRandom(3))
  const refused = { code: 'approval_needed', remedy: 'retry' }
  await assert.rejects(session.missing([root]), refused)
  // Who does not ask first is refused no less.
  for (const { id, stored } of objects) await session.put(id, stored).catch(() => undefined)
  await assert.rejects(session.flush(), refused)
  await assert.rejects(session.publish((await sampleCommit(sampleFleet, waiting, root)).stored), refused)

  await using admin = await world.admin()
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  const assignment = { kind: 'assignment', order, devices: [waiting.id], group: undefined } as const
  await admin.putRecord(await signAssignment(p, assignment, sampleFleet.admin))
  assert.equal((await session.missing([root])).size, 1)
  await using other = await world.device(at(devices, 1))
  await assert.rejects(other.missing([root]), refused)
})

test('a fleet is founded once, with the code, by one of its own', async () => {
  await using world = await sampleGateway({ founded: false })
  await assert.rejects(world.admin(), { code: 'not_admitted' })
  await assert.rejects(world.enroll(laptop), { code: 'not_admitted' })
  await assert.rejects(world.found({ code: new Uint8Array(16) }), { code: 'wrong_setup_code' })
  await assert.rejects(world.found({ key: strangerKey }), { code: 'bad_founding' })
  await assert.rejects(world.found({ records: [] }), { code: 'bad_founding' })
  await assert.rejects(world.found({ records: [sampleFleet.trust.envelope, laptop.certificateEnvelope] }), {
    code: 'bad_founding',
  })
  assert.equal(world.fleet.trust, undefined)

  const policy = await testPolicy(p, sampleFleet)
  await using founder = await world.found({ records: [sampleFleet.trust.envelope, policy] })
  assert.deepEqual(founder.welcome.trust, [sampleFleet.trust.envelope])
  const [listed] = await Array.fromAsync(founder.listRecords('policy'))
  assert.deepEqual(listed?.envelope, policy)
  await assert.rejects(world.found(), { code: 'already_founded' })
  assert.deepEqual((await world.enroll(laptop)).welcome.orders, [policy])
})

test('a Trust document that names another collector, or another key, founds nothing here', async () => {
  await using world = await sampleGateway({ founded: false })
  const own = {
    key: sampleFleet.collector.publicKey,
    spkiPins: [new Uint8Array(32).fill(9)],
    binding: 'tls_exporter',
  } as const
  for (const collectors of [
    [{ ...own, key: strangerKey.publicKey }],
    [{ ...own, spkiPins: [new Uint8Array(32).fill(1)] }],
  ]) {
    const envelope = await signTrust(p, await testTrustDocument(p, { collectors }), [sampleFleet.owner])
    const founder = connectFounder({
      urls: ['memory:'],
      primitives: p,
      clock: world.clock,
      transport: { connect: async () => world.cable().client },
      pins: [],
      collectorKey: sampleFleet.collector.publicKey,
      signingKey: sampleFleet.owner,
      fleet: await fleetOf(p, envelope),
    })
    await assert.rejects(founder.found(new Uint8Array(16).fill(0x5e), [envelope]), { code: 'bad_founding' })
  }
})

test('after a restart the collector knows its fleet, its Trust and its policies from the catalog', async () => {
  await using world = await sampleGateway()
  await enrolled(world, laptop)
  await using admin = await world.admin()
  const policy = await testPolicy(p, sampleFleet)
  await admin.putRecord(policy)
  const { sql, ingest } = world.vault
  const again = await openFleet({ p, sql, clock: world.clock, ingest, own: world.fleet.own })
  assert.equal(again.trust?.fleet, fleetId)
  const member = { kind: 'device', device: laptop.id, grantId: laptop.certificate.grantId } as const
  assert.deepEqual(await again.ordersFor(member), [policy])
  assert.equal(again.trustAbove(0, 1_000_000).length, 1)
  assert.equal(again.trustAbove(1, 1_000_000).length, 0)
  assert.equal(again.trustAbove(0, 10).length, 0)
})

test('a removed admin may do nothing any more, and his policy steps back behind the one before', async () => {
  await using world = await sampleGateway()
  await enrolled(world, laptop)
  const { document, payloadHash } = sampleFleet.trust
  const [first] = document.admins
  assert.ok(first)
  const second = await testKey(p, 'second admin')
  const next = (version: number, previous: Uint8Array, admins: typeof document.admins) =>
    signTrust(p, { ...document, version, previous, admins }, [sampleFleet.owner])
  const added = await next(2, payloadHash, [first, { ...first, name: 'second', key: second.publicKey }])
  await using admin = await world.admin()
  await admin.putRecord(added)
  const good = await testPolicy(p, sampleFleet, { sequence: 1 })
  await admin.putRecord(good)
  const trust2 = await verifyTrustChain(p, [added], sampleFleet.trust)
  await using other = await world.admin(second, trust2)
  const bad = await testPolicy(p, { ...sampleFleet, admin: second }, { sequence: 9 })
  await other.putRecord(bad)
  assert.deepEqual((await world.device(laptop)).welcome.orders, [bad])

  const removed = await next(3, trust2.payloadHash, [first])
  await admin.putRecord(removed)
  await assert.rejects(other.putRecord(bad), { code: 'wrong_role' })
  await assert.rejects(Array.fromAsync(other.listDevices()), { code: 'wrong_role' })
  await assert.rejects(world.admin(second), { code: 'not_admitted' })
  assert.deepEqual((await world.device(laptop)).welcome.orders, [good])
})

test('a version of Trust that names no key of this collector is refused, whoever signed it', async () => {
  await using world = await sampleGateway()
  await using admin = await world.admin()
  const { document, payloadHash } = sampleFleet.trust
  const [own] = document.collectors
  assert.ok(own)
  const other = { ...own, key: (await testKey(p, 'another collector')).publicKey }
  const next = (collectors: typeof document.collectors) =>
    signTrust(p, { ...document, version: 2, previous: payloadHash, collectors }, [sampleFleet.owner])
  await assert.rejects(admin.putRecord(await next([other])), { code: 'collector_unnamed' })
  const otherPin = { ...own, spkiPins: [new Uint8Array(32).fill(1)] }
  await assert.rejects(admin.putRecord(await next([otherPin])), { code: 'collector_unnamed' })
  await admin.putRecord(await next([own, other]))
})

test('an admin whose time has passed is nobody', async () => {
  await using world = await sampleGateway()
  const { document, payloadHash } = sampleFleet.trust
  const admins = document.admins.map(admin => ({ ...admin, notAfterMs: testNowMs + dayMs }))
  const envelope = await signTrust(p, { ...document, version: 2, previous: payloadHash, admins }, [
    sampleFleet.owner,
  ])
  await using admin = await world.admin()
  await admin.putRecord(envelope)
  await (await world.admin()).close()
  world.clock.jumpTo(testNowMs + 2 * dayMs)
  await assert.rejects(world.admin(), { code: 'not_admitted' })
  await assert.rejects(Array.fromAsync(admin.listDevices()), { code: 'wrong_role' })
})

test('what a device may bring is its own escrow and nothing signed by others', async () => {
  await using world = await sampleGateway()
  await using session = await world.enroll(laptop)
  await session.putRecord(await sampleEscrow(sampleFleet, laptop))
  await enrolled(world, server)
  await assert.rejects(session.putRecord(await sampleEscrow(sampleFleet, server)))
  await assert.rejects(session.putRecord(await testPolicy(p, sampleFleet)), { code: 'wrong_role' })
  await assert.rejects(session.putRecord(sampleFleet.trust.envelope), { code: 'wrong_role' })
  await assert.rejects(session.putRecord(new Uint8Array([1, 2, 3])), { code: 'bad_envelope' })
  const own = await Array.fromAsync(session.listRecords('escrow'))
  assert.equal(own.length, 1)
})
