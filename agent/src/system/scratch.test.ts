import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { foldInode, int64, pathBuffer, setInt64 } from './scratch.ts'

const signed = [
  0,
  1,
  -1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  -(2 ** 32) - 1,
  4_294_967_295,
  2 ** 53 - 1,
  1 - 2 ** 53,
]

test('64-bit numbers go through two words and come back, as a BigInt would', () => {
  for (const value of signed) {
    const words = new Uint32Array(2)
    setInt64(words, 0, value)
    assert.equal(int64(words, 0), value)
    assert.equal(new BigInt64Array(words.buffer)[0], BigInt(value))
  }
})

test('inode numbers are exact below 2^53, and above it still numbers that differ', () => {
  assert.equal(foldInode(7, 0), 7)
  assert.equal(foldInode(0xffff_ffff, 0x1f_ffff), 2 ** 53 - 1)
  const folded = [foldInode(1, 0x8000_0000), foldInode(1, 0x4000_0000), foldInode(1, 0xffff_ffff)]
  assert.equal(new Set(folded).size, 3)
  for (const inode of folded) assert(Number.isSafeInteger(inode) && inode >= 0)
})

test('a name ends with a NUL, may not hold one, and must fit', () => {
  const buffer = pathBuffer()
  buffer.bytes.fill(0x78)
  assert.equal(buffer.set(utf8('ab')), 0)
  assert.deepEqual(buffer.bytes.subarray(0, 4), utf8('ab\0x'))
  assert(buffer.set(utf8('a\0b')) < 0)
  assert.equal(buffer.set(new Uint8Array(4095).fill(0x61)), 0)
  assert(buffer.set(new Uint8Array(4096).fill(0x61)) < 0)
  assert(buffer.set(new Uint8Array(4090).fill(0x61), 10) < 0)
})
