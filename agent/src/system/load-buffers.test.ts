import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives } from '@backstay/proto/node'
import { release } from '@backstay/proto/release'
import { loadBuffers } from './load-buffers.ts'

const mebibyte = 1024 * 1024
const rounds = 20

/** Pages that the system had to find to compress so many mebibytes, one after another. */
async function faults(): Promise<number> {
  const bytes = new Uint8Array(mebibyte)
  const before = process.resourceUsage().minorPageFault
  for (let round = 0; round < rounds; round++) {
    const packed = await nodePrimitives.compress(bytes, 'full')
    if (packed !== undefined) release(packed)
  }
  return process.resourceUsage().minorPageFault - before
}

const onlyLinux = process.platform === 'linux' ? false : 'other systems do as they like'

test('large buffers that are freed stay for the next, until they are given back', {
  skip: onlyLinux,
}, async () => {
  const buffers = await loadBuffers()
  buffers.giveBack()
  const given = await faults()
  buffers.keep(mebibyte)
  const kept = await faults()
  buffers.giveBack()
  const givenAgain = await faults()
  assert.ok(kept < given / 4, `${kept} faults where buffers are kept, ${given} where they are not`)
  assert.ok(givenAgain > given / 2, `${givenAgain} faults after they were given back, ${given} before`)
})

test('elsewhere malloc is left as it is', { skip: onlyLinux }, async () => {
  const [here, elsewhere] = [await loadBuffers(), await loadBuffers('darwin')]
  here.giveBack()
  const given = await faults()
  elsewhere.keep(mebibyte)
  const unkept = await faults()
  assert.ok(unkept > given / 2, `${unkept} faults, ${given} before`)
  here.keep(mebibyte)
  await faults()
  elsewhere.giveBack()
  const kept = await faults()
  here.giveBack()
  assert.ok(kept < given / 4, `${kept} faults where buffers are kept, ${given} where they are not`)
})

test('what is free between buffers in use goes back when enough of them have passed', {
  skip: onlyLinux,
}, async () => {
  const buffers = await loadBuffers()
  buffers.keep(mebibyte)
  const some = Array.from({ length: 400 }, () => new Uint8Array(100_000).fill(1))
  const before = process.memoryUsage.rss()
  for (const [index, bytes] of some.entries()) if (index % 2 === 0) release(bytes)
  buffers.keep(mebibyte)
  const kept = process.memoryUsage.rss()
  buffers.keep(128 * mebibyte)
  const given = process.memoryUsage.rss()
  buffers.giveBack()
  assert.ok(before - kept < 5e6, `${before - kept} bytes went back at once`)
  assert.ok(kept - given > 10e6, `${kept - given} bytes went back after 128 MiB`)
  assert.equal(
    some.reduce((sum, { length }) => sum + length, 0),
    200 * 100_000,
  )
})
