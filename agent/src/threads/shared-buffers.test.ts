import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharedBuffers } from './shared-buffers.ts'

const mebibyte = 1024 * 1024

test('gives a buffer of the length asked for, and the same memory again after it was given back', () => {
  const buffers = sharedBuffers()
  const first = buffers.take(mebibyte - 9)
  assert.equal(first.length, mebibyte - 9)
  assert.ok(first.buffer instanceof SharedArrayBuffer)
  buffers.giveBack(first.subarray(0, 10))
  assert.equal(buffers.take(5).buffer, first.buffer)
})

test('never gives memory that is in use, nor too little of it', () => {
  const buffers = sharedBuffers()
  const small = buffers.take(10)
  assert.notEqual(buffers.take(10).buffer, small.buffer)
  buffers.giveBack(small)
  const large = buffers.take(3 * mebibyte)
  assert.equal(large.length, 3 * mebibyte)
  assert.notEqual(large.buffer, small.buffer)
})

test('leaves memory alone that is not its own', () => {
  const buffers = sharedBuffers()
  const foreign = new Uint8Array(10)
  buffers.giveBack(foreign)
  assert.notEqual(buffers.take(10).buffer, foreign.buffer)
})

test('takes a buffer of twice the length when that is free, and the smaller of two', () => {
  const buffers = sharedBuffers()
  const [four, two, one] = [4, 2, 1].map(length => buffers.take(length * mebibyte))
  for (const bytes of [four, two, one]) if (bytes !== undefined) buffers.giveBack(bytes)
  assert.equal(buffers.take(10).buffer, one?.buffer)
  assert.equal(buffers.take(10).buffer, two?.buffer)
  assert.notEqual(buffers.take(10).buffer, four?.buffer)
})
