import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectDevice } from '@backstay/agent/link/connect'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { newOrder } from '@backstay/proto/trust/order'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { Hello } from '@backstay/proto/wire/frame'
import { memoryCable } from '@backstay/proto/wire/memory-transport'
import { noRatchet } from '@backstay/proto/wire/ratchet'
import { nextFrame } from '@backstay/proto/wire/transport'
import { decodeFrame } from '@backstay/proto/wire/wire'
import { silentLog } from '../log.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { openGateway } from './gateway.ts'
import { sampleGateway, strangerKey } from './testing/sample-gateway.ts'
import { endOf, handshake, helloOf } from './testing/sessions.ts'

const dayMs = 86_400_000

test('unknown, revoked, badly proved and foreign keys are refused alike', async () => {
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  await using admin = await world.admin()
  await admin.putRecord(await revoking(laptop.id))
  const hello = await helloOf('device', laptop.key)
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
  const hello = await helloOf('admin', sampleFleet.admin)
  const codes: string[] = []
  for (let i = 0; i < 7; i++) {
    const last = (await handshake(world, hello, strangerKey)).at(-1)?.body
    codes.push(last?.kind === 'refused' ? last.code : 'admitted')
  }
  assert.deepEqual(codes, [...new Array(5).fill('not_admitted'), 'too_many_attempts', 'too_many_attempts'])
  await world.clock.advance(60_000)
  await (await world.admin()).close()
})
