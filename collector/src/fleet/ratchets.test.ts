import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Session } from '@backstay/agent/link/session'
import type { Bytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { noRatchet } from '@backstay/proto/wire/ratchet'
import { faultySql } from '../catalog/faulty-sql.ts'
import { type SampleGateway, sampleGateway } from '../link/testing/sample-gateway.ts'
import { Faults } from '../packs/faults.ts'
import { laptop, sampleFleet } from '../testing/sample-vault.ts'
import { clonedQuietMs } from './ratchet.ts'
import { keepRatchets } from './ratchets.ts'

/** Connects, and returns what it was given. */
async function connect(world: SampleGateway, ratchet: Bytes): Promise<Session> {
  return world.device(laptop, { ratchet })
}

const given = (session: Session): Bytes =>
  session.welcome.nextRatchet?.value ?? assert.fail('nothing was offered')

async function clonedSince(world: SampleGateway): Promise<number> {
  await using admin = await world.admin()
  const [row] = await Array.fromAsync(admin.listDevices())
  return row?.clonedSinceMs ?? assert.fail('there is a device')
}

const turnOfEvents = () => new Promise(resolve => setImmediate(resolve))

test('a device that goes on from one value to the next is one machine; who takes no part changes nothing', async () => {
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  let value = noRatchet
  for (let round = 0; round < 5; round++) {
    const session = await connect(world, value)
    value = given(session)
    assert.equal(session.welcome.nextRatchet?.clonedSinceMs, 0)
    await session.close()
    const reading = await world.device(laptop)
    assert.equal(reading.welcome.nextRatchet, undefined)
    await reading.close()
  }
  assert.equal(await clonedSince(world), 0)
})

test('two machines with one identity are found, both are served, and it ends after a quiet week', async () => {
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  const first = await connect(world, noRatchet)
  const copied = given(first)
  const original = await connect(world, copied)
  const sinceMs = world.clock.now()
  // The copy shows what was shown last: as if a Welcome had been lost.
  const copy = await connect(world, copied)
  assert.equal(copy.welcome.nextRatchet?.clonedSinceMs, 0)
  const again = await connect(world, given(original))
  assert.equal(again.welcome.nextRatchet?.clonedSinceMs, 0)
  const found = await connect(world, given(copy))
  assert.equal(found.welcome.nextRatchet?.clonedSinceMs, sinceMs)
  assert.equal(await clonedSince(world), sinceMs)
  await turnOfEvents()
  assert.equal((await again.missing([])).size, 0, 'the other session goes on')
  assert.equal((await found.missing([])).size, 0)
  assert.match(world.logged(), /two machines use one identity/)
  // A third one ends the oldest of them: two are served.
  const third = await connect(world, given(found))
  await turnOfEvents()
  assert.ok(again.ended.aborted && !found.ended.aborted && !third.ended.aborted)
  await world.clock.advance(clonedQuietMs)
  assert.equal(await clonedSince(world), 0)
})

test('only a proved device turns its ratchet', async () => {
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  const value = given(await connect(world, given(await connect(world, noRatchet))))
  const impostor = { ...laptop, key: sampleFleet.owner }
  await assert.rejects(world.device(impostor, { ratchet: noRatchet }), { code: 'not_admitted' })
  const session = await connect(world, value)
  assert.equal(session.welcome.nextRatchet?.clonedSinceMs, 0)
})

test('it outlives a restart, and a catalog that cannot be written keeps no device out', async () => {
  await using world = await sampleGateway()
  await (await world.enroll(laptop)).close()
  const used = given(await connect(world, noRatchet))
  await connect(world, given(await connect(world, used)))
  const { sql } = world.vault
  const options = { p, sql, clock: world.clock, fleet: () => sampleFleet.trust.fleet }
  const restarted = await keepRatchets(options)
  assert.equal(restarted.turn(laptop.id, used).isOld, true)
  await restarted.write(laptop.id)
  assert.notEqual((await keepRatchets(options)).clonedSinceMs(laptop.id), undefined)

  const fate = { done: 'none', error: new Error('disk is full') } as const
  const full = faultySql(sql, new Faults(({ kind }) => (kind === 'run' ? fate : undefined)))
  const { ratchets } = { ratchets: await keepRatchets({ ...options, sql: full }) }
  await using failing = await sampleGateway({ fleet: { ...world.fleet, ratchets } })
  await using session = await failing.device(laptop, { ratchet: noRatchet })
  assert.equal(session.welcome.nextRatchet, undefined)
})
