import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId } from '@backstay/proto/object/id'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import {
  testDevice,
  testFleet,
  testKey,
  testPolicy,
  testTrustDocument,
} from '@backstay/proto/trust/testing/fleet'
import { signTrust } from '@backstay/proto/trust/trust'
import { type MemoryCableOptions, memoryCable } from '@backstay/proto/wire/memory-transport'
import { refusalOf } from '@backstay/proto/wire/refusal'
import type { Transport } from '@backstay/proto/wire/transport'
import { connectAdmin, connectDevice, connectFounder, connectNewcomer } from './connect.ts'
import { type Heard, playCollector, type Script } from './testing/scripted-collector.ts'

const fleet = await testFleet(p)
const device = await testDevice(p, fleet, 'laptop')
const clock = simulatedClock()

/** A transport whose every address leads to the script. */
function leadsTo(script: Partial<Script> = {}, cable: Partial<MemoryCableOptions> = {}) {
  const heard: Promise<Heard>[] = []
  const transport: Transport = {
    async connect() {
      const { client, server } = memoryCable({ channelBinding: p.random(32), ...cable })
      const playing = playCollector(server, { primitives: p, key: fleet.collector, ...script })
      playing.catch(() => undefined)
      heard.push(playing)
      return client
    },
  }
  return { transport, heard }
}

const base = { urls: ['wss://one'], primitives: p, clock, software: 'test 1' }
const member = { ...base, trust: fleet.trust, signingKey: device.key }
const newcomer = { ...base, pins: [], fleet: fleet.trust.fleet, signingKey: device.key }

test('a device says who it is and what it knows, and learns what the collector knows', async () => {
  const head = { sequence: 7, id: 'ab'.repeat(32) as ObjectId }
  const policy = await testPolicy(p, fleet)
  const { transport, heard } = leadsTo({ welcome: { head, orders: [policy], nowMs: 5 } })
  const session = await connectDevice({ ...member, transport, head })
  const { hello } = (await heard[0]) as Heard
  assert.deepEqual(
    [hello.speaker, hello.head, hello.trustVersion, hello.software],
    ['device', head, 1, 'test 1'],
  )
  assert.equal(hello.fleet, fleet.trust.fleet)
  assert.deepEqual(session.welcome, {
    ...{ trust: [], orders: [policy], headSequence: 7, head: head.id, nowMs: 5 },
    ...{ nextRatchet: undefined, log: undefined, collectorKey: fleet.collector.publicKey },
  })
  await session.close()
  const admin = leadsTo()
  await connectAdmin({ ...member, signingKey: fleet.admin, transport: admin.transport })
  assert.equal(((await admin.heard[0]) as Heard).hello.speaker, 'admin')
})

test('a collector that Trust does not name gets no proof', async () => {
  const { transport, heard } = leadsTo({ key: await testKey(p, 'impostor') })
  await assert.rejects(connectDevice({ ...member, transport }), { code: 'wrong_collector', remedy: 'stop' })
  await assert.rejects(heard[0] as Promise<Heard>, { code: 'link_cut' })
})

test('a relay between two TLS channels is found out', async () => {
  const { transport } = leadsTo({}, { channelBinding: [p.random(32), p.random(32)] })
  await assert.rejects(connectDevice({ ...member, transport }), { code: 'wrong_channel' })
  const trust = { welcome: { trust: [fleet.trust.envelope] } }
  const relay = leadsTo(trust, { channelBinding: [p.random(32), p.random(32)] })
  await assert.rejects(
    connectNewcomer({ ...newcomer, transport: relay.transport }).enroll(
      device.grantEnvelope,
      device.certificateEnvelope,
    ),
    { code: 'wrong_channel' },
  )
})

test('a newcomer enrols only where the Trust of its token rules', async () => {
  const enroll = (script: Partial<Script>) => {
    const { transport, heard } = leadsTo(script)
    const done = connectNewcomer({ ...newcomer, transport }).enroll(
      device.grantEnvelope,
      device.certificateEnvelope,
    )
    return { done, heard }
  }
  const good = enroll({ welcome: { trust: [fleet.trust.envelope] } })
  await (await good.done).close()
  const { frames } = (await good.heard[0]) as Heard
  assert.deepEqual(frames[0]?.body, {
    kind: 'enroll',
    grant: device.grantEnvelope,
    certificate: device.certificateEnvelope,
  })
  // The collector's own Trust, with its own readers: another fleet.
  const salt = new Uint8Array(16).fill(1)
  const swapped = await signTrust(p, await testTrustDocument(p, { salt }), [fleet.owner])
  await assert.rejects(enroll({ welcome: { trust: [swapped] } }).done, { code: 'wrong_fleet' })
  await assert.rejects(enroll({ welcome: { trust: [] } }).done, { code: 'trust_gap' })
  // The right Trust in the mouth of a collector that it does not name.
  const other = { key: await testKey(p, 'impostor'), welcome: { trust: [fleet.trust.envelope] } }
  await assert.rejects(enroll(other).done, { code: 'wrong_collector' })
})

