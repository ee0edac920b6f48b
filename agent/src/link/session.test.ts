import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeRecord } from '@backstay/proto/object/header'
import { type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { testFleet, testKey } from '@backstay/proto/trust/testing/fleet'
import { packBits } from '@backstay/proto/wire/bits'
import type { Body, Frame } from '@backstay/proto/wire/frame'
import { type MemoryCable, memoryCable } from '@backstay/proto/wire/memory-transport'
import { refusalOf, refusedId } from '@backstay/proto/wire/refusal'
import { connectDevice } from './connect.ts'
import type { Session } from './session.ts'
import { type Heard, playCollector, type Script } from './testing/scripted-collector.ts'

const fleet = await testFleet(p)
const key = await testKey(p, 'device laptop')

type Answer = NonNullable<Script['answer']>

interface Scene {
  readonly session: Session
  readonly heard: Heard
  readonly cable: MemoryCable
}

async function scene(
  answer: Answer,
  options: { welcome?: Script['welcome']; delay?: Parameters<typeof memoryCable>[0]['delay'] } = {},
): Promise<Scene> {
  const cable = memoryCable({
    channelBinding: p.random(32),
    ...(options.delay ? { delay: options.delay, bufferBytes: 64 * 1024 * 1024 } : {}),
  })
  const clock = simulatedClock()
  const welcome = options.welcome ? { welcome: options.welcome } : {}
  const playing = playCollector(cable.server, { primitives: p, key: fleet.collector, answer, ...welcome })
  const transport = { connect: async () => cable.client }
  const connecting = connectDevice({
    urls: ['memory:'],
    trust: fleet.trust,
    signingKey: key,
    primitives: p,
    transport,
    clock,
  })
  // A delayed handshake takes two round trips.
  const delayed = options.delay?.clock as ReturnType<typeof simulatedClock> | undefined
  await delayed?.advance(1000)
  return { session: await connecting, heard: await playing, cable }
}

const stored = (bytes: number, fill = 1) => new Uint8Array(bytes).fill(fill) as Sealed
const idOf = async (object: Sealed) => objectId(await p.sha256(object))
const anId = (n: number) => n.toString(16).padStart(64, '0') as ObjectId

const storeAll: Answer = ({ request, body }, say) =>
  body.kind === 'put' ? say({ kind: 'stored', requests: [request] }, 0) : undefined

test('the window is used: a far collector takes many objects in one round trip', async () => {
  const clock = simulatedClock()
  const roundTripMs = 80
  const { session } = await scene(storeAll, {
    delay: { ms: roundTripMs / 2, clock },
    welcome: { windowBytes: 16 * 1024 * 1024, windowFrames: 256 },
  })
  const objects = 64
  const begun = clock.monotonic()
  const object = stored(1024 * 1024)
  let finished = 0
  const putting = (async () => {
    for (let i = 0; i < objects; i++) await session.put(anId(i), object.slice() as typeof object)
    await session.flush()
    finished = clock.monotonic()
  })()
  await clock.advance(objects * roundTripMs)
  await putting
  const roundTrips = (finished - begun) / roundTripMs
  // 64 objects of 1 MiB and some bytes through a window of 16 MiB: 15 at a time.
  assert.ok(roundTrips <= Math.ceil(objects / 15), `${roundTrips} round trips`)
  console.log(`64 × 1 MiB at 80 ms: ${roundTrips} round trips, stop-and-wait needs ${objects}`)
})

test('small objects are limited by frames, and one larger than the window passes alone', async () => {
  const held: number[] = []
  const { session } = await scene(({ request }) => void held.push(request), {
    welcome: { windowBytes: 1000, windowFrames: 3 },
  })
  const sent: number[] = []
  const put = (n: number, bytes: number) => session.put(anId(n), stored(bytes)).then(() => sent.push(n))
  void put(1, 1).catch(() => undefined)
  for (const n of [2, 3, 4]) void put(n, 1).catch(() => undefined)
  await settled()
  assert.deepEqual(sent, [1, 2, 3])
  assert.deepEqual(held.length, 3)
  assert.deepEqual(session.inFlight, { objects: 3, bytes: 3 })
  await session.close()

  const { session: other, heard } = await scene(storeAll, { welcome: { windowBytes: 10, windowFrames: 3 } })
  for (const n of [1, 2]) await other.put(anId(n), stored(5000))
  await other.flush()
  assert.equal(heard.frames.filter(({ body }) => body.kind === 'put').length, 2)
  assert.deepEqual(other.inFlight, { objects: 0, bytes: 0 })
})

test('objects leave in the order of the calls, however many callers there are', async () => {
  const order: number[] = []
  const { session } = await scene(
    (frame, say) => {
      if (frame.body.kind === 'put') order.push(frame.body.stored.length)
      return storeAll(frame, say)
    },
    { welcome: { windowBytes: 100, windowFrames: 4 } },
  )
  const sizes = [90, 5, 80, 1, 100, 2, 3, 4]
  await Promise.all(sizes.map((size, n) => session.put(anId(n), stored(size))))
  await session.flush()
  assert.deepEqual(order, sizes)
})

test('a refusal stops later puts until flush has told it, then the session goes on', async () => {
  let refuse = true
  const { session } = await scene((frame, say) => {
    if (frame.body.kind !== 'put') return undefined
    if (!refuse) return storeAll(frame, say)
    return say(refusalOf(new Failure('unknown_child', '')))
  })
  await session.put(anId(1), stored(10))
  await settled()
  await assert.rejects(session.put(anId(2), stored(10)), { code: 'unknown_child', remedy: 'repair' })
  const told = await session.flush().catch((error: unknown) => error)
  assert.equal(refusedId(told), anId(1))
  refuse = false
  await session.put(anId(3), stored(10))
  await session.flush()
})

test('flush waits for what was put before it and not for what comes after', async () => {
  const requests: number[] = []
  let say: ((body: Body, request?: number) => Promise<void>) | undefined
  const { session } = await scene(({ request }, answer) => {
    requests.push(request)
    say = answer
  })
  await session.put(anId(1), stored(10))
  const flushed = session.flush()
  await session.put(anId(2), stored(10))
  await settled()
  await say?.({ kind: 'stored', requests: requests.slice(0, 1) }, 0)
  await flushed
  await session.close()
})

test('a commit is published only when everything put before is durable', async () => {
  const kinds: string[] = []
  const { session } = await scene(async (frame, say) => {
    kinds.push(frame.body.kind)
    if (frame.body.kind === 'put') setTimeout(() => void storeAll(frame, say), 5)
    else await say({ kind: 'published', id: anId(9), receivedAtMs: 5 })
  })
  const record = encodeRecord(new Uint8Array([1])) as Sealed
  await session.put(anId(1), stored(10))
  assert.deepEqual(await session.publish(record), { id: anId(9), receivedAtMs: 5 })
  assert.deepEqual(kinds, ['put', 'publish'])
  await assert.rejects(
    (async () => {
      const { session } = await scene(({ body }, say) =>
        say(refusalOf(new Failure(body.kind === 'put' ? 'bad_object' : 'internal', ''))),
      )
      await session.put(anId(1), stored(10))
      await session.publish(record)
    })(),
    { code: 'bad_object' },
  )
})

test('long lists of ids are asked in parts and answered as one', async () => {
  const { session, heard } = await scene(({ body }, say) => {
    if (body.kind !== 'have') return undefined
    return say({
      kind: 'missing',
      bits: packBits(body.ids.map(id => Number.parseInt(id.slice(-1), 16) % 2 === 1)),
    })
  })
  const ids = Array.from({ length: 20_000 }, (_, n) => anId(n))
  const missing = await session.missing(ids)
  assert.equal(missing.size, 10_000)
  assert.ok(missing.has(anId(19_999)) && !missing.has(anId(0)))
  assert.equal(heard.frames.filter(({ body }) => body.kind === 'have').length, 3)
  assert.equal((await session.missing([])).size, 0)
})

/** Answers a Get from a function, last id first, as a collector that reads its disk in its own order. */
function getFrom(object: (id: ObjectId) => Sealed | undefined): Answer {
  return async ({ body }, say) => {
    if (body.kind !== 'get') return
    for (const [index, id] of [...body.ids.entries()].reverse()) {
      await say({ kind: 'object', index, stored: object(id) })
    }
    await say({ kind: 'done', count: body.ids.length })
  }
}

test('objects come in the order they were asked for, missing ones and double ones among them', async () => {
  const objects = new Map<ObjectId, Sealed>()
  for (let n = 0; n < 600; n++) if (n % 3 !== 0) objects.set(anId(n), stored(n + 1, n % 256))
  const { session, heard } = await scene(getFrom(id => objects.get(id)))
  const ids = [...Array.from({ length: 600 }, (_, n) => anId(n)), anId(1), anId(1)]
  let at = 0
  for await (const { id, stored } of session.get(ids)) {
    assert.equal(id, ids[at++])
    assert.equal(stored?.length, objects.get(id)?.length)
  }
  assert.equal(at, ids.length)
  assert.ok(heard.frames.length > 3, 'asked in several frames')
  for await (const _ of session.get([])) assert.fail()
})

test('what is on its way ahead of a slow reader stays bounded, for pages and for segments', async () => {
  for (const bytes of [8 * 1024, 2 * 1024 * 1024]) {
    let asked = 0
    const object = stored(bytes)
    const { session } = await scene((frame, say) => {
      if (frame.body.kind === 'get') asked += frame.body.ids.length
      return getFrom(() => object)(frame, say)
    })
    let read = 0
    let most = 0
    for await (const _ of session.get(Array.from({ length: 400 }, (_, n) => anId(n)))) {
      read++
      if (read > 50) most = Math.max(most, asked - read)
      if (read % 50 === 0) await settled()
      if (read === 200) break
    }
    assert.ok(most * bytes <= 20 * 1024 * 1024 && most <= 256, `${most} of ${bytes} bytes ahead`)
    assert.ok(most >= 4, `${most} ahead is stop-and-wait`)
    // Who stops early leaves no mess: the session still works.
    for await (const { stored } of session.get([anId(1)])) assert.equal(stored?.length, bytes)
    await session.close()
  }
})

test('everything under way fails with the cut of the link, and later calls too', async () => {
  const { session, cable } = await scene(() => undefined, { welcome: { windowFrames: 1 } })
  await session.put(anId(1), stored(10))
  const under = [
    session.put(anId(2), stored(10)),
    session.flush(),
    session.missing([anId(1)]),
    session.putRecord(new Uint8Array(3)),
    (async () => {
      for await (const _ of session.get([anId(1)])) assert.fail()
    })(),
    (async () => {
      for await (const _ of session.listRecords('escrow')) assert.fail()
    })(),
  ].map(one => assert.rejects(one, { code: 'link_cut', remedy: 'retry' }))
  await settled()
  cable.cut()
  await Promise.all(under)
  assert.equal((session.ended.reason as Failure).code, 'link_cut')
  await assert.rejects(session.put(anId(3), stored(10)), { code: 'link_cut' })
  await assert.rejects(session.flush(), { code: 'link_cut' })
  await assert.rejects(session.missing([anId(1)]), { code: 'link_cut' })
  await session.close()
})

test('a collector that ends the session says why', async () => {
  const { session } = await scene((_, say) => say(refusalOf(new Failure('replaced', '')), 0))
  await assert.rejects(session.missing([anId(1)]), { code: 'replaced', remedy: 'retry' })
  assert.ok(session.ended.aborted)
})

test('answers that nobody asked for change nothing; a wrong kind and broken frames end what they answer', async () => {
  const strange: Answer = async ({ body }, say) => {
    if (body.kind === 'have') {
      await say({ kind: 'done', count: 1 }, 999)
      await say({ kind: 'stored', requests: [998, 997] }, 0)
      await say({ kind: 'missing', bits: new Uint8Array(1) })
    }
    if (body.kind === 'putRecord') await say({ kind: 'done', count: 1 })
    if (body.kind === 'get') await say({ kind: 'object', index: 3, stored: undefined })
    if (body.kind === 'get') await say({ kind: 'done', count: 0 })
  }
  const { session, cable } = await scene(strange)
  assert.equal((await session.missing([anId(1)])).size, 0)
  await assert.rejects(session.putRecord(new Uint8Array(1)), { code: 'unexpected_frame' })
  await assert.rejects(
    (async () => {
      for await (const _ of session.get([anId(1)])) assert.fail()
    })(),
    { code: 'unexpected_frame' },
  )
  await cable.server.send([new Uint8Array([255, 255])])
  await settled()
  assert.equal((session.ended.reason as Failure).code, 'bad_frame')
})

test('waiting ends when the signal says so, and the session goes on', async () => {
  let say: ((body: Body, request?: number) => Promise<void>) | undefined
  const { session } = await scene(
    (_, answer) => {
      say = answer
    },
    { welcome: { windowFrames: 1 } },
  )
  const stop = new AbortController()
  await session.put(anId(1), stored(1))
  const waiting = [
    session.put(anId(2), stored(1), stop.signal),
    session.missing([anId(1)], stop.signal),
    session.flush(stop.signal),
  ]
  setImmediate(() => stop.abort(new Error('enough')))
  await Promise.all(waiting.map(one => assert.rejects(one, /enough/)))
  await say?.({ kind: 'stored', requests: [1] }, 0)
  await session.put(anId(3), stored(1))
})

test('records, devices and snapshots are listed page by page', async () => {
  const asked: Frame[] = []
  const id = await idOf(stored(3))
  const { session } = await scene(async (frame, say) => {
    asked.push(frame)
    if (frame.body.kind === 'listRecords') {
      await say({ kind: 'record', envelope: new Uint8Array([1]), id, receivedAtMs: 7 })
    }
    await say({ kind: 'done', count: 1 })
  })
  const records = await Array.fromAsync(session.listRecords('escrow'))
  assert.deepEqual(records, [{ envelope: new Uint8Array([1]), id, receivedAtMs: 7 }])
  assert.deepEqual(await Array.fromAsync(session.listDevices()), [])
  assert.deepEqual(await Array.fromAsync(session.listSnapshots(undefined, { limit: 5 })), [])
  assert.deepEqual(
    asked.map(({ body }) => body),
    [
      { kind: 'listRecords', payloadType: 'application/vnd.backstay.escrow.v1+proto', device: undefined },
      { kind: 'listDevices', after: undefined, limit: 1000 },
      { kind: 'listSnapshots', device: undefined, limit: 5, beforeSequence: 0 },
    ],
  )
})

test('the session counts what it moved', async () => {
  const { session } = await scene(storeAll)
  await session.put(anId(1), stored(1000))
  await session.flush()
  assert.equal(session.stats.putObjects, 1)
  assert.ok(session.stats.sentBytes > 1000 && session.stats.sentBytes < 1100)
  assert.ok(session.stats.receivedBytes > 0)
})

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
}
