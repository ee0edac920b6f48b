import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Bytes, concat, fromHex } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import {
  type DeviceId,
  deviceId,
  type FleetId,
  fleetId,
  type ObjectId,
  objectId,
  type Sealed,
} from '../object/id.ts'
import type { Body, Frame, Kind, Speaker } from './frame.ts'
import { getIdsMax, haveIdsMax, objectFrameBytesMax, strangerFrameBytesMax } from './limits.ts'
import { writeOutline } from './outline.ts'
import { backstay } from './wire.pb.js'
import { decodeFrame, encodeFrame, type FrameBytes, joined } from './wire.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const runs = process.env.SLOW ? 5000 : 300

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const blob = fc.uint8Array({ minLength: 1, maxLength: 300 })
const id: fc.Arbitrary<ObjectId> = bytes(32).map(objectId)
const device: fc.Arbitrary<DeviceId> = bytes(16).map(deviceId)
const fleet: fc.Arbitrary<FleetId> = bytes(32).map(fleetId)
const sealed = blob.map(value => value as Sealed)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const number = fc.nat(2 ** 31)
const large = fc.maxSafeNat()
const head = maybe(fc.record({ sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), id }))
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,30}$/)
const line = fc.stringMatching(/^[\x20-\x7e]{0,60}$/)
const refused = fc.array(fc.record({ id: maybe(bytes(16)), code: word }), { maxLength: 5 })
const speaker = fc.constantFrom<Speaker>('device', 'admin', 'newcomer', 'founder')

const shownLog = fc.record({
  checkpoint: fc.uint8Array({ minLength: 1, maxLength: 1024 }),
  proof: fc.array(bytes(32), { maxLength: 54 }),
})

function kind<K extends Kind>(name: K) {
  return fc.constant(name)
}

const bodies: { readonly [K in Kind]: fc.Arbitrary<Body> } = {
  hello: fc.record({
    kind: kind('hello'),
    version: number,
    speaker,
    fleet,
    keyId: bytes(32),
    nonce: bytes(32),
    head,
    trustVersion: number,
    software: line,
    ratchet: maybe(bytes(32)),
    witness: maybe(fc.record({ checkpoint: maybe(fc.uint8Array({ minLength: 1, maxLength: 1024 })) })),
  }),
  challenge: fc.record({
    kind: kind('challenge'),
    version: number,
    nonce: bytes(32),
    keyId: bytes(32),
    signature: bytes(64),
  }),
  proof: fc.record({ kind: kind('proof'), signature: bytes(64) }),
  welcome: fc.record({
    kind: kind('welcome'),
    trust: fc.array(blob, { maxLength: 5 }),
    orders: fc.array(blob, { maxLength: 5 }),
    head,
    windowBytes: fc.nat(2 ** 20),
    windowFrames: fc.nat(4096),
    nowMs: large,
    nextRatchet: maybe(fc.record({ value: bytes(32), clonedSinceMs: large })),
    log: maybe(shownLog),
  }),
  enroll: fc.record({ kind: kind('enroll'), grant: blob, certificate: blob }),
  found: fc.record({
    kind: kind('found'),
    setupCode: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    records: fc.array(blob, { maxLength: 5 }),
  }),
  have: fc.record({ kind: kind('have'), ids: fc.array(id, { maxLength: 20 }) }),
  missing: fc.record({ kind: kind('missing'), bits: blob }),
  put: fc.record({ kind: kind('put'), stored: sealed }),
  stored: fc.record({ kind: kind('stored'), requests: fc.array(number, { maxLength: 50 }) }),
  get: fc.record({ kind: kind('get'), ids: fc.array(id, { maxLength: 20 }), device: maybe(device) }),
  object: fc.record({ kind: kind('object'), index: fc.nat(getIdsMax - 1), stored: maybe(sealed) }),
  done: fc.record({ kind: kind('done'), count: large }),
  publish: fc.record({ kind: kind('publish'), stored: sealed }),
  published: fc.record({ kind: kind('published'), id, receivedAtMs: large }),
  putRecord: fc.record({ kind: kind('putRecord'), envelope: blob }),
  listRecords: fc.record({ kind: kind('listRecords'), payloadType: line, device: maybe(device) }),
  record: fc.record({ kind: kind('record'), envelope: blob, id, receivedAtMs: large }),
  listDevices: fc.record({ kind: kind('listDevices'), after: maybe(device), limit: fc.nat(1000) }),
  device: fc.record({
    kind: kind('device'),
    row: fc.record({
      certificate: blob,
      grant: blob,
      enrolledAtMs: large,
      lastSeenMs: large,
      head: maybe(blob),
      headReceivedAtMs: large,
      revoked: fc.boolean(),
      storedBytes: large,
      lastCompleteAtMs: large,
      heartbeat: maybe(blob),
      heardAtMs: large,
      online: fc.boolean(),
      onlineSinceMs: large,
      revokedAtMs: large,
      escrowedAtMs: large,
      clonedSinceMs: large,
      obeyed: maybe(fc.record({ standing: bytes(32), refused, atMs: large })),
    }),
  }),
  listSnapshots: fc.record({
    kind: kind('listSnapshots'),
    device: maybe(device),
    limit: fc.nat(1000),
    beforeSequence: large,
  }),
  snapshot: fc.record({ kind: kind('snapshot'), id, stored: sealed, receivedAtMs: large }),
  refused: fc.record({ kind: kind('refused'), code: word, detail: line, id: maybe(id), retryAfterMs: large }),
  heartbeat: fc.record({ kind: kind('heartbeat'), envelope: blob }),
  heard: fc.record({ kind: kind('heard'), receivedAtMs: large }),
  orders: fc.record({ kind: kind('orders'), envelopes: fc.array(blob, { maxLength: 5 }) }),
  obeyed: fc.record({ kind: kind('obeyed'), standing: bytes(32), refused }),
  jobs: fc.record({ kind: kind('jobs'), envelopes: fc.array(blob, { maxLength: 5 }) }),
  jobProgress: fc.record({
    kind: kind('jobProgress'),
    job: bytes(16),
    entries: large,
    bytes: large,
    heardAtMs: large,
  }),
  askProgress: fc.record({ kind: kind('askProgress'), device, job: bytes(16) }),
  askLog: fc.record({ kind: kind('askLog'), from: large, to: large }),
  logProof: shownLog.map(shown => ({ kind: 'logProof' as const, ...shown })),
}
const frame: fc.Arbitrary<Frame> = fc.record({ request: number, body: fc.oneof(...Object.values(bodies)) })

