import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { chunkBytesMax, makeChunker } from '@backstay/proto/content/chunker'
import type { Reference } from '@backstay/proto/content/entry'
import { nodePrimitives } from '@backstay/proto/node'
import { chunkWriter } from './chunk-writer.ts'
import type { Segments } from './segments.ts'

const mebibyte = 1024 * 1024
const chunker = await makeChunker(nodePrimitives, new Uint8Array(32).fill(1))

/** Keeps what it is given to seal, and counts the rooms that nobody gave back. */
function keeping() {
  const stored: Bytes[] = []
  const shared: Bytes[] = []
  let rooms = 0
  const segments: Segments = {
    plainBytes: 0,
    isFull: false,
    chunkRoom(length) {
      rooms++
      return new Uint8Array(length)
    },
    chunk(bytes) {
      rooms--
      stored.push(bytes.slice())
      const segment = { id: String(stored.length - 1), key: bytes } as unknown as Reference
      return { segment, start: 0, length: bytes.length }
    },
    giveBack: () => void rooms--,
    append(bytes) {
      shared.push(bytes.slice())
      const segment = { id: 'shared', key: bytes } as unknown as Reference
      return bytes.length === 0 ? [] : [{ segment, start: 7, length: bytes.length }]
    },
    cut: () => undefined,
    ready: async () => undefined,
  }
  return { segments, stored, shared, rooms: () => rooms }
}

async function write(writer: ReturnType<typeof chunkWriter>, bytes: Bytes, most: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const room = writer.room().subarray(0, most)
    const part = bytes.subarray(at, at + room.length)
    room.set(part)
    at += part.length
    await writer.took(part.length)
  }
}

test('a file is cut where it would be cut at once, however it comes', async () => {
  // Zeros are never cut before the greatest length: the room grows to it.
  const file = new Uint8Array([...nodePrimitives.random(9 * mebibyte), ...new Uint8Array(5 * mebibyte)])
  const cuts: number[] = []
  for (let at = 0; at < file.length; at = cuts.at(-1) as number) cuts.push(chunker.cut(file, at, file.length))
  assert.ok(cuts.some((cut, index) => cut - (cuts[index - 1] ?? 0) === chunkBytesMax))
  for (const most of [Number.POSITIVE_INFINITY, 4096, 100_003]) {
    const { segments, stored, rooms } = keeping()
    {
      using writer = chunkWriter(chunker, segments)
      await write(writer, file, most)
      const extents = writer.finish()
      let end = 0
      const ends = extents.map(({ length }) => {
        end += length
        return end
      })
      assert.deepEqual(ends, cuts)
    }
    assert.ok(Buffer.concat(stored).equals(file))
    assert.equal(rooms(), 0)
  }
})

test('a hole ends a chunk, holes that meet are one, and nothing is stored of them', async () => {
  const { segments, stored, shared, rooms } = keeping()
  const long = 300_000
  {
    using writer = chunkWriter(chunker, segments)
    await writer.hole(1000)
    await write(writer, new Uint8Array(long).fill(1), 100_000)
    await writer.hole(500)
    await writer.hole(0)
    await writer.hole(700)
    await write(writer, new Uint8Array(5).fill(2), 5)
    const lengths = writer.finish().map(({ segment, length }) => [segment !== undefined, length])
    assert.deepEqual(lengths, [
      [false, 1000],
      [true, long],
      [false, 1200],
      [true, 5],
    ])
  }
  assert.deepEqual(stored, [new Uint8Array(long).fill(1), new Uint8Array(5).fill(2)])
  assert.deepEqual(shared, [])
  assert.equal(rooms(), 0)
})

test('short runs between holes share segments and one room', async () => {
  const { segments, stored, shared, rooms } = keeping()
  {
    using writer = chunkWriter(chunker, segments, 1000)
    for (let run = 0; run < 1000; run++) {
      await write(writer, new Uint8Array(100).fill(run), 100)
      await writer.hole(200_000)
      assert.equal(rooms(), 1)
    }
    await write(writer, new Uint8Array(1000), 1000)
    await writer.hole(200_000)
    const extents = writer.finish()
    assert.equal(extents.length, 2002)
    assert.equal(extents[4]?.start, 7)
  }
  assert.deepEqual([stored.length, shared.length, rooms()], [1, 1000, 0])
  assert.deepEqual(shared[77], new Uint8Array(100).fill(77))
})

test('what was begun when a file cannot be read any further is given back', async () => {
  const { segments, stored, rooms } = keeping()
  {
    using writer = chunkWriter(chunker, segments)
    await write(writer, new Uint8Array(3 * mebibyte).fill(1), mebibyte)
    assert.equal(rooms(), 1)
  }
  assert.deepEqual([stored.length, rooms()], [0, 0])
})
