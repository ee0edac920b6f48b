import assert from 'node:assert/strict'
import { createHash, hash } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { utf8 } from '@backstay/proto/bytes'
import { segmentsAhead } from '@backstay/proto/content/archive/segments-ahead'
import type { Extent, Reference } from '@backstay/proto/content/entry'
import type { PageSource } from '@backstay/proto/content/map/read'
import { isFailure } from '@backstay/proto/failure'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import type { Handle } from '../system/system.ts'
import { checkedContent } from './content.ts'
import { runLength, writeRuns } from './target-content.ts'
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

test('a run is written while the next is made, from memory that nobody else is given meanwhile', async () => {
  // Larger than what is kept although nobody wants it.
  const lengths = Array.from({ length: 12 }, (_, index) => 5 * mebibyte + index)
  const size = lengths.reduce((sum, length) => sum + length, 0)
  const filled = (index: number, length: number) => new Uint8Array(length).fill(index + 1)
  const hasher = createHash('sha256')
  for (const [index, length] of lengths.entries()) hasher.update(filled(index, length))
  const extents = lengths.map((length, index) => {
    const id = index.toString(16).padStart(64, '0') as ObjectId
    return { segment: { id, key: reference.key }, start: 0, length }
  })
  const large = entry({
    size,
    content: { form: 'extents', extents },
    sha256: new Uint8Array(hasher.digest()),
  })
  let opened = 0
  const opening = segmentsAhead(
    {
      async *get(ids) {
        for (const id of ids) yield { id, stored: text as Sealed }
      },
    },
    {
      async open({ id }, _, length) {
        opened++
        return filled(Number.parseInt(id, 16), length)
      },
      // As the next one that is opened there would.
      giveBack: plain => void plain.fill(0),
    },
  )
  const written: number[] = []
  let openedWhileWriting = 0
  const writer = {
    async writeRun(_: unknown, bytes: Uint8Array, position: number) {
      const before = opened
      await delay(2)
      openedWhileWriting += opened - before
      const value = bytes[0] as number
      assert.ok(bytes.every(byte => byte === value))
      written.push(value)
      assert.equal(
        position,
        lengths.slice(0, value - 1).reduce((sum, length) => sum + length, 0),
      )
    },
  }
  const content = checkedContent(large, opening, treeOf([]).pages)
  const resize = () => undefined
  assert.equal(await writeRuns({ resize }, writer, 0 as unknown as Handle, content, large), size)
  assert.deepEqual(
    written,
    lengths.map((_, index) => index + 1),
  )
  assert.ok(openedWhileWriting > 3, `${openedWhileWriting}`)
})

test('what a run is refused with comes out, also when it is the last', async () => {
  for (const last of [0, 1, 2]) {
    const { pages } = treeOf([])
    const bytes = Buffer.concat([text, text, text])
    const extents = [data, { ...data }, { ...data }]
    const whole = entry({
      ...{ size: bytes.length, content: { form: 'extents', extents } },
      sha256: new Uint8Array(hash('sha256', bytes, 'buffer')),
    })
    let runs = 0
    const writer = {
      async writeRun() {
        await delay(1)
        if (runs++ === last) throw new Error('no space')
      },
    }
    const content = checkedContent(whole, segments(), pages)
    const resize = () => undefined
    await assert.rejects(writeRuns({ resize }, writer, 0 as unknown as Handle, content, whole), /no space/)
  }
})
