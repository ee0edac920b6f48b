import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { loadSystem } from './load.ts'

test('names of users and groups, and nothing for an id without a name', async () => {
  const system = await loadSystem()
  assert.deepEqual(system.userName(0), utf8('root'))
  assert.deepEqual(system.groupName(0), utf8('root'))
  assert.equal(system.userName(4_000_000_123).length, 0)
  assert.equal(system.groupName(4_000_000_123).length, 0)
  assert.equal(system.userName(0), system.userName(0))
})