test('every frame comes back as it was sent', () => {
  for (const [name, body] of Object.entries(bodies)) {
    fc.assert(
      fc.property(number, body, (request, body) => {
        const sent = { request, body }
        assert.deepEqual(plain(decodeFrame(encodeFrame(sent))), plain(sent), name)
      }),
      { seed, numRuns: 50 },
    )
  }
})

test('the hand-written outside of a frame is the protobuf of the schema', () => {
  fc.assert(
    fc.property(frame, frame => {
      const ours = encodeFrame(frame)
      const message = backstay.wire.Frame.decode(joined(ours))
      assert.equal(message.request, frame.request)
      assert.equal(message.body, frame.body.kind)
      assert.deepEqual(decodeFrame([backstay.wire.Frame.encode(message).finish()]), decodeFrame(ours))
    }),
    { seed, numRuns: runs },
  )
})

test('random bytes, cut and bent frames are refused as bad frames and never crash', () => {
  const cut = fc.tuple(frame, fc.double({ min: 0, max: 1, noNaN: true })).map(([frame, part]) => {
    const whole = joined(encodeFrame(frame))
    return whole.slice(0, Math.floor(whole.length * part))
  })
  const bent = fc.tuple(frame, fc.nat(), fc.nat(255)).map(([frame, place, value]) => {
    const whole = joined(encodeFrame(frame))
    whole[place % whole.length] = value
    return whole
  })
  const anything = fc.oneof(fc.uint8Array({ maxLength: 200 }), cut, bent)
  fc.assert(
    fc.property(anything, bytes => {
      try {
        decodeFrame([bytes])
      } catch (error) {
        assert.ok(isFailure(error, 'bad_frame'), String(error))
      }
    }),
    { seed, numRuns: 10 * runs },
  )
})

test('a received object is a view of its frame, not a copy', () => {
  const stored = new Uint8Array(1000).fill(5) as Sealed
  const sent = encodeFrame({ request: 1, body: { kind: 'put', stored } })
  const { body } = decodeFrame(sent)
  assert.ok(body.kind === 'put' && body.stored.buffer === sent[0]?.buffer)
})

test('a large object is a part of its own, is not copied, and is the same frame as in one part', () => {
  const stored = new Uint8Array(100_000).fill(5) as Sealed
  const bodies: readonly Body[] = [
    { kind: 'put', stored },
    { kind: 'publish', stored },
    { kind: 'object', index: 0, stored },
    { kind: 'object', index: 200, stored },
  ]
  for (const body of bodies) {
    const sent = encodeFrame({ request: 300, body })
    assert.equal(sent.length, 2)
    assert.equal(sent[1], stored)
    const got = decodeFrame(sent)
    assert.deepEqual(plain(got), plain({ request: 300, body }))
    assert.ok('stored' in got.body && got.body.stored?.buffer === stored.buffer)
    assert.deepEqual(plain(decodeFrame([joined(sent)])), plain(got))
  }
})

