import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../failure.ts'
import type { ObjectId } from '../object/id.ts'
import { failureOf, refusalOf, refusedId, retryAfterMs } from './refusal.ts'

const id = 'ab'.repeat(32) as ObjectId

test('only the code of a failure crosses the wire, and of a crash not even that', () => {
  const secret = new Failure('bad_object', 'object of /home/ada/diary is damaged', { hint: 'secret' })
  assert.deepEqual(refusalOf(secret, { id }), {
    kind: 'refused',
    code: 'bad_object',
    detail: '',
    id,
    retryAfterMs: 0,
  })
  assert.equal(refusalOf(new TypeError('x is not a function')).code, 'internal')
  assert.equal(refusalOf(new Failure('Strange code\n', '')).code, 'internal')
})

test('a refusal becomes a failure with a remedy, the object and the delay', () => {
  const failure = failureOf(refusalOf(new Failure('unknown_child', ''), { id, retryAfterMs: 500 }))
  assert.equal(failure.remedy, 'repair')
  assert.equal(refusedId(failure), id)
  assert.equal(retryAfterMs(failure), 500)
})

test('a code of a newer collector stops, unless it asks us to wait', () => {
  const newer = (retryAfterMs: number) =>
    failureOf(refusalOf(new Failure('moon_phase', ''), { retryAfterMs }))
  assert.equal(newer(0).remedy, 'stop')
  assert.equal(newer(100).remedy, 'retry')
  assert.equal(refusedId(new Error('local')), undefined)
})
