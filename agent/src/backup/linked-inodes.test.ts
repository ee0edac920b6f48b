import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { linkedInodes } from './linked-inodes.ts'

const inode = (number: number, deviceMinor = 1) => ({ deviceMajor: 8, deviceMinor, inode: number })
const random = (length: number) => new Uint8Array(randomBytes(length))

test('an inode is known by device and number, large ones too', () => {
  const known = linkedInodes()
  const [group, other, sha256] = [random(16), random(16), random(32)]
  known.set(inode(7), group, sha256)
  known.set(inode(7, 2), other, undefined)
  known.set(inode(2 ** 52 + 1), other, sha256)
  assert.deepEqual(known.group(inode(7)), group)
  assert.deepEqual(known.sha256(inode(7)), sha256)
  assert.deepEqual(known.group(inode(7, 2)), other)
  assert.equal(known.sha256(inode(7, 2)), undefined)
  assert.deepEqual(known.group(inode(2 ** 52 + 1)), other)
  assert.equal(known.group(inode(2 ** 52)), undefined)
  assert.equal(known.group(inode(8)), undefined)
})

test('what is said later counts', () => {
  const known = linkedInodes()
  known.set(inode(1), random(16), random(32))
  const group = random(16)
  known.set(inode(1), group, undefined)
  assert.deepEqual(known.group(inode(1)), group)
  assert.equal(known.sha256(inode(1)), undefined)
})

test('a hundred thousand of them are told apart, in a hundred bytes each', () => {
  const known = linkedInodes()
  const count = 100_000
  const groups = random(16 * count)
  const groupAt = (index: number) => groups.slice(16 * index, 16 * index + 16)
  const before = process.memoryUsage().arrayBuffers
  // In steps, as file systems number them.
  for (let index = 0; index < count; index++) known.set(inode(12 + index * 8), groupAt(index), undefined)
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 * 100 * count)
  for (let index = 0; index < count; index++)
    assert.equal(Buffer.compare(known.group(inode(12 + index * 8)) ?? random(1), groupAt(index)), 0)
  assert.equal(known.group(inode(13)), undefined)
})
