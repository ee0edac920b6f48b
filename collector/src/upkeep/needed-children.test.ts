import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodeWhole, encodeRecord } from '@backstay/proto/object/header'
import { idToBytes } from '@backstay/proto/object/id'
import { testDevice, testFleet } from '@backstay/proto/trust/testing/fleet'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleObject } from '../testing/sample-objects.ts'
import { neededChildren } from './needed-children.ts'

const random = seededRandom(1)
const fleet = await testFleet(p)
const laptop = await testDevice(p, fleet, 'laptop')
const root = await sampleObject(random, 'page')
const names = await sampleObject(random, 'names')

const needed = (stored: Uint8Array) => neededChildren(decodeWhole(stored).header, stored)

test('a commit is whole without its lists of names, never without its root', async () => {
  assert.deepEqual(needed((await sampleCommit(fleet, laptop, root.id)).stored), [root.id])
  const { stored } = await sampleCommit(fleet, laptop, root.id, { names: names.id })
  assert.equal(decodeWhole(stored).header.children.length, 2)
  assert.deepEqual(needed(stored), [root.id])
})

test('any other object is whole with all its children only', async () => {
  const page = await sampleObject(random, 'page', [root.id, names.id])
  assert.deepEqual(needed(page.stored), [root.id, names.id].sort())
})

test('a record that cannot be read needs all that it names', () => {
  const ids = [root.id, names.id].sort()
  assert.deepEqual(needed(encodeRecord(Uint8Array.of(1, 2, 3), ids.map(idToBytes))), ids)
})
