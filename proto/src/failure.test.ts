import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure, nextStep } from './failure.ts'

test('whoever can do something about a failure is told what', () => {
  assert.equal(nextStep(new Failure('a', 'b', { remedy: 'retry', hint: 'do this' })), 'do this')
  assert.match(nextStep(new Failure('a', 'b', { remedy: 'retry' })) ?? '', /^try again/)
  assert.match(nextStep(new Failure('a', 'b', { remedy: 'repair' })) ?? '', /backstay-collector scrub/)
  assert.equal(nextStep(new Failure('a', 'b')), undefined)
})