test('a frame that is cut in two anywhere is the frame it is in one part, or is refused as that is', () => {
  const parts = fc.tuple(frame, fc.nat())
  fc.assert(
    fc.property(parts, ([frame, place]) => {
      const whole = joined(encodeFrame(frame))
      const at = place % (whole.length + 1)
      assert.deepEqual(plain(decodeFrame([whole.subarray(0, at), whole.subarray(at)])), plain(frame))
    }),
    { seed, numRuns: runs },
  )
  // Two objects, one inside and one apart: read as if it had come in one part.
  const twice = writeOutline(1, 12, [
    fromHex('0a0101') as Bytes,
    fromHex('0aa08d06') as Bytes,
    new Uint8Array(100_000),
  ])
  assert.equal(twice.length, 2)
  assert.deepEqual(plain(decodeFrame(twice)), plain(decodeFrame([joined(twice)])))
})

test('nesting and amplification bombs are refused at once', () => {
  // Field 3 as group, and as message in message, 20,000 deep.
  const groups = new Uint8Array(40_000).fill(0x1b)
  let messages: Bytes = new Uint8Array()
  for (let depth = 0; depth < 2000; depth++) messages = joined(writeOutline(0, 2, [messages]))
  const emptyElements = new Uint8Array(1024 * 1024)
  for (let at = 0; at < emptyElements.length; at += 2) emptyElements[at] = 0x0a
  const manyNumbers = concat(fromHex('0a808040') as Bytes, new Uint8Array(1024 * 1024))
  const bombs: FrameBytes[] = [
    [groups],
    [messages],
    ...[2, 5, 7, 13, 26].flatMap(field => [
      writeOutline(1, field, [groups]),
      writeOutline(1, field, [emptyElements]),
    ]),
    writeOutline(1, 13, [manyNumbers]),
  ]
  for (const bomb of bombs) {
    const before = process.threadCpuUsage()
    assert.throws(() => decodeFrame(bomb), { code: 'bad_frame' })
    const { user, system } = process.threadCpuUsage(before)
    assert.ok(user + system < 50_000, `it took ${user + system} µs`)
  }
})

test('a frame with two bodies, two request numbers or something behind is refused', () => {
  const done = joined(encodeFrame({ request: 1, body: { kind: 'done', count: 1 } }))
  const request = fromHex('0801') as Bytes
  for (const bad of [
    concat(done, done),
    concat(request, done),
    concat(done, request),
    concat(done, new Uint8Array(1)),
  ]) {
    assert.throws(() => decodeFrame([bad]), { code: 'bad_frame' })
  }
})

test('a name such as __proto__ stays a text', () => {
  const body = { kind: 'listRecords', payloadType: '__proto__', device: undefined } as const
  assert.deepEqual(decodeFrame(encodeFrame({ request: 1, body })).body, body)
  assert.equal(({} as Record<string, unknown>).payloadType, undefined)
})

test('limits hold for ids, frames and texts', () => {
  const ids = (count: number) => new Array<ObjectId>(count).fill('ab'.repeat(32) as ObjectId)
  const decoded = (body: Body) => decodeFrame(encodeFrame({ request: 1, body }))
  decoded({ kind: 'have', ids: ids(haveIdsMax) })
  decoded({ kind: 'get', ids: ids(getIdsMax), device: undefined })
  const tooMuch: readonly Body[] = [
    { kind: 'have', ids: ids(haveIdsMax + 1) },
    { kind: 'get', ids: ids(getIdsMax + 1), device: undefined },
    { kind: 'put', stored: new Uint8Array(objectFrameBytesMax) as Sealed },
    { kind: 'enroll', grant: new Uint8Array(strangerFrameBytesMax), certificate: new Uint8Array(1) },
    { kind: 'refused', code: 'a'.repeat(65), detail: '', id: undefined, retryAfterMs: 0 },
    { kind: 'refused', code: 'fine', detail: 'two\nlines', id: undefined, retryAfterMs: 0 },
    { kind: 'refused', code: 'Not a word', detail: '', id: undefined, retryAfterMs: 0 },
  ]
  for (const body of tooMuch) assert.throws(() => decoded(body), { code: 'bad_frame' })
})

/** Views and arrays compare by content. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (one instanceof Uint8Array ? one.toHex() : one)))
}
