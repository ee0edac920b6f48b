/** What a replay believes: records count by their signatures, as their signers saw the world. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeRecord } from '@backstay/proto/object/header'
import { objectId, type Sealed } from '@backstay/proto/object/id'
import { type Assignment, signAssignment } from '@backstay/proto/trust/assignment'
import { signCertificate } from '@backstay/proto/trust/certificate'
import { type Group, signGroup } from '@backstay/proto/trust/group'
import { type Job, signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { type JobReport, signReport } from '@backstay/proto/trust/report'
import { signRevoke } from '@backstay/proto/trust/revoke'
import {
  type TestDevice,
  testDevice,
  testKey,
  testNowMs,
  testPolicy,
  testTrustDocument,
} from '@backstay/proto/trust/testing/fleet'
import { signTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { deviceById, listDevices } from '../catalog/devices.ts'
import { grantById } from '../catalog/grants.ts'
import { hasEscrow, recordsOf, trustChain } from '../catalog/records.ts'
import { latestSnapshot, listSnapshots } from '../catalog/snapshots.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { type Domain, firstVault, fleetDomain } from '../catalog/vaults.ts'
import { groupCommit } from '../packs/group-commit.ts'
import { memoryPackStore } from '../packs/memory.ts'
import type { Frame } from '../packs/open-pack.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleTree } from '../testing/sample-objects.ts'
import { backUp, enrol, laptop, sampleFleet, sampleVault, server } from '../testing/sample-vault.ts'
import { testClock } from '../testing/test-clock.ts'
import { rebuild } from './rebuild.ts'

const random = seededRandom(12)
const fleet = sampleFleet.trust.fleet
const limits = {
  packBytesMax: 1e6,
  packAgeMaxMs: 1e9,
  groupBytesMax: 1e6,
  groupFramesMax: 999,
  gatherMs: 0,
  gatherBytesMax: 1e6,
  gatherFramesMax: 100,
  reserveBytes: 0,
}

async function record(domain: Domain, envelope: Bytes): Promise<Frame> {
  const stored = encodeRecord(envelope) as Sealed
  return { domain, id: objectId(await p.sha256(stored)), type: 'record', stored }
}

/** Frames in a pack as if they had been admitted, and a catalog made from it. */
async function rebuiltFrom(frames: readonly Frame[], nowMs = testNowMs) {
  const store = memoryPackStore()
  const clock = testClock(testNowMs)
  const commit = groupCommit({ p, store, clock, limits, onDurable: () => {}, onSealed: () => {} })
  for (const frame of frames) commit.add(frame)
  await commit.close()
  const sql = openSqlite(':memory:')
  clock.nowMs = nowMs
  const report = await rebuild({ p, store, sql, clock, vault: firstVault, monotonic: () => 0 })
  return { sql, report }
}

const founding = await record(fleetDomain, sampleFleet.trust.envelope)

async function enrolment(device: TestDevice): Promise<Frame[]> {
  return [
    await record(fleetDomain, device.grantEnvelope),
    await record(device.id, device.certificateEnvelope),
    await record(device.id, await sampleEscrow(sampleFleet, device)),
  ]
}

async function snapshot(device: TestDevice, endedAtMs = testNowMs): Promise<Frame[]> {
  const tree = await sampleTree(random)
  const { id, stored } = await sampleCommit(sampleFleet, device, tree.root, { endedAtMs })
  const objects = tree.objects.map(({ id, stored, children }) => {
    const type = children.length === 0 ? ('segment' as const) : ('page' as const)
    return { domain: device.id, id, type, stored }
  })
  return [...objects, { domain: device.id, id, type: 'record', stored }]
}

test('records in any order become the same facts', async () => {
  const frames = [...(await snapshot(laptop)), ...(await enrolment(laptop)), founding]
  const { sql, report } = await rebuiltFrom(frames.reverse())
  deepEqual([report.devices, report.snapshots, report.refused, report.waiting], [1, 1, [], []])
  ok(await hasEscrow(sql, fleet, laptop.id, 1))
  deepEqual(await trustChain(sql, fleet), [sampleFleet.trust.envelope])
  equal((await grantById(sql, fleet, laptop.grant.order.id))?.uses, 1)
})

test('what was revoked stays revoked, also when the admin who did it has left since', async () => {
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  const revoke = { order, device: laptop.id, grantId: undefined, reason: 'stolen' }
  const second = await testTrustDocument(p, {
    version: 2,
    previous: sampleFleet.trust.payloadHash,
    admins: [],
  })
  const { sql, report } = await rebuiltFrom([
    founding,
    ...(await enrolment(laptop)),
    ...(await snapshot(laptop)),
    await record(fleetDomain, await signRevoke(p, revoke, sampleFleet.admin)),
    await record(fleetDomain, await signTrust(p, second, [sampleFleet.owner])),
  ])
  deepEqual([report.refused, report.waiting], [[], []])
  ok((await deviceById(sql, fleet, laptop.id))?.revokedAtMs)
  equal(report.snapshots, 1, 'its snapshots are there for those who may restore')
  const chain = await trustChain(sql, fleet)
  equal((await verifyTrustChain(p, chain, fleet)).document.version, 2)
})

test('a device whose grant is lost is known by its own signature, and said to be unproven', async () => {
  const [, ...withoutGrant] = await enrolment(laptop)
  const { sql, report } = await rebuiltFrom([founding, ...withoutGrant, ...(await snapshot(laptop))])
  deepEqual(report.unproven, [laptop.id])
  equal(report.snapshots, 1)
  equal((await deviceById(sql, fleet, laptop.id))?.grant, undefined)
})

