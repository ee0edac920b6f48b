import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure, nextStep } from './failure.ts'

test('whoever can do something about a failure is told what', () => {
  assert.equal(
    nextStep(new Failure('a', 'b', { remedy: 'retry', hint: 'do this' }), 'backstay token'),
    'do this',
  )
  assert.match(nextStep(new Failure('a', 'b', { remedy: 'retry' }), 'backstay token'), /^try again/)
  assert.match(
    nextStep(new Failure('a', 'b', { remedy: 'repair' }), 'backstay token'),
    /backstay-collector scrub/,
  )
  assert.equal(nextStep(new Failure('a', 'b'), 'backstay token'), 'see: backstay token --help')
})