test('a founder shows the set-up code to the collector that printed it and to no other', async () => {
  const setupCode = new Uint8Array(16).fill(3)
  const founder = { ...newcomer, signingKey: fleet.owner, collectorKey: fleet.collector.publicKey }
  const good = leadsTo()
  const records = [fleet.trust.envelope]
  await connectFounder({ ...founder, transport: good.transport }).found(setupCode, records)
  assert.deepEqual(((await good.heard[0]) as Heard).frames[0]?.body, { kind: 'found', setupCode, records })
  const bad = leadsTo({ key: await testKey(p, 'impostor') })
  await assert.rejects(connectFounder({ ...founder, transport: bad.transport }).found(setupCode, records), {
    code: 'wrong_collector',
  })
  await assert.rejects(bad.heard[0] as Promise<Heard>, { code: 'link_cut' })
})

test('a refusal is told with what to do about it', async () => {
  const { transport } = leadsTo({ refuse: refusalOf(new Failure('not_admitted', '')) })
  await assert.rejects(connectDevice({ ...member, transport }), { code: 'not_admitted', remedy: 'stop' })
})

test('the next address is tried when one cannot be reached, and all reasons are told', async () => {
  const tried: string[] = []
  const good = leadsTo()
  const flaky = (fails: Readonly<Record<string, Failure>>): Transport => ({
    async connect(url, pins, signal) {
      tried.push(url)
      const failure = fails[url]
      if (failure) throw failure
      return good.transport.connect(url, pins, signal)
    },
  })
  const away = (name: string) => new Failure('unreachable', `no way to ${name}`, { remedy: 'retry' })
  const urls = ['wss://one', 'wss://two', 'wss://three']
  const wrongPin = new Failure('wrong_pin', 'another key')
  const first = flaky({ 'wss://one': away('one'), 'wss://two': wrongPin })
  await (await connectDevice({ ...member, urls, transport: first })).close()
  assert.deepEqual(tried, urls)

  const none = flaky({ 'wss://one': away('one'), 'wss://two': away('two'), 'wss://three': away('three') })
  await assert.rejects(connectDevice({ ...member, urls, transport: none }), {
    code: 'unreachable',
    remedy: 'retry',
    message: 'no way to one; no way to two; no way to three',
  })
  // An impostor is worth more words than a server that is down.
  const worse = flaky({ 'wss://one': away('one'), 'wss://two': wrongPin, 'wss://three': away('three') })
  await assert.rejects(connectDevice({ ...member, urls, transport: worse }), { code: 'wrong_pin' })
  await assert.rejects(connectDevice({ ...member, urls: [], transport: none }), { code: 'unreachable' })
})

test('a collector that falls silent in the handshake does not hold us', async () => {
  const time = simulatedClock()
  const transport: Transport = { connect: async () => memoryCable({ channelBinding: p.random(32) }).client }
  const connecting = assert.rejects(connectDevice({ ...member, clock: time, transport }), {
    code: 'handshake_timeout',
    remedy: 'retry',
  })
  await time.advance(30_000)
  await connecting
  assert.equal(time.sleeping, 0)
})

test('connecting ends when the signal says so, without trying further addresses', async () => {
  const stop = new AbortController()
  let tries = 0
  const transport: Transport = {
    async connect() {
      tries++
      return memoryCable({ channelBinding: p.random(32) }).client
    },
  }
  const urls = ['wss://one', 'wss://two']
  const connecting = assert.rejects(
    connectDevice({ ...member, urls, transport, signal: stop.signal }),
    /enough/,
  )
  setImmediate(() => stop.abort(new Error('enough')))
  await connecting
  assert.equal(tries, 1)
})

test('a collector behind a TLS balancer is refused until we can bind to it', async () => {
  const one = {
    key: fleet.collector.publicKey,
    spkiPins: [new Uint8Array(32)],
    binding: 'tls_end_point',
  } as const
  const behind = await testFleet(p, { collectors: [one] })
  const { transport } = leadsTo()
  await assert.rejects(connectDevice({ ...member, trust: behind.trust, transport }), {
    code: 'unsupported_binding',
  })
})
