// SLOW=1: a thousand files changed at random instead of fifty.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Extent, Reference } from '@backstay/proto/content/entry'
import fc from 'fast-check'
import { blockBytesFor, blockHasher, changedRuns, patchExtents } from './blocks.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const key = new Uint8Array(32).fill(3)
const blockBytes = 16 * 1024

function hashesOf(bytes: Uint8Array, piece = 1000, length = blockBytes): Uint8Array {
  const hasher = blockHasher(key, bytes.length, length)
  for (let at = 0; at < bytes.length; at += piece) hasher.update(bytes.subarray(at, at + piece))
  return hasher.digest()
}

/** A store in which a segment's id is its index. */
function store() {
  const segments: Uint8Array[] = []
  return {
    segments,
    add(bytes: Uint8Array): Extent {
      segments.push(bytes)
      const segment = { id: String(segments.length - 1), key } as unknown as Reference
      return { segment, start: 0, length: bytes.length }
    },
    read(extents: readonly Extent[]): Uint8Array {
      return Buffer.concat(
        extents.map(({ segment, start, length }) => {
          return segment === undefined
            ? Buffer.alloc(length)
            : (segments[Number(segment.id)] ?? key).subarray(start, start + length)
        }),
      )
    },
  }
}

test('block hashes do not depend on how the file was read', () => {
  const bytes = Uint8Array.from({ length: 5 * blockBytes + 77 }, (_, i) => (i * 31) >> 3)
  assert.deepEqual(hashesOf(bytes, 1), hashesOf(bytes, 50_000))
  assert.equal(hashesOf(bytes).length, 6 * 16)
})

test('blocks grow with the file, so that their hashes take 16 MiB at most', () => {
  const gibibyte = 2 ** 30
  assert.deepEqual([0, 1, 16 * gibibyte].map(blockBytesFor), [blockBytes, blockBytes, blockBytes])
  assert.equal(blockBytesFor(16 * gibibyte + 1), 2 * blockBytes)
  assert.equal(blockBytesFor(1024 * gibibyte), 1024 * 1024)
  const longest = 2 ** 53 - 1
  assert.ok(longest / blockBytesFor(longest) <= 2 ** 20)
})

test('larger blocks are compared as small ones are', () => {
  const length = 4 * blockBytes
  const old = Uint8Array.from({ length: 50 * blockBytes + 9 }, (_, i) => (i * 31) >> 3)
  const now = old.slice()
  now[5 * blockBytes] = 1 + (now[5 * blockBytes] as number)
  for (const piece of [1000, 300_000]) {
    const [before, after] = [hashesOf(old, piece, length), hashesOf(now, piece, length)]
    assert.equal(after.length, 13 * 16)
    assert.deepEqual(changedRuns(before, after, now.length, length), [{ from: length, to: 2 * length }])
  }
})

test('zeros that nobody read have the hashes of zeros that were read', () => {
  const border = fc.constantFrom(0, 1, 77, blockBytes - 1, blockBytes, blockBytes + 1, 3 * blockBytes + 5)
  fc.assert(
    fc.property(fc.array(border, { maxLength: 6 }), lengths => {
      const hasher = blockHasher(key, 0)
      const read = lengths.map((length, index) => new Uint8Array(length).fill(index % 2))
      for (const [index, bytes] of read.entries()) {
        if (index % 2 === 0) hasher.updateZeros(bytes.length)
        else hasher.update(bytes)
      }
      assert.deepEqual(hasher.digest(), hashesOf(Buffer.concat(read)))
    }),
    { seed },
  )
})

test('the old extents with the changed runs between them are the new file', async () => {
  const change = fc.record({
    at: fc.integer({ min: 0, max: 400_000 }),
    length: fc.integer({ min: 1, max: 9000 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 120_000 }), { minLength: 1, maxLength: 8 }),
      fc.array(change, { maxLength: 3 }),
      fc.integer({ min: -30_000, max: 30_000 }),
      async (pieces, changes, growth) => {
        const kept = store()
        const old = Uint8Array.from(
          { length: pieces.reduce((sum, piece) => sum + piece, 0) },
          (_, i) => i ^ (i >> 8),
        )
        let at = 0
        const oldExtents = pieces.map((length, index) => {
          const part = old.slice(at, at + length)
          at += length
          // Now and then a hole.
          if (index % 3 === 2) {
            old.fill(0, at - length, at)
            return { segment: undefined, start: 0, length }
          }
          return kept.add(part)
        })
        const now = new Uint8Array(Math.max(1, old.length + growth))
        now.set(old.subarray(0, now.length))
        if (now.length > old.length) now.fill(7, old.length)
        for (const { at, length } of changes) if (at < now.length) now.fill(200, at, at + length)
        const runs = changedRuns(hashesOf(old), hashesOf(now), now.length)
        if (runs === undefined) return
        const extents = await patchExtents(oldExtents, runs, now.length, async ({ from, to }) => [
          kept.add(now.slice(from, to)),
        ])
        if (extents === undefined) return
        assert.ok(Buffer.from(now).equals(kept.read(extents)), 'the extents read as the new file')
      },
    ),
    { seed, numRuns: process.env.SLOW === '1' ? 1000 : 50 },
  )
})

test('a file in which most blocks changed is cut by content again', () => {
  const [a, b] = [new Uint8Array(40 * blockBytes), new Uint8Array(40 * blockBytes).fill(1)]
  assert.equal(changedRuns(hashesOf(a, 1 << 16), hashesOf(b, 1 << 16), b.length), undefined)
  b.fill(0, 5 * blockBytes)
  assert.deepEqual(changedRuns(hashesOf(a, 1 << 16), hashesOf(b, 1 << 16), b.length), [
    { from: 0, to: 5 * blockBytes },
  ])
})
