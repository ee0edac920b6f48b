import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { type Bytes, compareBytes, utf8 } from '@backstay/proto/bytes'
import fc from 'fast-check'
import type { FolderEntry } from '../system/system.ts'
import { fewNamesIn, namesIn } from './folder-names.ts'

function listerOf(names: readonly Bytes[]) {
  let told = 0
  return {
    get told() {
      return told
    },
    *listFolder() {
      for (const name of names) {
        told++
        yield { name, kind: 'file', inode: told } satisfies FolderEntry
      }
    },
  }
}

const all = ({ count, at }: ReturnType<typeof namesIn>) =>
  Array.from({ length: count }, (_, index) => at(index))

test('names are sorted by their bytes, a few as well as very many', () => {
  const name = fc.uint8Array({ minLength: 1, maxLength: 255 }).map(bytes => new Uint8Array(bytes))
  const names = fc.oneof(
    fc.array(name, { maxLength: 50 }),
    // Most of them have the same beginning, and one is the beginning of another.
    fc
      .integer({ min: 1000, max: 9000 })
      .map(count => Array.from({ length: count }, (_, index) => utf8(`note ${(index * 7919) % count}`))),
  )
  fc.assert(
    fc.property(names, given => {
      assert.deepEqual(all(namesIn(listerOf(given), 0)), given.toSorted(compareBytes))
    }),
    { numRuns: 40 },
  )
})

test('names of many megabytes together are all there', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => new Uint8Array(randomBytes(1 + (index % 255))))
  assert.deepEqual(all(namesIn(listerOf(names), 0)), names.toSorted(compareBytes))
})

test('who wants a few is not told more', () => {
  const names = Array.from({ length: 5000 }, (_, index) => utf8(`${index}`))
  const lister = listerOf(names)
  assert.equal(fewNamesIn(lister, 0, 1024), undefined)
  assert.equal(lister.told, 1025)
  assert.equal(fewNamesIn(listerOf(names.slice(0, 1024)), 0, 1024)?.count, 1024)
})
