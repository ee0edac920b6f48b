import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rest } from '../../rest-link.ts'
import { Problem } from '../api/problem.ts'
import { renewingRest } from './renewing-rest.ts'

const ended = () => new Problem(401, 'not_signed_in', 'the session has ended')

/** Refuses until it is renewed. */
function stage(first: () => Error = ended) {
  let isIn = false
  let renewals = 0
  const refuse = () => {
    if (!isIn) throw first()
  }
  const rest: Rest = {
    async get<T>() {
      refuse()
      return 'got' as T
    },
    async post<T>() {
      refuse()
      return 'posted' as T
    },
    async *octets() {
      refuse()
      yield Uint8Array.of(1)
    },
  }
  const renewing = renewingRest(rest, async () => {
    renewals++
    isIn = true
  })
  return { renewing, renewals: () => renewals }
}

test('a session that ended is proved anew, once for all who wait, and each goes on', async () => {
  const { renewing, renewals } = stage()
  const octets = Array.fromAsync(renewing.octets('/x', new Uint8Array()))
  const answers = await Promise.all([renewing.get('/x'), renewing.post('/x', {}), octets])
  assert.deepEqual(answers, ['got', 'posted', [Uint8Array.of(1)]])
  assert.equal(renewals(), 1)
})

test('what is refused for another reason stays refused', async () => {
  const { renewing, renewals } = stage(() => new Problem(403, 'not_allowed', 'no role'))
  await assert.rejects(renewing.get('/x'), { code: 'not_allowed' })
  await assert.rejects(Array.fromAsync(renewing.octets('/x', new Uint8Array())), { code: 'not_allowed' })
  assert.equal(renewals(), 0)
})
