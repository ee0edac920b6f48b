import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pulled } from './pulled.ts'

test('pieces come in order, in runs of a mebibyte, and an empty one at the end', async () => {
  async function* stream() {
    for (let n = 0; n < 5; n++) yield new Uint8Array(512 * 1024).fill(n)
  }
  const output = pulled(stream(), () => assert.fail('nobody cancelled'))
  const runs: number[][] = []
  for (let run = await output.pull(); run.length > 0; run = await output.pull())
    runs.push(run.map(piece => piece[0] ?? -1))
  assert.deepEqual(runs, [[0, 1], [2, 3], [4]])
})

// A zip whose first piece fails before the download asks for it was an unhandled rejection, which ends a thread.
test('what fails before it is pulled is heard of when it is', async () => {
  // biome-ignore lint/correctness/useYield: it fails before the first piece
  async function* stream(): AsyncGenerator<Uint8Array> {
    throw new Error('the collector is gone')
  }
  const output = pulled(stream(), () => undefined)
  await new Promise(setImmediate)
  await assert.rejects(output.pull(), /the collector is gone/)
  await assert.rejects(output.pull(), /the collector is gone/)
})
