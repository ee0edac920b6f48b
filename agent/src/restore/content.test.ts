import assert from 'node:assert/strict'
import { createHash, hash } from 'node:crypto'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { segmentsAhead } from '@backstay/proto/content/archive/segments-ahead'
import type { Extent, Reference } from '@backstay/proto/content/entry'
import type { PageSource } from '@backstay/proto/content/map/read'
import { isFailure } from '@backstay/proto/failure'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import { checkedContent } from './content.ts'
import { runLength } from './target-content.ts'
import { entry } from './testing/entries.ts'

const mebibyte = 1024 * 1024
const reference: Reference = { id: 'a'.repeat(64) as ObjectId, key: new Uint8Array(32) }
const text = utf8('some text')

function segments() {
  return segmentsAhead(
    {
      async *get(ids) {
        for (const id of ids) yield { id, stored: text as Sealed }
      },
    },
    { open: async () => text, giveBack: () => undefined },
  )
}

/** A tree of extents, which unlike a list is not compared with the size when it is read. */
function treeOf(extents: readonly Extent[]): { readonly pages: PageSource; readonly root: Reference } {
  const items: { offset: number; extent: Extent }[] = []
  let offset = 0
  for (const extent of extents) {
    items.push({ offset, extent })
    offset += extent.length
  }
  return {
    root: reference,
    pages: {
      async *pages() {
        yield { kind: 'extents', items }
      },
    },
  }
}

const data: Extent = { segment: reference, start: 0, length: text.length }
const hole = (length: number): Extent => ({ segment: undefined, start: 0, length })

test('a forged hole that goes beyond the size is refused before its zeros are hashed', async () => {
  const { pages, root } = treeOf([data, hole(2 ** 52), data])
  const content = { form: 'tree', root, extents: 3 } as const
  const forged = entry({ size: 1000, content, sparse: true, sha256: new Uint8Array(32) })
  const lengths: number[] = []
  await assert.rejects(
    async () => {
      for await (const run of checkedContent(forged, segments(), pages)) lengths.push(runLength(run))
    },
    error => isFailure(error, 'wrong_content'),
  )
  assert.deepEqual(lengths, [text.length])
})

test('a sparse file has the hash of its zeros, and hashing them can be ended', async () => {
  const size = 2 * text.length + 200 * mebibyte + 3
  const hasher = createHash('sha256').update(text)
  for (let i = 0; i < 200; i++) hasher.update(new Uint8Array(mebibyte))
  const sha256 = new Uint8Array(hasher.update(new Uint8Array(3)).update(text).digest())
  const { pages, root } = treeOf([data, hole(200 * mebibyte + 3), data])
  const sparse = entry({ size, content: { form: 'tree', root, extents: 3 }, sparse: true, sha256 })
  let length = 0
  for await (const run of checkedContent(sparse, segments(), pages)) length += runLength(run)
  assert.equal(length, size)
  const ending = new AbortController()
  setImmediate(() => ending.abort(new Error('enough')))
  await assert.rejects(async () => {
    for await (const _ of checkedContent(sparse, segments(), pages, ending.signal));
  }, /enough/)
})

test('a wrong hash is found at the end', async () => {
  const { pages } = treeOf([])
  const content = { form: 'extents', extents: [data] } as const
  const right = entry({ size: text.length, content, sha256: new Uint8Array(hash('sha256', text, 'buffer')) })
  for await (const run of checkedContent(right, segments(), pages)) assert.equal(runLength(run), text.length)
  await assert.rejects(
    async () => {
      for await (const _ of checkedContent({ ...right, sha256: new Uint8Array(32) }, segments(), pages));
    },
    error => isFailure(error, 'wrong_content'),
  )
})
