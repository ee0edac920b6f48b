import assert from 'node:assert/strict'
import { test } from 'node:test'
import { release } from './release.ts'

test('empties large memory at once, for all who look at it', () => {
  const whole = new Uint8Array(1024 * 1024)
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
  const shared = new Uint8Array(new SharedArrayBuffer(1024 * 1024))
  release(shared)
  assert.equal(shared.length, 1024 * 1024)
})
