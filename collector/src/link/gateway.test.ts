import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectDevice } from '@backstay/agent/link/connect'
import type { Session } from '@backstay/agent/link/session'
import { equalBytes, hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { type DeviceId, idToBytes, type ObjectId, type Sealed } from '@backstay/proto/object/id'
import { signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { type JobReport, signReport } from '@backstay/proto/trust/report'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { testDevice, testKey, testNowMs, testPolicy } from '@backstay/proto/trust/testing/fleet'
import type { Body, Frame, Hello } from '@backstay/proto/wire/frame'
import { prove } from '@backstay/proto/wire/handshake'
import { memoryCable } from '@backstay/proto/wire/memory-transport'
import { noRatchet } from '@backstay/proto/wire/ratchet'
import { nextFrame } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame, type FrameBytes, frameBytesMax, joined } from '@backstay/proto/wire/wire'
import { silentLog } from '../log.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleObject, sampleTree } from '../testing/sample-objects.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { openGateway } from './gateway.ts'
import { type SampleGateway, sampleGateway, strangerKey } from './testing/sample-gateway.ts'

const random = seededRandom(7)
const dayMs = 86_400_000

/** Enrols, escrows, backs up one tree; returns its objects and the commit. */
async function backUp(world: SampleGateway, device = laptop) {
  await using session = await world.enroll(device)
  await session.putRecord(await sampleEscrow(sampleFleet, device))
  const tree = await sampleTree(random)
  const ids = tree.objects.map(object => object.id)
  assert.equal((await session.missing(ids)).size, ids.length)
  for (const { id, stored } of tree.objects) await session.put(id, stored)
  const commit = await sampleCommit(sampleFleet, device, tree.root)
  const published = await session.publish(commit.stored)
  assert.equal(published.id, commit.id)
  return { ...tree, commit }
}

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

test('unknown, revoked, badly proved and foreign keys are refused alike', async () => {
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  await using admin = await world.admin()
  await admin.putRecord(await revoking(laptop.id))
  const hello: Hello = {
    kind: 'hello',
    version: 1,
    speaker: 'device',
    fleet: sampleFleet.trust.fleet,
    keyId: await p.sha256(laptop.key.publicKey),
    nonce: p.random(32),
    head: undefined,
    trustVersion: 1,
    software: 'test',
    ratchet: undefined,
    witness: undefined,
  }
  const unknown = await p.sha256(strangerKey.publicKey)
  const adminId = await p.sha256(sampleFleet.admin.publicKey)
  const cases: readonly (readonly [string, Hello, typeof laptop.key])[] = [
    ['revoked', hello, laptop.key],
    ['unknown', { ...hello, keyId: unknown }, strangerKey],
    ['admin unknown', { ...hello, speaker: 'admin', keyId: unknown }, strangerKey],
    ['device that says it is an admin', { ...hello, speaker: 'admin' }, laptop.key],
    ['admin that says it is a device', { ...hello, keyId: adminId }, sampleFleet.admin],
    ['badly proved', { ...hello, speaker: 'admin', keyId: adminId }, strangerKey],
    ['another fleet', { ...hello, fleet: '77'.repeat(32) as Hello['fleet'] }, laptop.key],
  ]
  for (const [name, hello, key] of cases) {
    const frames = await handshake(world, hello, key)
    assert.deepEqual(
      frames.map(({ body }) => body.kind),
      ['challenge', 'refused'],
      name,
    )
    assert.deepEqual(frames[1]?.body, {
      kind: 'refused',
      code: 'not_admitted',
      detail: '',
      id: undefined,
      retryAfterMs: 0,
    })
  }
  // The same frames with the right key in the right place are let in.
  const good = await handshake(world, { ...hello, speaker: 'admin', keyId: adminId }, sampleFleet.admin)
  assert.equal(good[1]?.body.kind, 'welcome')
})

/** Speaks frame by frame, as an attacker might. */
async function handshake(world: SampleGateway, hello: Hello, key: typeof laptop.key): Promise<Frame[]> {
  const { client } = world.cable()
  client.allow(frameBytesMax)
  const helloFrame = encodeFrame({ request: 0, body: hello })
  await client.send(helloFrame)
  const first = decodeFrame(await nextFrame(client))
  if (first.body.kind !== 'challenge') return [first]
  const transcript = {
    hello: joined(helloFrame),
    challenge: first.body,
    opening: undefined,
    channelBinding: client.channelBinding,
  }
  const signature = await prove(p, key, transcript)
  await client.send(encodeFrame({ request: 0, body: { kind: 'proof', signature } }))
  const second = decodeFrame(await nextFrame(client))
  client.close()
  return [first, second]
}

function revoking(device: DeviceId): Promise<Uint8Array> {
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  return signRevoke(p, { order, device, grantId: undefined, reason: 'lost' }, sampleFleet.admin)
}

test('test 30, lost-device: revoking a device ends its session at once, leaves the others alone and makes its token useless', async () => {
  await using world = await sampleGateway()
  await using lost = await world.enroll(laptop)
  await using kept = await world.enroll(server)
  await using admin = await world.admin()
  await admin.putRecord(await revoking(laptop.id))
  assert.ok(isFailure(await endOf(lost), 'revoked'))
  await assert.rejects(world.device(laptop), { code: 'not_admitted' })
  await assert.rejects(world.enroll(laptop), { code: 'not_admitted' })
  assert.equal((await kept.missing(['00'.repeat(32) as ObjectId])).size, 1)
  const rows = await Array.fromAsync(admin.listDevices())
  assert.deepEqual(rows.map(row => row.revoked).sort(), [false, true])
})

test('a device that was let in and did not learn it may ask again after the end of its grant', async () => {
  // Killed before it had saved its identity, it stayed outside for good when its token ended before it came back.
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  await world.clock.advance(2 * dayMs)
  await (await world.enroll(laptop)).close()
  await assert.rejects(world.enroll(server), { code: 'expired' })
  await using admin = await world.admin()
  assert.equal((await Array.fromAsync(admin.listDevices())).length, 1)
})

test('a revocation that comes between handshake and welcome is not missed', async () => {
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  await using admin = await world.admin()
  const { sql, ingest, retrieve } = world.vault
  const racing = openGateway({
    p,
    clock: world.clock,
    key: sampleFleet.collector,
    fleet: {
      ...world.fleet,
      async claimOf(hello) {
        const claim = await world.fleet.claimOf(hello)
        await admin.putRecord(await revoking(laptop.id))
        return claim
      },
    },
    setup: { open: false, matches: async () => false, close: async () => undefined },
    sql,
    ingest,
    retrieve,
    auditLog: world.auditLog,
    log: silentLog,
  })
  const { client, server: end } = memoryCable({ channelBinding: p.random(32) })
  racing.accept(end)
  const session = connectDevice({
    urls: ['memory:'],
    primitives: p,
    clock: world.clock,
    transport: { connect: async () => client },
    trust: sampleFleet.trust,
    signingKey: laptop.key,
  })
  await assert.rejects(session, { code: 'revoked' })
  await racing.close()
})

/** Why a session ended. */
async function endOf({ ended }: Session): Promise<unknown> {
  if (!ended.aborted) await new Promise(resolve => ended.addEventListener('abort', resolve, { once: true }))
  return ended.reason
}

test('the newer session of a device replaces the older', async () => {
  await using world = await sampleGateway()
  await using first = await world.enroll(laptop)
  await using second = await world.device(laptop, { ratchet: noRatchet })
  assert.ok(isFailure(await endOf(first), 'replaced'))
  assert.equal((await second.missing(['00'.repeat(32) as ObjectId])).size, 1)
})

test('commands that only read stand beside the agent of their device, four of them', async () => {
  // A restore beside `backstay-agent run` was cut when the agent came back a second later.
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  await using agent = await world.device(laptop, { ratchet: noRatchet })
  const readers = [await world.device(laptop)]
  for (let more = 0; more < 3; more++) readers.push(await world.device(laptop))
  await using again = await world.device(laptop, { ratchet: agent.welcome.nextRatchet?.value ?? noRatchet })
  assert.ok(isFailure(await endOf(agent), 'replaced'))
  const [oldest, ...others] = readers
  assert.equal(oldest?.ended.aborted, false)
  readers.push(await world.device(laptop))
  assert.ok(oldest !== undefined && isFailure(await endOf(oldest), 'replaced'))
  for (const one of [again, ...others]) assert.equal(one.ended.aborted, false)
  for (const one of readers) await one.close()
})

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

test('an address may begin so many handshakes a minute, and those who are admitted do not count', async () => {
  await using world = await sampleGateway({ handshakesPerMinute: 3 })
  for (let i = 0; i < 10; i++) await (await world.admin()).close()
  for (let i = 0; i < 3; i++) world.cable('192.0.2.1')
  const { client } = world.cable('192.0.2.1')
  const refused = decodeFrame(await nextFrame(client)).body
  assert.ok(refused.kind === 'refused' && refused.code === 'too_many_handshakes' && refused.retryAfterMs > 0)
  // From elsewhere it goes on, and here after a while.
  await (await world.admin()).close()
  await world.clock.advance(60_000)
  const later = world.cable('192.0.2.1')
  await later.client.send([new Uint8Array([1])])
  const answer = decodeFrame(await nextFrame(later.client)).body
  assert.ok(answer.kind === 'refused' && answer.code === 'bad_frame')
})

test('a handshake that does not go on is cut', async () => {
  await using world = await sampleGateway()
  const { client } = world.cable()
  const answer = nextFrame(client)
  await world.clock.advance(5_000)
  const { body } = decodeFrame(await answer)
  assert.ok(body.kind === 'refused' && body.code === 'handshake_timeout')
  await assert.rejects(nextFrame(client), { code: 'link_cut' })
})

test('a key that is badly proved too often waits, but only where that happened', async () => {
  await using world = await sampleGateway()
  const hello: Hello = {
    kind: 'hello',
    version: 1,
    speaker: 'admin',
    fleet: sampleFleet.trust.fleet,
    keyId: await p.sha256(sampleFleet.admin.publicKey),
    nonce: p.random(32),
    head: undefined,
    trustVersion: 1,
    software: 'test',
    ratchet: undefined,
    witness: undefined,
  }
  const codes: string[] = []
  for (let i = 0; i < 7; i++) {
    const last = (await handshake(world, hello, strangerKey)).at(-1)?.body
    codes.push(last?.kind === 'refused' ? last.code : 'admitted')
  }
  assert.deepEqual(codes, [...new Array(5).fill('not_admitted'), 'too_many_attempts', 'too_many_attempts'])
  await world.clock.advance(60_000)
  await (await world.admin()).close()
})

test('what cannot be read, or was not to be said, ends a session with its reason', async () => {
  await using world = await sampleGateway()
  const cases: readonly (readonly [string, FrameBytes])[] = [
    ['bad_frame', [new Uint8Array([1, 2, 3])]],
    [
      'unexpected_frame',
      encodeFrame({ request: 0, body: { kind: 'listDevices', after: undefined, limit: 0 } }),
    ],
  ]
  for (const [code, frame] of cases) {
    const { client } = await rawSession(world)
    await client.send(frame)
    const { request, body } = decodeFrame(await nextFrame(client))
    assert.ok(request === 0 && body.kind === 'refused' && body.code === code)
    await assert.rejects(nextFrame(client), { code: 'link_cut' })
  }
  // An answer instead of a question is refused and harms nobody.
  const { client } = await rawSession(world)
  await client.send(encodeFrame({ request: 1, body: { kind: 'done', count: 0 } }))
  const { body } = decodeFrame(await nextFrame(client))
  assert.ok(body.kind === 'refused' && body.code === 'unexpected_frame')
})

/** The client's end of an admitted connection. */
async function rawSession(
  world: SampleGateway,
  speaker: Hello['speaker'] = 'admin',
  key = sampleFleet.admin,
) {
  const { client } = world.cable()
  client.allow(frameBytesMax)
  const hello = encodeFrame({
    request: 0,
    body: {
      kind: 'hello',
      version: 1,
      speaker,
      fleet: sampleFleet.trust.fleet,
      keyId: await p.sha256(key.publicKey),
      nonce: p.random(32),
      head: undefined,
      trustVersion: 1,
      software: 'test',
      ratchet: undefined,
      witness: undefined,
    },
  })
  await client.send(hello)
  const { body: challenge } = decodeFrame(await nextFrame(client))
  assert.ok(challenge.kind === 'challenge')
  const signature = await prove(p, key, {
    hello: joined(hello),
    challenge,
    opening: undefined,
    channelBinding: client.channelBinding,
  })
  await client.send(encodeFrame({ request: 0, body: { kind: 'proof', signature } }))
  const welcome = decodeFrame(await nextFrame(client)).body
  assert.equal(welcome.kind, 'welcome')
  return { client }
}

test('acknowledgements of one group commit leave in one frame', async () => {
  const waiting: (() => void)[] = []
  const ingest = fakeIngest(() => new Promise<void>(resolve => waiting.push(resolve)))
  await using world = await sampleGateway({ ingest })
  await (await world.enroll(laptop)).close()
  const { client } = await rawSession(world, 'device', laptop.key)
  for (let request = 1; request <= 100; request++) await client.send(putFrame(request))
  while (waiting.length < 100) await new Promise(resolve => setImmediate(resolve))
  for (const resolve of waiting) resolve()
  const { request, body } = decodeFrame(await nextFrame(client))
  assert.ok(request === 0 && body.kind === 'stored' && body.requests.length === 100)
})

test('a device that ignores its window is not read any further', async () => {
  let taken = 0
  const waiting: (() => void)[] = []
  const ingest = fakeIngest(() => {
    taken++
    return new Promise<void>(resolve => waiting.push(resolve))
  })
  await using world = await sampleGateway({ ingest, windowFrames: 8 })
  await (await world.enroll(laptop)).close()
  const { client } = await rawSession(world, 'device', laptop.key)
  for (let request = 1; request <= 50; request++) await client.send(putFrame(request))
  for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve))
  assert.equal(taken, 8)
  while (taken < 50) {
    for (const resolve of waiting.splice(0)) resolve()
    await new Promise(resolve => setImmediate(resolve))
  }
  for (const resolve of waiting.splice(0)) resolve()
  const done = new Set<number>()
  while (done.size < 50) {
    const { body } = decodeFrame(await nextFrame(client))
    assert.ok(body.kind === 'stored')
    for (const request of body.requests) done.add(request)
  }
})

