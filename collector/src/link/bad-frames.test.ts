import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import { nextFrame } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame, type FrameBytes } from '@backstay/proto/wire/wire'
import { laptop } from '../testing/sample-vault.ts'
import { sampleGateway } from './testing/sample-gateway.ts'
import { rawSession } from './testing/sessions.ts'

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