test('records that nobody entitled signed mean nothing and are named', async () => {
  const stranger = await testDevice(p, { ...sampleFleet, admin: await testKey(p, 'stranger') }, 'rogue')
  const forgedCertificate = await signCertificate(p, laptop.certificate, laptop.grantKey, stranger.key)
  const policy = await testPolicy(p, { ...sampleFleet, admin: await testKey(p, 'stranger') })
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  const revoke = { order, device: server.id, grantId: undefined, reason: 'mischief' }
  const { sql, report } = await rebuiltFrom([
    founding,
    ...(await enrolment(server)),
    await record(fleetDomain, stranger.grantEnvelope),
    await record(laptop.id, forgedCertificate),
    await record(laptop.id, await sampleEscrow(sampleFleet, laptop)),
    await record(server.id, laptop.certificateEnvelope),
    await record(fleetDomain, policy),
    await record(fleetDomain, await signRevoke(p, revoke, await testKey(p, 'stranger'))),
  ])
  deepEqual(report.refused.map(one => one.kind).sort(), [
    'certificate',
    'certificate',
    'grant',
    'policy',
    'revoke',
  ])
  deepEqual(
    report.waiting.map(one => one.kind),
    ['escrow'],
  )
  deepEqual(
    (await listDevices(sql, fleet)).map(device => [device.device, device.revokedAtMs]),
    [[server.id, undefined]],
  )
  deepEqual(await recordsOf(sql, fleet, 'policy'), [])
})

test('a commit in the packs that its device did not sign is no snapshot', async () => {
  const tree = await sampleTree(random)
  const forged = await sampleCommit(sampleFleet, server, tree.root, { device: laptop.id })
  const objects = (await snapshot(laptop)).slice(0, -1)
  const frame: Frame = { domain: laptop.id, id: forged.id, type: 'record', stored: forged.stored }
  const pages = tree.objects.map(({ id, stored, children }) => ({
    ...{ domain: laptop.id, id, stored },
    type: children.length === 0 ? ('segment' as const) : ('page' as const),
  }))
  const { sql, report } = await rebuiltFrom([
    founding,
    ...(await enrolment(laptop)),
    ...objects,
    ...pages,
    frame,
  ])
  equal(report.refusedCommits, 1)
  deepEqual(await listSnapshots(sql, fleet, laptop.id, { unpublished: true }), [])
})

test('a device cannot date its commits: they came in while their pack was open', async () => {
  const day = 86_400_000
  for (const [claimed, expected] of [
    [testNowMs - 900 * day, testNowMs],
    [testNowMs + 500, testNowMs + 500],
    [testNowMs + 900 * day, testNowMs + day],
  ] as const) {
    const frames = [founding, ...(await enrolment(laptop)), ...(await snapshot(laptop, claimed))]
    const { sql } = await rebuiltFrom(frames, testNowMs + day)
    equal((await latestSnapshot(sql, fleet, laptop.id))?.receivedAtMs, expected)
  }
})

test('without any Trust document devices and their snapshots are still found', async () => {
  const frames = [...(await enrolment(laptop)), ...(await snapshot(laptop))]
  const { report } = await rebuiltFrom(frames)
  deepEqual([report.devices, report.snapshots, report.unproven], [1, 1, [laptop.id]])
})

test('live admission and a rebuild write the same rows', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop, server)
  await backUp(vault.ingest, laptop, await sampleTree(random))
  await vault.close()
  const sql = openSqlite(':memory:')
  await rebuild({ p, store: vault.store, sql, clock: vault.clock, vault: firstVault, monotonic: () => 0 })
  for (const device of [laptop, server]) {
    deepEqual(await deviceById(sql, fleet, device.id), await deviceById(vault.sql, fleet, device.id))
  }
  // The retention clock begins anew in a new catalog; receipts keep what it said.
  const snapshots = async (of: typeof sql) =>
    (await listSnapshots(of, fleet, undefined)).map(({ heldSinceMs: _, ...rest }) => rest)
  deepEqual(await snapshots(sql), await snapshots(vault.sql))
})

test('groups, assignments, jobs and reports are believed again after a rebuild', async () => {
  // They stood in no list of kinds once, and a rebuild left them unjudged: every device fell out of its group.
  const order = (more = {}) => newOrder(p, sampleFleet.trust, testNowMs, more)
  const id = new Uint8Array(16).fill(3)
  const group: Group = { kind: 'group', order: order(), id, name: 'g', parent: undefined, retired: false }
  const assignment: Assignment = { kind: 'assignment', order: order(), devices: [laptop.id], group: id }
  const job: Job = {
    order: order({ expiresAtMs: testNowMs + 1, audience: [id] }),
    kind: 'backup',
    sealed: id,
  }
  const said: JobReport = {
    ...{ fleet, device: laptop.id, job: job.order.id, state: 'done', code: '', sealed: id, atMs: 1 },
  }
  const { sql } = await rebuiltFrom([
    await record(fleetDomain, sampleFleet.trust.envelope),
    await record(fleetDomain, laptop.grantEnvelope),
    await record(laptop.id, laptop.certificateEnvelope),
    await record(fleetDomain, await signGroup(p, group, sampleFleet.admin)),
    await record(fleetDomain, await signAssignment(p, assignment, sampleFleet.admin)),
    await record(fleetDomain, await signJob(p, job, sampleFleet.admin)),
    await record(laptop.id, await signReport(p, said, laptop.key)),
    // Nobody's word.
    await record(laptop.id, await signReport(p, { ...said, code: 'x' }, server.key)),
    await record(fleetDomain, await signGroup(p, group, await testKey(p, 'stranger'))),
  ])
  for (const kind of ['group', 'assignment', 'job', 'report'] as const) {
    equal((await recordsOf(sql, fleet, kind)).length, 1, kind)
  }
})
