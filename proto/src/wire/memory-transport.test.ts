import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedClock } from '../simulated-clock.ts'
import { memoryCable } from './memory-transport.ts'
import { joined } from './outline.ts'
import { transportConformance } from './transport.conformance.ts'

let cables = 0

transportConformance('memory', async () => {
  const cable = memoryCable({ channelBinding: new Uint8Array(32).fill(++cables) })
  return { ...cable, async [Symbol.asyncDispose]() {} }
})

test('memory: a delayed frame arrives when its time has come, in order', async () => {
  const clock = simulatedClock()
  const { client, server } = memoryCable({ channelBinding: new Uint8Array(32), delay: { ms: 40, clock } })
  await client.send([new Uint8Array([1])])
  await clock.advance(30)
  await client.send([new Uint8Array([2])])
  const got: [number, number][] = []
  void (async () => {
    for await (const frame of server.receive()) got.push([joined(frame)[0] ?? 0, clock.monotonic()])
  })()
  await clock.advance(100)
  assert.deepEqual(got, [
    [1, 40],
    [2, 70],
  ])
})
