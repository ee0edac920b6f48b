import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { testDevice, testKey, testPolicy } from '@backstay/proto/trust/testing/fleet'
import type { Body } from '@backstay/proto/wire/frame'
import { nextFrame } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame } from '@backstay/proto/wire/wire'
import { sampleEscrow } from '../testing/sample-objects.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { sampleGateway } from './testing/sample-gateway.ts'
import { backUp, rawSession, withAdmins } from './testing/sessions.ts'

test('a device lists its own records and no others, an admin those of one device or all', async () => {
  await using world = await sampleGateway()
  const own = new Map<DeviceId, readonly ObjectId[]>()
  for (const device of [laptop, server]) {
    await using session = await world.enroll(device)
    const id = await session.putRecord(await sampleEscrow(sampleFleet, device))
    const listed = async (kind: 'escrow' | 'policy' | 'trust' | 'certificate', of?: DeviceId) =>
      (await Array.fromAsync(session.listRecords(kind, of))).map(record => record.id)
    assert.deepEqual(await listed('escrow'), [id])
    assert.deepEqual(await listed('escrow', device.id), [id])
    const certificates = await Array.fromAsync(session.listRecords('certificate'))
    assert.deepEqual(
      certificates.map(({ envelope }) => envelope),
      [device.certificateEnvelope],
    )
    // Those of the fleet come with Welcome, as far as they are this device's business.
    assert.deepEqual([await listed('policy'), await listed('trust')], [[], []])
    own.set(device.id, [id])
    const other = device === laptop ? server : laptop
    await assert.rejects(listed('escrow', other.id), { code: 'wrong_role' })
  }
  await using admin = await world.admin()
  const listed = async (kind: 'escrow' | 'trust', of?: DeviceId) =>
    (await Array.fromAsync(admin.listRecords(kind, of))).map(record => record.id)
  assert.deepEqual(await listed('escrow'), [...own.values()].flat())
  for (const [device, ids] of own) assert.deepEqual(await listed('escrow', device), ids)
  assert.equal((await listed('trust')).length, 1)
  assert.deepEqual(await listed('trust', laptop.id), [])
})

test('what an admin reads that opens backups is in the log; what a device reads of its own is not', async () => {
  await using world = await sampleGateway()
  const { objects } = await backUp(world)
  const [first] = objects
  assert.ok(first)
  await using own = await world.device(laptop)
  await Array.fromAsync(own.listRecords('escrow'))
  await Array.fromAsync(own.get([first.id]))
  await using admin = await world.admin()
  await Array.fromAsync(admin.get([first.id], laptop.id))
  await Array.fromAsync(admin.get([first.id], laptop.id))
  await Array.fromAsync(admin.listRecords('escrow', laptop.id))
  await Array.fromAsync(admin.listRecords('keyring'))
  await Array.fromAsync(admin.listRecords('policy'))
  const by = `admin:${hex(await p.sha256(sampleFleet.admin.publicKey))}`
  const read = (await world.auditLog.entries({ limit: 20 })).filter(({ action }) => action.endsWith('-read'))
  assert.deepEqual(read.map(({ actor, action, device }) => [actor, action, device]).toReversed(), [
    [by, 'objects-read', laptop.id],
    [by, 'escrow-read', laptop.id],
    [by, 'keyring-read', undefined],
  ])
})

test('roles: every member may do what his role says and nothing else', async () => {
  const admins = await Promise.all(
    (['policy', 'restore', 'enroll', 'audit'] as const).map(async role => ({
      role,
      key: await testKey(p, `admin ${role}`),
    })),
  )
  await using world = await sampleGateway()
  const { objects } = await backUp(world)
  const [first] = objects
  assert.ok(first)
  const trust = await withAdmins(world, admins)
  const requests: Record<string, Body> = {
    have: { kind: 'have', ids: [first.id] },
    put: { kind: 'put', stored: first.stored },
    publish: { kind: 'publish', stored: first.stored },
    getOwn: { kind: 'get', ids: [first.id], device: undefined },
    getOther: { kind: 'get', ids: [first.id], device: laptop.id },
    policies: {
      kind: 'listRecords',
      payloadType: 'application/vnd.backstay.policy.v1+proto',
      device: undefined,
    },
    escrows: {
      kind: 'listRecords',
      payloadType: 'application/vnd.backstay.escrow.v1+proto',
      device: laptop.id,
    },
    devices: { kind: 'listDevices', after: undefined, limit: 0 },
    snapshots: { kind: 'listSnapshots', device: laptop.id, limit: 0, beforeSequence: 0 },
    putEscrow: { kind: 'putRecord', envelope: await sampleEscrow(sampleFleet, laptop) },
    putPolicy: { kind: 'putRecord', envelope: await testPolicy(p, sampleFleet) },
    putGrant: { kind: 'putRecord', envelope: (await testDevice(p, sampleFleet, 'tablet')).grantEnvelope },
    putCertificate: { kind: 'putRecord', envelope: server.certificateEnvelope },
  }
  const all = ['policies', 'devices', 'snapshots']
  const may: Record<string, readonly string[]> = {
    device: ['have', 'put', 'publish', 'getOwn', 'getOther', 'policies', 'escrows', 'snapshots', 'putEscrow'],
    owner: [...all, 'getOther', 'escrows', 'putPolicy', 'putGrant'],
    policy: [...all, 'putPolicy'],
    restore: [...all, 'getOther', 'escrows'],
    enroll: [...all, 'putGrant'],
    audit: all,
  }
  const speakers = [
    { role: 'device', speaker: 'device', key: laptop.key } as const,
    { role: 'owner', speaker: 'admin', key: sampleFleet.owner } as const,
    ...admins.map(admin => ({ ...admin, speaker: 'admin' as const })),
  ]
  for (const { role, speaker, key } of speakers) {
    const { client } = await rawSession(world, speaker, key)
    const allowed: string[] = []
    for (const [index, [name, body]] of Object.entries(requests).entries()) {
      await client.send(encodeFrame({ request: index + 1, body }))
      if (!(await isRefused(client))) allowed.push(name)
    }
    assert.deepEqual(allowed.sort(), [...(may[role] ?? [])].sort(), role)
    client.close()
  }
  assert.ok(trust.document.version === 2)
})

async function isRefused(client: Parameters<typeof nextFrame>[0]): Promise<boolean> {
  for (;;) {
    const { body } = decodeFrame(await nextFrame(client))
    if (body.kind === 'refused') return body.code === 'wrong_role'
    if (['done', 'published', 'missing', 'stored'].includes(body.kind)) return false
  }
}
