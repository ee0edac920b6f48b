import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openObject, sealObject } from './content/seal.ts'
import { nodePrimitives } from './node.ts'
import { release } from './release.ts'

const mebibyte = 1024 * 1024

test('empties large memory at once, for all who look at it', () => {
  const whole = new Uint8Array(mebibyte)
  const part = whole.subarray(10, 20)
  release(part)
  assert.equal(whole.length, 0)
  assert.equal(part.length, 0)
  release(part)
})

test('leaves small bytes alone, which may lie beside those of others', () => {
  const neighbour = Buffer.from('neighbour')
  release(Buffer.from('small'))
  assert.equal(neighbour.toString(), 'neighbour')
})

test('leaves shared memory alone', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(mebibyte))
  release(shared)
  assert.equal(shared.length, mebibyte)
})

test('sealing and opening a segment leave no large memory for later', async () => {
  const bytes = new Uint8Array(mebibyte)
  // Half of it does not compress, so that the sealed bytes are large, too.
  bytes.set(nodePrimitives.random(mebibyte / 2))
  const keys = { epoch: 1, objectKey: new Uint8Array(32) }
  const rounds = 10
  const before = process.memoryUsage().arrayBuffers
  for (let round = 0; round < rounds; round++) {
    const { reference, stored } = await sealObject(nodePrimitives, keys, {
      type: 'segment',
      children: [],
      bytes,
    })
    const opened = await openObject(nodePrimitives, reference, 'segment', stored)
    release(stored)
    release(opened.bytes)
  }
  const left = process.memoryUsage().arrayBuffers - before
  assert.ok(left < mebibyte, `${left} bytes are left behind after ${rounds} segments`)
})
