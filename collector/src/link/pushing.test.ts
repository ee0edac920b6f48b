import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { type PushTarget, pushing } from './pushing.ts'

const never = (error: unknown) => assert.fail(String(error))
const settle = () => new Promise(resolve => setImmediate(resolve))

test('a thousand devices are told within five seconds, the first at once, and nobody twice', async () => {
  const clock = simulatedClock(0)
  let now = [Uint8Array.of(1)]
  const toldMs: number[] = []
  const pushes = pushing(clock, never)
  const target: PushTarget = {
    envelopes: async () => now,
    async send() {
      toldMs.push(clock.now())
    },
  }
  for (let n = 0; n < 1000; n++) pushes.add(target, now)
  now = [Uint8Array.of(1), Uint8Array.of(2)]
  pushes.changed()
  for (let turn = 0; turn < 60; turn++) {
    for (let n = 0; n < 60; n++) await settle()
    await clock.advance(100)
  }
  assert.equal(toldMs.length, 1000)
  assert.equal(toldMs.filter(ms => ms === 0).length, 25)
  assert.ok(Math.max(...toldMs) <= 5000, String(Math.max(...toldMs)))
  pushes.changed()
  await settle()
  assert.equal(toldMs.length, 1000)
  await pushes.close()
})

test('a slow link holds up nobody, and then is told what holds now', async () => {
  const clock = simulatedClock(0)
  const first = [Uint8Array.of(1)]
  let now: readonly Uint8Array[] = []
  const said: unknown[] = []
  let release = () => {}
  const slow: PushTarget = {
    envelopes: async () => now,
    send: body => {
      said.push(body)
      return new Promise(resolve => {
        release = resolve
      })
    },
  }
  let fast = 0
  const pushes = pushing(clock, never)
  using _slow = pushes.add(slow, now)
  const gone = pushes.add({ envelopes: async () => now, send: async () => assert.fail('it left') }, now)
  using _fast = pushes.add({ envelopes: async () => now, send: async () => void fast++ }, now)
  await settle()
  gone[Symbol.dispose]()
  now = first
  pushes.changed()
  await settle()
  assert.deepEqual([said, fast], [[first], 1])
  const last = [Uint8Array.of(3)]
  for (const orders of [[Uint8Array.of(2)], last]) {
    now = orders
    pushes.changed()
    await settle()
    await settle()
  }
  assert.deepEqual([said.length, fast], [1, 3])
  release()
  await settle()
  await settle()
  assert.deepEqual(said, [first, last])
  release()
  await pushes.close()
})

test('what changed between a welcome and the session is sent after it', async () => {
  const pushes = pushing(simulatedClock(0), never)
  const said: unknown[] = []
  const now = [Uint8Array.of(1)]
  using _one = pushes.add({ envelopes: async () => now, send: async body => void said.push(body) }, [])
  await settle()
  await settle()
  assert.deepEqual(said, [now])
  await pushes.close()
})
