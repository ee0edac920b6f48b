import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeviceId } from '../object/id.ts'
import { lookAlikes, type MarkedDevice } from './look-alikes.ts'

const mark = (byte: number) => new Uint8Array(16).fill(byte)
const id = (name: string) => name.padEnd(32, '0') as DeviceId
const device = (name: string, enrolledAtMs: number, changes: Partial<MarkedDevice> = {}): MarkedDevice => ({
  ...{ device: id(name), machine: [mark(1)], enrolledAtMs, lastSeenMs: enrolledAtMs, isRetired: false },
  ...changes,
})

function looksLike(devices: readonly MarkedDevice[], name: string): string | undefined {
  const all = lookAlikes()
  for (const one of devices) all.add(one)
  const found = all.of(id(name), wanted => devices.find(one => one.device === wanted))
  return found?.device.replace(/0+$/, '')
}

test('a machine that was set up anew looks like the device that it was', () => {
  const devices = [device('old', 1000, { lastSeenMs: 5000 }), device('new', 6000)]
  assert.equal(looksLike(devices, 'new'), 'old')
  assert.equal(looksLike(devices, 'old'), undefined, 'not the other way round')
  assert.equal(looksLike([...devices].reverse(), 'new'), 'old')
})

test('one mark of several is enough, and none is like no other', () => {
  const old = device('old', 1000, { machine: [mark(1), mark(2)] })
  assert.equal(looksLike([old, device('new', 2000, { machine: [mark(3), mark(2)] })], 'new'), 'old')
  assert.equal(looksLike([old, device('new', 2000, { machine: [mark(3)] })], 'new'), undefined)
  const plain = { machine: [] }
  assert.equal(looksLike([device('old', 1000, plain), device('new', 2000, plain)], 'new'), undefined)
})

test('who lives beside it, or was retired, is not what it was', () => {
  assert.equal(looksLike([device('old', 1000, { lastSeenMs: 2001 }), device('new', 2000)], 'new'), undefined)
  assert.equal(looksLike([device('old', 1000, { isRetired: true }), device('new', 2000)], 'new'), undefined)
  assert.equal(looksLike([device('old', 1000), device('new', 2000, { isRetired: true })], 'new'), undefined)
  assert.equal(looksLike([device('old', 1000, { lastSeenMs: undefined }), device('new', 2000)], 'new'), 'old')
})

test('of several that it was, the newest is meant', () => {
  const devices = [
    device('first', 1000),
    device('second', 2000),
    device('third', 3000),
    device('other', 1, { machine: [mark(9)] }),
  ]
  assert.deepEqual(
    ['third', 'second', 'first', 'other', 'unknown'].map(name => looksLike(devices, name)),
    ['second', 'first', undefined, undefined, undefined],
  )
})
