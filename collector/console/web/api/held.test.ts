import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askAgain, held } from './held.ts'
import { Problem } from './problem.ts'

const out = new Problem(401, 'not_signed_in', 'nobody is signed in')

test('what is refused for want of a session is asked again when there is one, and not before', async () => {
  let [asked, told, isIn] = [0, 0, false]
  const ask = async () => {
    asked++
    if (!isIn) throw out
    return asked
  }
  const signal = new AbortController().signal
  const both = Promise.all([held(ask, () => told++, signal), held(ask, () => told++, signal)])
  await new Promise(setImmediate)
  assert.deepEqual([asked, told], [2, 2])
  isIn = true
  askAgain()
  assert.deepEqual(await both, [3, 4])
})

test('a session that another sign-in ended at once is waited for again, but not for ever', async () => {
  const { signal } = new AbortController()
  let asked = 0
  const third = async () => (++asked < 3 ? Promise.reject(out) : 'answer')
  assert.equal(await held(third, () => setImmediate(askAgain), signal), 'answer')
  asked = 0
  const never = async () => {
    asked++
    throw out
  }
  await assert.rejects(
    held(never, () => setImmediate(askAgain), signal),
    { code: 'not_signed_in' },
  )
  assert.equal(asked, 4)
})

test('what nobody waits for any more ends, and what is refused otherwise is refused at once', async () => {
  const gone = new AbortController()
  const waits = held(
    async () => Promise.reject(out),
    () => undefined,
    gone.signal,
  )
  await new Promise(setImmediate)
  gone.abort(new Error('the page was left'))
  await assert.rejects(waits, /the page was left/)
  const denied = async () => Promise.reject(new Problem(403, 'not_allowed', 'no'))
  await assert.rejects(
    held(denied, () => assert.fail('it is in'), gone.signal),
    { code: 'not_allowed' },
  )
  askAgain()
})
