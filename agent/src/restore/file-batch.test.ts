import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { type BatchFile, batchInMaking, unpackFiles } from './file-batch.ts'
import { entry } from './testing/entries.ts'

const segments = [utf8('first segment'), utf8('second segment')] as const

function fileOf(
  name: string,
  given: Partial<BatchFile> = {},
  of: Parameters<typeof entry>[0] = {},
): BatchFile {
  const { size, mode, uid, gid, mtimeS, mtimeNs, attributes, sha256, target } = entry(of)
  const fields = { size, mode, uid, gid, mtimeS, mtimeNs, attributes, sha256, target }
  return { folder: 7, name: utf8(name), pieces: [], entry: fields, ...given }
}

test('files come out of a batch as they went in', () => {
  const attributes = [{ name: utf8('user.a'), value: utf8('b') }]
  const files = [
    fileOf('empty', {}, { mtimeS: -(2 ** 40), uid: 2 ** 32 - 2 }),
    fileOf('pieces', {
      folder: 8,
      pieces: [
        { segment: segments[0], start: 6, length: 7 },
        { zeros: 2 ** 40 },
        { segment: segments[1], start: 0, length: 6 },
        { segment: segments[0], start: 0, length: 5 },
        { inline: utf8('and more') },
      ],
    }),
    fileOf('hash', {}, { sha256: new Uint8Array(32).fill(9), attributes }),
    fileOf('x'.repeat(255), { pieces: [{ inline: new Uint8Array(100_000).fill(3) }] }),
  ]
  const making = batchInMaking()
  for (const file of files) making.add(file)
  const batch = making.take()
  assert.deepEqual([...unpackFiles(batch)], files)
  assert.deepEqual(batch.folders, [7, 8])
  assert.equal(batch.segments.length, 2)
})

test('a batch that was taken does not change with the next', () => {
  const making = batchInMaking()
  making.add(fileOf('one', { pieces: [{ inline: utf8('1') }] }))
  const first = making.take()
  assert.equal(making.files, 0)
  making.add(fileOf('two', { pieces: [{ inline: utf8('2') }] }))
  assert.deepEqual([...unpackFiles(first)][0]?.name, utf8('one'))
  assert.deepEqual([...unpackFiles(making.take())][0]?.name, utf8('two'))
})
