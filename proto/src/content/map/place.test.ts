// A page could stand under many keys: 64 small pages, each naming the next one twice, opened to 2^64 entries.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Bytes, hex, utf8 } from '../../bytes.ts'
import type { ObjectId } from '../../object/id.ts'
import type { Reference } from '../entry.ts'
import { diffMaps } from './diff.ts'
import { wholeMap } from './key.ts'
import type { Page } from './page.ts'
import { type LostRange, lookup, type PageSource, scanExtents, scanMap } from './read.ts'

const reference = (number: number): Reference => ({
  id: number.toString(16).padStart(64, '0') as ObjectId,
  key: new Uint8Array(32),
})
const folder = { kind: 'folder', size: 0, content: undefined } as never
const leaf = (...names: readonly string[]): Page => ({
  kind: 'entries',
  items: names.map(name => ({ key: utf8(name), entry: folder })),
})
const inner = (level: number, ...children: readonly (readonly [string | Bytes, number])[]): Page => ({
  kind: 'inner',
  level,
  children: children.map(([key, number]) => ({
    firstKey: typeof key === 'string' ? utf8(key) : key,
    reference: reference(number),
    entries: 1,
    bytes: 0,
    unread: 0,
  })),
})

/** Counts what is opened and gives up where an honest map ends. */
function shelf(pages: readonly Page[]): PageSource {
  let opened = 0
  return {
    async *pages(_, references) {
      for (const { id } of references) {
        if (++opened > 1000) throw new Error('it does not end')
        yield pages[Number.parseInt(id, 16)] as Page
      }
    },
  }
}

async function read(pages: readonly Page[], onLost?: (lost: LostRange) => void): Promise<string[]> {
  const names: string[] = []
  for await (const items of scanMap(shelf(pages), reference(0), wholeMap, onLost)) {
    names.push(...items.map(item => new TextDecoder().decode(item.key)))
  }
  return names
}

const bad = { code: 'bad_page' }

describe('a page', () => {
  it('that stands where the page above says is read', async () => {
    const pages = [inner(1, ['a', 1], ['c', 2]), leaf('a', 'b'), leaf('c', 'd')]
    assert.deepEqual(await read(pages), ['a', 'b', 'c', 'd'])
  })

  const wrong: [string, Page[]][] = [
    ['begins with another key', [inner(1, ['a', 1], ['c', 2]), leaf('b'), leaf('c')]],
    ['has keys of the page behind it', [inner(1, ['a', 1], ['c', 2]), leaf('a', 'c'), leaf('c')]],
    [
      'has keys of the page behind the one above',
      [inner(2, ['a', 1], ['c', 2]), inner(1, ['a', 3]), inner(1, ['c', 4]), leaf('a', 'c'), leaf('c')],
    ],
    ['stands under two keys', [inner(1, ['a', 1], ['c', 1]), leaf('a')]],
    ['is a leaf one level too high', [inner(2, ['a', 1]), leaf('a')]],
    ['is of the level above', [inner(1, ['a', 1]), inner(1, ['a', 2]), leaf('a')]],
    ['is empty below another one', [inner(1, ['a', 1]), leaf()]],
  ]
  for (const [name, pages] of wrong) {
    it(`that ${name} is damage`, async () => {
      await assert.rejects(read(pages), bad)
      const lost: LostRange[] = []
      await read(pages, one => lost.push(one))
      assert.equal(lost[0]?.failure.code, 'bad_page')
      const empty = [...pages, leaf()]
      const difference = diffMaps(shelf(empty), reference(0), reference(pages.length), () => true)
      await assert.rejects(Array.fromAsync(difference), bad)
    })
  }

  it('map-bomb: a tree in which every page names the next one twice ends at once', async () => {
    const pages = Array.from({ length: 64 }, (_, index) => {
      return inner(64 - index, ['a', index + 1], [`a${99 - index}`, index + 1])
    })
    await assert.rejects(read([...pages, leaf('a')]), bad)
    const lost: LostRange[] = []
    assert.deepEqual(await read([...pages, leaf('a')], one => lost.push(one)), ['a'])
    assert.equal(lost.length, 64)
  })

  it('that is looked for under its key is found or damage, never missing', async () => {
    const pages = [inner(1, ['a', 1], ['c', 2]), leaf('a', 'd'), leaf('c')]
    await assert.rejects(lookup(shelf(pages), reference(0), utf8('b')), bad)
  })

  it('of extents begins at the offset that the page above says', async () => {
    const extents = (offset: number): Page => ({
      kind: 'extents',
      items: [{ offset, extent: { segment: undefined, start: 0, length: 5 } }],
    })
    const key = (offset: number) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, offset)
    const right = [inner(1, [key(0), 1], [key(5), 2]), extents(0), extents(5)]
    assert.equal((await Array.fromAsync(scanExtents(shelf(right), reference(0)))).length, 2)
    const twice = [inner(1, [key(0), 1], [key(5), 1]), extents(0)]
    await assert.rejects(Array.fromAsync(scanExtents(shelf(twice), reference(0))), bad)
    assert.equal(hex(key(5)).length, 16)
  })
})
