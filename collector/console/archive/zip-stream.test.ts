import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 as quickSum } from 'node:zlib'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { crc32 } from '@backstay/proto/crc32'
import { readZip } from './testing/read-zip.ts'
import { type ZipInput, zipStream } from './zip-stream.ts'

const lastModified = new Date(2026, 10, 22, 12, 34, 56)

async function written(...inputs: readonly ZipInput[]): Promise<Buffer> {
  const parts: Bytes[] = []
  for await (const part of zipStream(each(inputs))) parts.push(part)
  return Buffer.concat(parts)
}

async function* each<T>(all: Iterable<T>): AsyncGenerator<T> {
  yield* all
}

test('files, pieces of files and folders come back as they were', async () => {
  const pieces = [utf8('one '), new Uint8Array(0), new Uint8Array(100_000).fill(7)]
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const zip = await written(
    { name: 'folder/', lastModified, mode: 0o750 },
    { name: 'folder/ünïcode 名', lastModified, mode: 0o600, input: utf8('text') },
    { name: 'empty', lastModified },
    { name: 'in pieces', lastModified, input: each(pieces), size },
  )
  assert.deepEqual(
    readZip(zip).map(({ name, bytes, mode }) => [name, bytes.length, mode]),
    [
      ['folder/', 0, 0o750],
      ['folder/ünïcode 名', 4, 0o600],
      ['empty', 0, 0o644],
      ['in pieces', size, 0o644],
    ],
  )
  assert.deepEqual(readZip(zip)[3]?.bytes, Buffer.concat(pieces))
})

test('a file of known bytes has its sum and sizes in front, one in pieces behind', async () => {
  const bytes = utf8('123456789')
  const front = await written({ name: 'a', lastModified, input: bytes })
  assert.deepEqual(
    [front.readUInt16LE(6) & 8, front.readUInt32LE(14), front.readUInt32LE(18)],
    [0, 0xcbf43926, 9],
  )
  const behind = await written({ name: 'a', lastModified, input: each([bytes]), size: 9 })
  assert.deepEqual([behind.readUInt16LE(6) & 8, behind.readUInt32LE(14)], [8, 0])
  const at = behind.indexOf('PK\x07\x08', 0, 'latin1')
  assert.deepEqual([behind.readUInt32LE(at + 4), behind.readUInt32LE(at + 8)], [crc32(bytes), 9])
})

test('more entries than the old directory counts are counted by the new one', async () => {
  const names = Array.from({ length: 66_000 }, (_, index) => ({ name: `${index}`, lastModified }))
  const files = readZip(await written(...names))
  assert.equal(files.length, 66_000)
  assert.equal(files.at(-1)?.name, '65999')
})

test('sizes and places beyond 4 GiB have eight bytes', async () => {
  // A source that repeats one buffer; only the last of what comes out is kept.
  const [piece, pieces] = [new Uint8Array(64 * 1024 * 1024), 65]
  const size = piece.length * pieces
  const many = (async function* () {
    for (let index = 0; index < pieces; index++) yield piece
  })()
  let tail = Buffer.alloc(0)
  let length = 0
  const inputs: ZipInput[] = [
    { name: 'huge', lastModified, input: many, size },
    { name: 'behind', lastModified, input: utf8('x') },
  ]
  for await (const part of zipStream(each(inputs), quickSum)) {
    length += part.length
    if (part.length < piece.length) tail = Buffer.concat([tail, part])
  }
  assert.ok(length > 2 ** 32)
  const directory = tail.indexOf('PK\x01\x02', 0, 'latin1')
  const [huge, behind] = [directory, tail.indexOf('PK\x01\x02', directory + 4, 'latin1')]
  assert.equal(tail.readUInt32LE(huge + 24), 0xffffffff)
  assert.equal(tail.readBigUInt64LE(huge + 46 + 4 + 4), BigInt(size))
  assert.equal(tail.readUInt32LE(behind + 42), 0xffffffff)
  const offset = Number(tail.readBigUInt64LE(behind + 46 + 6 + 4))
  assert.ok(offset > size && offset < size + 200, `${offset}`)
  const locator = tail.indexOf('PK\x06\x07', 0, 'latin1')
  assert.ok(locator > behind && Number(tail.readBigUInt64LE(locator + 8)) > size)
})

test('a source that is shorter than it said ends in an error, not in a wrong zip', async () => {
  await assert.rejects(written({ name: 'a', lastModified, input: each([utf8('12')]), size: 3 }), /announced/)
})
