import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveEvent } from '@backstay/proto/rest/overview'
import { staleAfter } from './stale.ts'

test('each type of event that the collector tells makes something stale, and no other word does', () => {
  const types = liveEvent.options.map(one => one.shape.type.value)
  for (const type of types) assert.ok(staleAfter(JSON.stringify({ type })).length > 0, type)
  for (const other of ['trust', 'constructor', '__proto__', ''])
    assert.deepEqual(staleAfter(JSON.stringify({ type: other })), [], other)
  assert.deepEqual(staleAfter('{"type":"dev'), [])
})

test('after a gap everything is asked for again', () => {
  assert.equal(staleAfter('{"type":"reset","atMs":1}'), 'all')
})
