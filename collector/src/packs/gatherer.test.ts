import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectType } from '@backstay/proto/object/header'
import type { DeviceId, ObjectId, Sealed } from '@backstay/proto/object/id'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { gatherer } from './gatherer.ts'

const frame = (bytes: number, type: ObjectType = 'segment') => ({
  domain: '' as DeviceId,
  id: '' as ObjectId,
  type,
  stored: new Uint8Array(bytes) as Sealed,
})

/** `begun` gathers the times at which groups began. */
function world() {
  const clock = simulatedClock()
  const gathering = gatherer(clock, { gatherMs: 30, gatherBytesMax: 1000, gatherFramesMax: 5 })
  const begun: number[] = []
  const group = async (frames: number, bytes: number) => {
    await gathering.wait()
    gathering.took(frames, bytes)
    begun.push(clock.monotonic())
  }
  return { clock, gathering, begun, group }
}

test('what comes after a quiet time is written at once, what follows gathers for a moment', async () => {
  const { clock, gathering, begun, group } = world()
  gathering.add(frame(100))
  await group(1, 100)
  deepEqual(begun, [0])
  await clock.advance(10)
  gathering.add(frame(100))
  const second = group(1, 100)
  await clock.advance(19)
  deepEqual(begun, [0])
  await clock.advance(1)
  await second
  deepEqual(begun, [0, 30])
  await clock.advance(31)
  gathering.add(frame(100))
  await group(1, 100)
  deepEqual(begun, [0, 30, 61])
})

test('enough bytes, enough frames, a record or whoever is in a hurry end the waiting', async () => {
  const { clock, gathering, begun, group } = world()
  await group(0, 0)
  const deeds = [
    { frames: 1, bytes: 1000, deed: () => gathering.add(frame(1000)) },
    { frames: 1, bytes: 1, deed: () => gathering.add(frame(1, 'record')) },
    {
      ...{ frames: 5, bytes: 5 },
      deed: () => {
        for (let count = 0; count < 5; count++) gathering.add(frame(1))
      },
    },
    { frames: 0, bytes: 0, deed: () => gathering.hurry() },
  ]
  for (const [index, { frames, bytes, deed }] of deeds.entries()) {
    const next = group(frames, bytes)
    await clock.advance(1)
    equal(begun.length, index + 1)
    deed()
    await next
    deepEqual([begun.length, clock.sleeping], [index + 2, 0])
  }
  // And what was taken counts no more.
  const last = group(0, 0)
  await clock.advance(29)
  equal(begun.length, deeds.length + 1)
  await clock.advance(1)
  await last
})
