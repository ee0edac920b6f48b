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
  buffers.keep()
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
  elsewhere.keep()
  const unkept = await faults()
  assert.ok(unkept > given / 2, `${unkept} faults, ${given} before`)
  here.keep()
  await faults()
  elsewhere.giveBack()
  const kept = await faults()
  here.giveBack()
  assert.ok(kept < given / 4, `${kept} faults where buffers are kept, ${given} where they are not`)
})
