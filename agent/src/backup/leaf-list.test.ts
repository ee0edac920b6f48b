import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes } from '@backstay/proto/bytes'
import type { Child } from '@backstay/proto/content/map/page'
import { objectId } from '@backstay/proto/object/id'
import fc from 'fast-check'
import { leafList } from './leaf-list.ts'

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

const plain = { noNullPrototype: true }
const child: fc.Arbitrary<Child> = fc.record(
  {
    firstKey: fc.uint8Array({ maxLength: 40 }),
    reference: fc.record({ id: bytesOf(32).map(objectId), key: bytesOf(32) }, plain),
    entries: fc.nat(2 ** 32 - 1),
    unread: fc.nat(2 ** 32 - 1),
    bytes: fc.nat(Number.MAX_SAFE_INTEGER),
  },
  plain,
)

const row = { entries: 1, unread: 0, bytes: 1 }

describe('the list of leaf pages', () => {
  it('gives back every leaf as it was added, in order', () => {
    fc.assert(
      fc.property(fc.array(child, { maxLength: 200 }), children => {
        const sorted = children.toSorted((a, b) => compareBytes(a.firstKey, b.firstKey))
        const list = leafList()
        for (const one of sorted) list.add(one)
        assert.equal(list.count, sorted.length)
        assert.deepEqual([...list], sorted)
      }),
    )
  })

  it('takes keys that are longer than a block', () => {
    const list = leafList()
    const reference = { id: objectId(new Uint8Array(32)), key: new Uint8Array(32) }
    const keys = [1, 2, 3].map(last => new Uint8Array(70_000).fill(last, 100 - last))
    const leaves = keys.toSorted(compareBytes).map(firstKey => ({ ...row, firstKey, reference }))
    for (const leaf of leaves) list.add(leaf)
    assert.deepEqual([...list], leaves)
  })

  it('shows what was added while it is read, behind all else', () => {
    const list = leafList()
    const add = (text: string) => {
      const reference = { id: objectId(new Uint8Array(32)), key: new Uint8Array(32) }
      list.add({ ...row, firstKey: Buffer.from(text), reference })
    }
    for (const text of ['a', 'ab']) add(text)
    const seen: string[] = []
    for (const { firstKey } of list) {
      seen.push(String.fromCharCode(...firstKey))
      if (seen.length === 1) add('abc')
    }
    assert.deepEqual(seen, ['a', 'ab', 'abc'])
  })
})