test('a refused put names its request, and a crash behind it tells nothing', async () => {
  const failures = [
    new Failure('store_full', 'disk /var/secret is full'),
    new TypeError('secret of the code'),
  ]
  const ingest = fakeIngest(async () => {
    throw failures.shift()
  })
  await using world = await sampleGateway({ ingest })
  await (await world.enroll(laptop)).close()
  const { client } = await rawSession(world, 'device', laptop.key)
  for (const request of [5, 6]) await client.send(putFrame(request))
  const answers = [decodeFrame(await nextFrame(client)), decodeFrame(await nextFrame(client))]
  assert.deepEqual(
    answers.map(({ request, body }) => [request, body.kind === 'refused' && body.code]),
    [
      [5, 'store_full'],
      [6, 'internal'],
    ],
  )
  assert.match(world.logged(), /secret of the code/, 'but our own log has it')
})

function fakeIngest(store: () => Promise<void>) {
  return {
    async put() {
      await store()
      return '00'.repeat(32) as ObjectId
    },
    room: async () => undefined,
    missing: async () => [],
    publish: () => Promise.reject(new Error('not in this test')),
  }
}

function putFrame(request: number): FrameBytes {
  return encodeFrame({ request, body: { kind: 'put', stored: new Uint8Array(10) as Sealed } })
}

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

/** A second version of Trust, brought by the admin of the first. */
async function withAdmins(
  world: SampleGateway,
  admins: readonly {
    readonly role: 'policy' | 'restore' | 'enroll' | 'audit'
    readonly key: typeof laptop.key
  }[],
) {
  const { signTrust, verifyTrustChain } = await import('@backstay/proto/trust/trust')
  const { document, payloadHash } = sampleFleet.trust
  const [template] = document.admins
  assert.ok(template)
  const next = {
    ...document,
    version: 2,
    previous: payloadHash,
    admins: [
      ...document.admins,
      ...admins.map(({ role, key }) => ({ ...template, name: role, key: key.publicKey, roles: [role] })),
    ],
  }
  const envelope = await signTrust(p, next, [sampleFleet.owner])
  await using session = await world.admin()
  await session.putRecord(envelope)
  await assert.rejects(session.putRecord(envelope), { code: 'trust_rollback' })
  // Whoever comes with the first version is given the second.
  await using again = await world.admin()
  assert.deepEqual(again.welcome.trust, [envelope])
  return verifyTrustChain(p, [envelope], sampleFleet.trust)
}

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
