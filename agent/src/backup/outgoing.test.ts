import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SealedObject } from '@backstay/proto/content/seal'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import { type ObjectSink, outgoing } from './outgoing.ts'

const object = (number: number, bytes = 1000): SealedObject => ({
  reference: { id: number.toString(16).padStart(64, '0') as ObjectId, key: new Uint8Array(32) },
  stored: new Uint8Array(bytes) as Sealed,
})

function sink(overrides: Partial<ObjectSink> = {}) {
  const put: ObjectId[] = []
  const asked: number[] = []
  const base: ObjectSink = {
    async missing(ids) {
      asked.push(ids.length)
      return new Set(ids)
    },
    async put(id) {
      put.push(id)
    },
    async flush() {},
    publish: () => Promise.reject(new Error('not here')),
  }
  return { put, asked, sink: { ...base, ...overrides } }
}

test('objects are sent in the order they came, and only those that are missing', async () => {
  const known = new Set([object(3).reference.id, object(50).reference.id])
  const at = sink({ missing: async ids => new Set(ids.filter(id => !known.has(id))) })
  const sending = outgoing(at.sink)
  for (let i = 0; i < 100; i++) sending.send(object(i))
  await sending.drain()
  const expected = Array.from({ length: 100 }, (_, i) => object(i).reference.id).filter(id => !known.has(id))
  assert.deepEqual(at.put, expected)
  assert.deepEqual({ ...sending.sent }, { objects: 98, bytes: 98_000 })
  assert.equal(sending.isFull, false)
})

test('many ids go into one question', async () => {
  const at = sink()
  const sending = outgoing(at.sink)
  for (let i = 0; i < 320; i++) sending.send(object(i))
  await sending.drain()
  assert.ok(at.asked.length <= 12, `${at.asked.length} questions`)
})

test('a refusal ends it, reaches whoever waits, and nothing more is sent', async () => {
  let puts = 0
  const at = sink({
    async put() {
      if (++puts === 5) throw new Error('refused')
    },
  })
  const sending = outgoing(at.sink)
  for (let i = 0; i < 50; i++) sending.send(object(i))
  await assert.rejects(sending.drain(), /refused/)
  await assert.rejects(sending.ready(), /refused/)
  assert.equal(puts, 5)
})

test('who sends faster than the link takes is made to wait', async () => {
  let release: () => void = () => undefined
  const gate = new Promise<void>(resolve => {
    release = resolve
  })
  const at = sink({ put: () => gate })
  const sending = outgoing(at.sink)
  for (let i = 0; i < 20; i++) sending.send(object(i, 1024 * 1024))
  let isReady = false
  const waiting = sending.ready().then(() => {
    isReady = true
  })
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(isReady, false)
  release()
  await waiting
  await sending.drain()
})
