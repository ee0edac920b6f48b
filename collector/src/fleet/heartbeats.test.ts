import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Session } from '@backstay/agent/link/session'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodeEnvelope, encodeEnvelope } from '@backstay/proto/trust/envelope'
import type { Heartbeat } from '@backstay/proto/trust/heartbeat'
import { newOrder } from '@backstay/proto/trust/order'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { testFleet, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { testHeartbeat } from '@backstay/proto/trust/testing/heartbeat'
import { heartbeatsPerMinute } from '@backstay/proto/wire/limits'
import { faultySql } from '../catalog/faulty-sql.ts'
import { heartbeatsOf } from '../catalog/heartbeats.ts'
import { type SampleGateway, sampleGateway } from '../link/testing/sample-gateway.ts'
import { Faults } from '../packs/faults.ts'
import { laptop, sampleFleet, server } from '../testing/sample-vault.ts'
import { keepHeartbeats } from './heartbeats.ts'

const said = (changes: Partial<Heartbeat> = {}, device = laptop) =>
  testHeartbeat(p, sampleFleet, device, changes)

async function rowOf(world: SampleGateway, device = laptop) {
  await using admin = await world.admin()
  const rows = await Array.fromAsync(admin.listDevices())
  return rows.find(row => Buffer.from(row.certificate).equals(device.certificateEnvelope))
}

const codeOf = (sending: Promise<unknown>): Promise<string> =>
  sending.then(
    () => 'heard',
    error => (isFailure(error) ? error.code : String(error)),
  )

async function enrolled(world: SampleGateway, device = laptop): Promise<Session> {
  return world.enroll(device)
}

test('an admin sees the newest heartbeat of a device as it was signed, and since when it is there', async () => {
  await using world = await sampleGateway()
  const session = await enrolled(world)
  assert.equal((await rowOf(world))?.heartbeat, undefined)
  const envelope = await said({ number: 5 })
  assert.equal(await session.heartbeat(envelope), testNowMs)
  await world.clock.advance(30_000)
  const row = await rowOf(world)
  assert.deepEqual(row?.heartbeat, envelope)
  assert.deepEqual([row?.heardAtMs, row?.online, row?.onlineSinceMs], [testNowMs, true, testNowMs])
  await session.close()
  await world.clock.advance(0)
  const gone = await rowOf(world)
  assert.deepEqual([gone?.online, gone?.onlineSinceMs, gone?.lastSeenMs], [false, 0, testNowMs + 30_000])
})

test('what is no word of this device for this fleet is refused, and the one before stays', async () => {
  await using world = await sampleGateway()
  await using session = await enrolled(world)
  const good = await said({ number: 10 })
  await session.heartbeat(good)
  const other = await testFleet(p, { fleetName: 'another' })
  const signed = decodeEnvelope(await said({ number: 11 }))
  const cases: Record<string, [Uint8Array, string]> = {
    'another device': [await said({ number: 11 }, server), 'bad_signature'],
    'another fleet': [await testHeartbeat(p, other, laptop, { number: 11 }), 'wrong_fleet'],
    'the same again': [good, 'stale_heartbeat'],
    'an older one': [await said({ number: 9 }), 'stale_heartbeat'],
    'a signature for another kind': [
      encodeEnvelope({ ...signed, payloadType: 'application/vnd.backstay.commit.v1+proto' }),
      'wrong_kind',
    ],
    'a changed payload': [
      encodeEnvelope({ ...signed, payload: signed.payload.map((byte, at) => (at === 70 ? byte ^ 1 : byte)) }),
      'bad_signature',
    ],
  }
  for (const [name, [envelope, code]] of Object.entries(cases)) {
    assert.equal(await codeOf(session.heartbeat(new Uint8Array(envelope))), code, name)
  }
  assert.deepEqual((await rowOf(world))?.heartbeat, good)
  // The session has not suffered.
  assert.equal((await session.missing([])).size, 0)
  assert.equal(await codeOf(session.heartbeat(await said({ number: 11, sentAtMs: 8.64e15 }))), 'heard')
})

test('an admin has no heart, and a heartbeat is no record', async () => {
  await using world = await sampleGateway()
  await using session = await enrolled(world)
  await using admin = await world.admin()
  assert.equal(await codeOf(admin.heartbeat(await said())), 'wrong_role')
  assert.equal(await codeOf(session.putRecord(await said())), 'wrong_role')
})

test('a frame of more than a heartbeat ends the session; more than one a second is only refused', async () => {
  await using world = await sampleGateway()
  await using session = await enrolled(world)
  const codes: string[] = []
  for (let number = 1; number <= heartbeatsPerMinute + 2; number++) {
    codes.push(await codeOf(session.heartbeat(await said({ number }))))
  }
  assert.deepEqual(new Set(codes.slice(0, heartbeatsPerMinute)), new Set(['heard']))
  assert.deepEqual(codes.slice(heartbeatsPerMinute), ['too_many_heartbeats', 'too_many_heartbeats'])
  await world.clock.advance(1_000)
  assert.equal(await codeOf(session.heartbeat(await said({ number: 100 }))), 'heard')
  assert.equal(await codeOf(session.heartbeat(new Uint8Array(5000))), 'bad_frame')
})

test('heartbeats outlive a restart of the collector; a catalog made anew knows none until the next', async () => {
  await using world = await sampleGateway()
  const session = await enrolled(world)
  const envelope = await said({ number: 3 })
  await session.heartbeat(envelope)
  const stored = () => heartbeatsOf(world.vault.sql, sampleFleet.trust.fleet)
  await world.clock.advance(15_000)
  assert.equal((await stored()).length, 0, 'the next is on its way')
  await session.close()
  await world.clock.advance(15_000)
  assert.deepEqual(await stored(), [{ device: laptop.id, envelope, heardAtMs: testNowMs }])
  const options = { p, sql: world.vault.sql, clock: world.clock, fleet: () => sampleFleet.trust.fleet }
  const again = await keepHeartbeats(options)
  assert.deepEqual(again.newest().get(laptop.id)?.envelope, envelope)
  await assert.rejects(again.take(laptop.id, envelope), { code: 'stale_heartbeat' })
  await world.vault.sql.run('delete from heartbeats')
  assert.equal((await keepHeartbeats(options)).newest().size, 0)
})

test('a device that stays connected is written down every other minute', async () => {
  await using world = await sampleGateway()
  await using session = await enrolled(world)
  for (let minute = 1; minute <= 3; minute++) {
    await session.heartbeat(await said({ number: minute }))
    await world.clock.advance(60_000)
  }
  const [row] = await heartbeatsOf(world.vault.sql, sampleFleet.trust.fleet)
  assert.ok(row !== undefined && row.heardAtMs > testNowMs)
})

test('a catalog that fails loses no heartbeat, and a damaged one stops nothing', async () => {
  await using world = await sampleGateway()
  await using session = await enrolled(world)
  let isFull = false
  const fate = { done: 'none', error: new Error('disk is full') } as const
  const faults = new Faults(({ kind }) => (isFull && kind === 'run' ? fate : undefined))
  const sql = faultySql(world.vault.sql, faults)
  const options = { p, sql, clock: world.clock, fleet: () => sampleFleet.trust.fleet }
  const heartbeats = await keepHeartbeats(options)
  await heartbeats.take(laptop.id, await said({ number: 2 }))
  isFull = true
  await assert.rejects(heartbeats.write(() => false))
  isFull = false
  await heartbeats.write(() => false)
  assert.equal((await keepHeartbeats(options)).newest().size, 1)
  await sql.run('update heartbeats set envelope = ?', [new Uint8Array([1, 2, 3])])
  assert.equal((await keepHeartbeats(options)).newest().size, 0)
  assert.ok(session)
})

test('a revoked device is not heard any more', async () => {
  await using world = await sampleGateway()
  await using session = await enrolled(world)
  await using admin = await world.admin()
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  const revoke = { order, device: laptop.id, grantId: undefined, reason: 'lost' }
  await admin.putRecord(await signRevoke(p, revoke, sampleFleet.admin))
  assert.equal(await codeOf(session.heartbeat(await said({ number: 9 }))), 'revoked')
  const row = await rowOf(world)
  assert.deepEqual([row?.revoked, (row?.revokedAtMs ?? 0) > 0, row?.online], [true, true, false])
})
