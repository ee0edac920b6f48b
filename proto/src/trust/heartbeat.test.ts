import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concat } from '../bytes.ts'
import { nodePrimitives as p } from '../node.ts'
import { decodeEnvelope, encodeEnvelope, signEnvelope } from './envelope.ts'
import {
  accessMax,
  decodeHeartbeat,
  disksMax,
  encodeHeartbeat,
  type Heartbeat,
  heartbeatBytesMax,
  refusedMax,
  signHeartbeat,
  toldCheckpointBytesMax,
  troublesMax,
  verifyHeartbeat,
} from './heartbeat.ts'
import { testDevice, testFleet, testKey } from './testing/fleet.ts'
import { calmHeartbeat, testHeartbeat } from './testing/heartbeat.ts'
import { backstay } from './trust.pb.js'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007)
const fleet = await testFleet(p)
const laptop = await testDevice(p, fleet, 'laptop')
const server = await testDevice(p, fleet, 'server')
const sender = { fleet: fleet.trust.fleet, device: laptop.id, deviceKey: laptop.key.publicKey }

const ms = fc.nat(2 ** 31 - 1)
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/)
const line = fc.stringMatching(/^[ -~]{0,40}$/)
/** With a prototype, as what is decoded has one. */
const plainRecord = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true })
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const troubles = fc.array(plainRecord({ code: word, count: ms, forMs: ms }), { maxLength: troublesMax })
const heartbeats: fc.Arbitrary<Heartbeat> = plainRecord({
  fleet: fc.constant(fleet.trust.fleet),
  device: fc.constant(laptop.id),
  number: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  sentAtMs: fc.nat(8.64e15),
  agentVersion: line,
  platform: line,
  seenTrust: fc.nat(2 ** 31 - 1),
  standing: some(fc.uint8Array({ minLength: 32, maxLength: 32 })),
  refused: fc.array(plainRecord({ id: fc.uint8Array({ minLength: 16, maxLength: 16 }), code: word }), {
    maxLength: refusedMax,
  }),
  headSequence: ms,
  escrowEpoch: fc.nat(65_535),
  leaving: fc.boolean(),
  sinceCompleteMs: some(ms),
  unprotectedMs: some(ms),
  paused: some(plainRecord({ forMs: ms, leftMs: ms, by: fc.constantFrom('', 'Ada') })),
  waiting: fc.oneof(fc.constant(''), word),
  failure: fc.oneof(fc.constant(''), word),
  unread: troubles,
  roots: troubles,
  alarms: troubles,
  watch: some(
    plainRecord({ roots: ms, native: ms, polled: ms, absent: ms, folders: ms, unwatched: ms, missed: ms }),
  ),
  queue: some(plainRecord({ everything: fc.boolean(), folders: ms, objects: ms, bytes: ms })),
  running: some(plainRecord({ entries: ms, readBytes: ms, sentBytes: ms, forMs: ms })),
  vitals: some(
    plainRecord({
      system: line,
      model: line,
      disks: fc.array(plainRecord({ bytes: ms, freeBytes: ms }), { maxLength: disksMax }),
      memoryBytes: ms,
      memoryFreeBytes: ms,
      batteryPercent: some(fc.nat(100)),
      charging: fc.boolean(),
      uptimeMs: ms,
      agentMemoryBytes: ms,
      agentCpuMs: ms,
    }),
  ),
  checkpoint: some(fc.uint8Array({ minLength: 1, maxLength: toldCheckpointBytesMax })),
  forkedFrom: some(fc.uint8Array({ minLength: 1, maxLength: toldCheckpointBytesMax })),
  user: line,
  access: fc.array(plainRecord({ code: word, count: ms, forMs: ms }), { maxLength: accessMax }),
  keyProtection: fc.oneof(fc.constant(''), word),
})

