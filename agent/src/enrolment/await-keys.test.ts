import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import type { DeviceIdentity } from '../keys/identity.ts'
import { awaitKeys } from './await-keys.ts'
import { enrolmentSentence } from './enrolment-status.ts'

const locked = new Failure('keychain_unavailable', 'the keys of this device cannot be used: …', {
  remedy: 'retry',
})
const identity = {} as DeviceIdentity

function world() {
  const clock = simulatedClock()
  const logged: string[] = []
  const state = { answer: locked as unknown, asked: 0 }
  const keys = awaitKeys({
    clock,
    random: () => 1,
    log: (_, fact) => logged.push(fact),
    identities: {
      async readIdentity() {
        state.asked++
        if (state.answer instanceof Failure) throw state.answer
        return state.answer as DeviceIdentity | undefined
      },
    },
  })
  return { clock, logged, state, keys, stop: new AbortController() }
}

test('a locked keychain is waited for, and said once', async () => {
  const { clock, logged, state, keys, stop } = world()
  const run = keys.run(stop.signal)
  await clock.advance(3_600_000)
  assert.ok(state.asked > 55 && state.asked < 80, `${state.asked}`)
  assert.deepEqual(logged, ['no keys'])
  assert.match(
    enrolmentSentence(keys.status),
    /^not protected: the keys of this device cannot be used: …; tried again at /,
  )
  state.answer = identity
  await clock.advance(60_000)
  assert.deepEqual(await run, { identity })
})

test('what is damaged is not waited for, and waiting ends when it is told to', async () => {
  const damaged = world()
  damaged.state.answer = new Failure('identity_damaged', 'damaged')
  await assert.rejects(damaged.keys.run(damaged.stop.signal), { code: 'identity_damaged' })
  const { clock, keys, stop } = world()
  const run = keys.run(stop.signal)
  await clock.advance(1)
  stop.abort(new Error('told to end'))
  await assert.rejects(run, /told to end/)
  assert.equal(clock.sleeping, 0)
})