test(`every heartbeat comes back as it was said, and fits its limit (SEED=${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(heartbeats, async heartbeat => {
      const envelope = await signHeartbeat(p, heartbeat, laptop.key)
      assert.ok(envelope.length <= heartbeatBytesMax, `${envelope.length}`)
      assert.deepEqual(await verifyHeartbeat(p, envelope, sender), heartbeat)
    }),
    { seed, numRuns: 60 },
  )
})

test('a field that is absent is none, and 0 is 0', () => {
  const calm = calmHeartbeat(fleet, laptop)
  const none = { ...calm, sinceCompleteMs: undefined, unprotectedMs: undefined, paused: undefined }
  const zero = { ...calm, sinceCompleteMs: 0, unprotectedMs: 0, paused: { forMs: 0, leftMs: 0, by: '' } }
  assert.deepEqual(decodeHeartbeat(encodeHeartbeat(none)), none)
  assert.deepEqual(decodeHeartbeat(encodeHeartbeat(zero)), zero)
})

test('only the device itself speaks for itself, with a signature made for heartbeats', async () => {
  const code = (envelope: Uint8Array, from = sender) =>
    verifyHeartbeat(p, new Uint8Array(envelope), from).then(
      () => 'believed',
      error => error.code,
    )
  const good = await testHeartbeat(p, fleet, laptop)
  assert.equal(await code(good), 'believed')
  // Another device, another fleet.
  assert.equal(await code(await testHeartbeat(p, fleet, server)), 'bad_signature')
  const stolen = await signHeartbeat(p, calmHeartbeat(fleet, server), laptop.key)
  assert.equal(await code(stolen), 'bad_heartbeat')
  const other = await testFleet(p, { fleetName: 'another' })
  assert.equal(await code(await testHeartbeat(p, other, laptop)), 'wrong_fleet')
  // A signature of the device for another kind, and a heartbeat where a commit is expected.
  const payload = encodeHeartbeat(calmHeartbeat(fleet, laptop))
  const asEscrow = await signEnvelope(p, 'escrow', payload, [laptop.key])
  assert.equal(await code(asEscrow), 'wrong_kind')
  const renamed = encodeEnvelope({
    ...decodeEnvelope(asEscrow),
    payloadType: decodeEnvelope(good).payloadType,
  })
  assert.equal(await code(renamed), 'bad_signature')
  // One signature, one encoding, nothing behind it.
  const { payload: said, payloadType, signatures } = decodeEnvelope(good)
  const twice = encodeEnvelope({ payload: said, payloadType, signatures: [...signatures, ...signatures] })
  assert.equal(await code(twice), 'bad_heartbeat')
  assert.equal(await code(concat(good, new Uint8Array([0x80, 1, 1]))), 'bad_envelope')
  const stranger = await testKey(p, 'stranger')
  assert.equal(await code(await signEnvelope(p, 'heartbeat', payload, [stranger])), 'bad_signature')
})

test('what is too large, too many or no word is refused before it costs anything', async () => {
  const calm = calmHeartbeat(fleet, laptop)
  const trouble = { code: 'io', count: 1, forMs: 1 }
  const bad: Record<string, Partial<Heartbeat>> = {
    'many reasons': { unread: Array.from({ length: troublesMax + 1 }, () => trouble) },
    'many refusals': {
      refused: Array.from({ length: refusedMax + 1 }, () => ({ id: new Uint8Array(16), code: 'expired' })),
    },
    'short order id': { refused: [{ id: new Uint8Array(15), code: 'expired' }] },
    'a path as a code': { alarms: [{ ...trouble, code: '/home/kim/taxes.pdf' }] },
    'a line that steers a terminal': { agentVersion: '\u001b[2J' },
    'number 0': { number: 0 },
    'battery of 101 %': {
      vitals: {
        ...{ system: '', model: '', disks: [], memoryBytes: 0, memoryFreeBytes: 0, charging: false },
        ...{ batteryPercent: 101, uptimeMs: 0, agentMemoryBytes: 0, agentCpuMs: 0 },
      },
    },
    'half a hash': { standing: new Uint8Array(16) },
  }
  for (const [name, changes] of Object.entries(bad)) {
    const payload = encodeHeartbeat({ ...calm, ...changes })
    assert.throws(() => decodeHeartbeat(payload), { code: 'bad_heartbeat' }, name)
  }
  // A million empty elements, and a negative duration.
  const crowd = backstay.trust.Heartbeat.encode({
    unread: Array.from({ length: 3000 }, () => ({})),
  }).finish()
  assert.throws(() => decodeHeartbeat(new Uint8Array(crowd)), { code: 'bad_heartbeat' })
  const backwards = backstay.trust.Heartbeat.encode({ number: 1, unprotectedMs: -1 }).finish()
  assert.throws(() => decodeHeartbeat(new Uint8Array(backwards)), { code: 'bad_heartbeat' })
  const huge = new Uint8Array(heartbeatBytesMax + 1)
  await assert.rejects(verifyHeartbeat(p, huge, sender), { code: 'bad_heartbeat' })
  assert.throws(() => decodeHeartbeat(new Uint8Array([0xff])), { code: 'bad_heartbeat' })
})
