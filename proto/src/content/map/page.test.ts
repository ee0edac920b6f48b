// What no honest writer makes, and what honest writers make at the limits.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Bytes, compareBytes, hex, utf8 } from '../../bytes.ts'
import type { ObjectId } from '../../object/id.ts'
import { backstay } from '../content.pb.js'
import type { Attribute, Content, Entry, Extent, Reference } from '../entry.ts'
import { sipHash } from '../siphash.ts'
import { buildExtentTree, entrySize, mapBuilder, newLeaf, type SealPage } from './build.ts'
import { keyBytesMax, keyOf, pathOf, prefixOf, subtreeRange } from './key.ts'
import { pageBytesMax } from './levels.ts'
import {
  decodePage,
  encodeExtentLeaf,
  encodeInner,
  encodeMapLeaf,
  type MapItem,
  offsetKey,
  type Page,
  type PlainPage,
} from './page.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const bad = { code: 'bad_page' }
const borderKey = new Uint8Array(16).fill(9)
const id = (byte: number) => new Uint8Array(32).fill(byte)
const reference = (byte: number): Reference => ({ id: hex(id(byte)) as ObjectId, key: id(byte + 1) })
const none = new Uint8Array()
const plainFile: Entry = {
  kind: 'file',
  size: 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  user: none,
  group: none,
  mtimeS: 0,
  mtimeNs: 0,
  linkGroup: undefined,
  target: undefined,
  device: undefined,
  attributes: [],
  sha256: undefined,
  content: { form: 'inline', bytes: none },
  unread: undefined,
  staleSinceS: undefined,
  sparse: false,
}
const encode = (page: backstay.content.Page.$Properties) => backstay.content.Page.encode(page).finish()
const read = (plain: PlainPage, tree: 'map' | 'extents' = 'map') =>
  decodePage(tree, plain.bytes, plain.children)

/** Pages by id, with a seal that only numbers them: the map's rules do not depend on cryptography. */
function shelf() {
  const pages = new Map<string, PlainPage>()
  const seal: SealPage = async plain => {
    const one = { id: pages.size.toString(16).padStart(64, '0') as ObjectId, key: new Uint8Array(32) }
    pages.set(one.id, plain)
    return one
  }
  const open = (one: Reference): Page => read(pages.get(one.id) as PlainPage)
  return { pages, seal, open }
}

async function build(items: readonly MapItem[]) {
  const kept = shelf()
  const builder = mapBuilder({ borderKey, seal: kept.seal })
  for (const { key, entry } of items) builder.add(newLeaf(key, entry))
  const built = await builder.finish()
  return { ...kept, ...built }
}

function leavesBelow(open: (one: Reference) => Page, root: Reference): MapItem[][] {
  const page = open(root)
  if (page.kind === 'inner') return page.children.flatMap(child => leavesBelow(open, child.reference))
  return page.kind === 'entries' ? [[...page.items]] : []
}

function levelsBelow(open: (one: Reference) => Page, roots: readonly Reference[]): number[] {
  const below = roots.flatMap(one => {
    const page = open(one)
    return page.kind === 'inner' ? page.children.map(child => child.reference) : []
  })
  return [roots.length, ...(below.length > 0 ? levelsBelow(open, below) : [])]
}

describe('an entry', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
  const some = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
  const plain = { noNullPrototype: true } as const
  const extent = fc.record(
    {
      segment: maybe(fc.integer({ min: 1, max: 9 }).map(reference)),
      start: fc.nat(2 ** 20),
      length: fc.nat(2 ** 40),
    },
    plain,
  )
  const contents = fc.oneof(
    bytes(20).map((inline): Content => ({ form: 'inline', bytes: inline })),
    fc
      .array(extent, { minLength: 1, maxLength: 5 })
      .map((extents): Content => ({ form: 'extents', extents })),
    fc
      .record({ root: fc.integer({ min: 1, max: 9 }).map(reference), extents: fc.nat() }, plain)
      .map((tree): Content => ({ form: 'tree', ...tree })),
  )
  const common = fc.record(
    {
      mode: fc.nat(0o7777),
      uid: fc.nat(0xffffffff),
      gid: fc.nat(0xffffffff),
      user: bytes(9),
      group: bytes(9),
      mtimeS: fc.oneof(fc.maxSafeInteger(), fc.integer()),
      mtimeNs: fc.nat(999_999_999),
      linkGroup: maybe(some(16)),
      attributes: fc.array(fc.record({ name: bytes(9), value: bytes(30) }, plain), { maxLength: 3 }),
      sha256: maybe(some(32)),
      staleSinceS: maybe(fc.integer({ min: 1 })),
      sparse: fc.boolean(),
    },
    plain,
  )
  const sizeOf = (content: Content): number => {
    if (content.form === 'inline') return content.bytes.length
    if (content.form === 'tree') return 2 ** 40
    return content.extents.reduce((sum: number, one: Extent) => sum + one.length, 0)
  }
  const entries = fc.oneof(
    fc.tuple(common, contents).map(
      ([fields, content]): Entry => ({
        ...plainFile,
        ...fields,
        content,
        size: sizeOf(content),
      }),
    ),
    fc.tuple(common, fc.constantFrom('folder', 'fifo', 'socket'), maybe(fc.uint8Array({ minLength: 1 }))).map(
      ([fields, kind, target]): Entry => ({
        ...plainFile,
        ...fields,
        kind: target === undefined ? (kind as Entry['kind']) : 'symlink',
        target,
        content: undefined,
      }),
    ),
    fc.tuple(common, fc.nat(0xffffffff), fc.nat(0xffffffff)).map(
      ([fields, major, minor]): Entry => ({
        ...plainFile,
        ...fields,
        kind: 'block_device',
        device: { major, minor },
        content: undefined,
      }),
    ),
    fc.tuple(common, maybe(contents)).map(
      ([fields, content]): Entry => ({
        ...plainFile,
        ...fields,
        kind: 'unread',
        content,
        size: content === undefined ? 0 : sizeOf(content),
        unread: { kind: 'file', reason: 'io', detail: 'EIO' },
      }),
    ),
  )

  it('of any kind, with any values, reads back as it was written', () => {
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 6 }), list => {
        const items = list.map((entry, index) => ({ key: keyOf([utf8('/'), utf8(`name ${index}`)]), entry }))
        assert.deepEqual(read(encodeMapLeaf(items)), { kind: 'entries', items })
      }),
      { seed, numRuns: 150 },
    )
  })

  it('pb-proto-key: named __proto__ and constructor everywhere stays what it is', () => {
    const name = utf8('__proto__')
    const entry: Entry = {
      ...plainFile,
      user: name,
      attributes: [
        { name, value: utf8('constructor') },
        { name: utf8('constructor'), value: name },
      ],
    }
    const items = [{ key: keyOf([name, name, name]), entry }]
    assert.deepEqual(read(encodeMapLeaf(items)), { kind: 'entries', items })
    assert.deepEqual(pathOf(keyOf([name, name, name])), [name, name, name])
    const reasons = ['__proto__', 'constructor', 'toString'].map(reason => {
      const row = { key: utf8('k'), kind: 8, unread: { reason, detail: '__proto__' } }
      const page = decodePage('map', encode({ entries: [row] }), [])
      return page.kind === 'entries' ? page.items[0]?.entry.unread?.reason : undefined
    })
    assert.deepEqual(reasons, ['unsupported', 'unsupported', 'unsupported'])
    assert.equal(Object.keys(Object.prototype).length, 0)
  })

  it('of a reason from a later version is still listed as unread', () => {
    const row = { key: utf8('k'), kind: 8, unread: { kind: 99, reason: 'abducted', detail: '' } }
    const page = decodePage('map', encode({ entries: [row] }), [])
    assert.ok(page.kind === 'entries')
    assert.deepEqual(page.items[0]?.entry.unread, { kind: undefined, reason: 'unsupported', detail: '' })
  })

  it('is refused when its content is not as long as it says, or its numbers are impossible', () => {
    const row = { key: utf8('k'), kind: 1, size: 4, inline: utf8('abcd') }
    const decode = (changes: object) => () =>
      decodePage('map', encode({ entries: [{ ...row, ...changes }], keys: id(2) }), [id(1)])
    const extents = [{ segment: 1, length: 4 }]
    assert.equal(decode({ inline: none, extents })().kind, 'entries')
    const wrong: [string, object][] = [
      ['kind 0', { kind: 0 }],
      ['kind 9', { kind: 9 }],
      ['more than its size inline', { inline: utf8('abcde') }],
      ['less than its size inline', { inline: utf8('abc') }],
      ['a size beyond 2^53', { size: 2 ** 53 }],
      ['a size of 2^64', { size: 2 ** 64 - 2048 }],
      ['extents that are too short', { inline: none, extents: [{ segment: 1, length: 3 }] }],
      ['an extent beyond 2^53', { size: 2 ** 53, inline: none, extents: [{ segment: 1, length: 2 ** 53 }] }],
      ['extents whose sum is beyond 2^53', { extents: Array(3).fill({ segment: 1, length: 2 ** 52 }) }],
      ['a tree of 2^53 extents', { extentTree: { child: 0, extents: 2 ** 53 } }],
      ['a child that is not there', { inline: none, extents: [{ segment: 2, length: 4 }] }],
      ['a tree that is not there', { extentTree: { child: 1, extents: 1 } }],
      ['a time beyond 2^53', { inline: none, extents, mtimeS: -(2 ** 54) }],
      ['a time of more than a second of nanoseconds', { inline: none, extents, mtimeNs: 1e9 }],
      ['a child that it does not use', {}],
    ]
    for (const [name, changes] of wrong) assert.throws(decode(changes), bad, name)
  })
})

describe('a page', () => {
  it('is refused when its keys are not sorted, share what is not there, or are endless', () => {
    const row = (key: string, shared = 0) => ({ kind: 2, key: utf8(key), shared })
    const decode = (rows: readonly object[], prefix = '') =>
      decodePage(
        'map',
        encode({ prefix: utf8(prefix), entries: rows as backstay.content.Entry.$Properties[] }),
        [],
      )
    assert.equal(decode([row('a'), row('b', 1), row('c')], 'x').kind, 'entries')
    const wrong: [string, readonly object[], string?][] = [
      ['two keys in the wrong order', [row('b'), row('a')]],
      ['a key twice', [row('a'), row('a')]],
      ['a key that ends where the one before ended', [row('ab'), row('', 2)]],
      ['a prefix of the key before', [row('ab'), row('', 1)]],
      ['more shared than the prefix has', [row('a', 1)], 'x'],
      ['more shared than the key before has', [row('a'), row('b', 2)]],
      ['the most that a number can say', [row('a'), row('b', 0xffffffff)]],
      ['one key of a megabyte', [row('a'.repeat(1_000_000))]],
      ['a megabyte of prefix', [row('a')], 'x'.repeat(1_000_000)],
    ]
    for (const [name, rows, prefix] of wrong) assert.throws(() => decode(rows, prefix), bad, name)
  })

  // Front-coded keys let a page of 300 KB open to 100,000 keys of 32 KiB each: more than 3 GB.
  it('cannot open to more keys than a page has room for', () => {
    const long = 'x'.repeat(keyBytesMax)
    const rows = Array.from({ length: 100_000 }, (_, index) => ({
      kind: 2,
      key: index === 0 ? utf8(long) : utf8(index.toString().padStart(6, '0')),
      shared: index === 0 ? 0 : keyBytesMax,
    }))
    const before = process.memoryUsage().rss
    assert.throws(() => decodePage('map', encode({ entries: rows }), []), bad)
    const children = rows.map(({ key }) => ({ firstKey: key, child: 0 }))
    const inner = encode({ level: 1, prefix: utf8(long), children, keys: id(2) })
    assert.throws(() => decodePage('map', inner, [id(1)]), bad)
    assert.ok(process.memoryUsage().rss - before < 256 * 1024 * 1024)
  })

  it('is refused when it mixes kinds of content', () => {
    const entry = { key: utf8('a'), kind: 2 }
    const extent = { length: 1 }
    const child = { firstKey: utf8('a'), child: 0 }
    const mixed: [string, 'map' | 'extents', backstay.content.Page.$Properties, Bytes[]][] = [
      ['a leaf with children', 'map', { entries: [entry], children: [child], keys: id(2) }, [id(1)]],
      [
        'an inner page with entries',
        'map',
        { level: 1, entries: [entry], children: [child], keys: id(2) },
        [id(1)],
      ],
      [
        'an inner page with extents',
        'map',
        { level: 1, extents: [extent], children: [child], keys: id(2) },
        [id(1)],
      ],
      ['extents in a map', 'map', { entries: [entry], extents: [extent] }, []],
      ['nothing but extents in a map', 'map', { extents: [extent] }, []],
      ['entries in an extent tree', 'extents', { entries: [entry] }, []],
      ['an inner page without children', 'map', { level: 1 }, []],
      ['level 65', 'map', { level: 65, children: [child], keys: id(2) }, [id(1)]],
      ['level 2^32 - 1', 'map', { level: 0xffffffff, children: [child], keys: id(2) }, [id(1)]],
    ]
    for (const [name, tree, page, children] of mixed) {
      assert.throws(() => decodePage(tree, encode(page), children), bad, name)
    }
  })

  it('child-list-lie: is refused when header and body name different children', () => {
    const child = (index: number, firstKey: string) => ({ firstKey: utf8(firstKey), child: index })
    const page = (children: readonly object[], keys: number) =>
      encode({
        level: 1,
        children: children as backstay.content.Child.$Properties[],
        keys: new Uint8Array(keys),
      })
    assert.equal(decodePage('map', page([child(0, 'a'), child(1, 'b')], 64), [id(1), id(2)]).kind, 'inner')
    const wrong: [string, Bytes, Bytes[]][] = [
      ['one child not used', page([child(0, 'a')], 64), [id(1), id(2)]],
      ['the other child not used', page([child(1, 'a')], 64), [id(1), id(2)]],
      ['a child that is not there', page([child(0, 'a'), child(2, 'b')], 64), [id(1), id(2)]],
      ['a key missing', page([child(0, 'a'), child(1, 'b')], 32), [id(1), id(2)]],
      ['a key too many', page([child(0, 'a')], 64), [id(1)]],
      ['half a key', page([child(0, 'a')], 31), [id(1)]],
    ]
    for (const [name, bytes, children] of wrong)
      assert.throws(() => decodePage('map', bytes, children), bad, name)
  })

  it('is refused when its counts are impossible', () => {
    const right = { firstKey: utf8('a'), child: 0, entries: 1, bytes: 1, unread: 0 }
    for (const changes of [{ entries: 2 ** 53 }, { bytes: 2 ** 60 }, { unread: 2 ** 64 - 2048 }]) {
      const bytes = encode({ level: 1, children: [{ ...right, ...changes }], keys: id(2) })
      assert.throws(() => decodePage('map', bytes, [id(1)]), bad)
    }
  })

  it('of extents is refused unless they follow one another and end below 2^53', () => {
    const decode = (extents: backstay.content.Extent.$Properties[]) => () =>
      decodePage('extents', encode({ extents }), [])
    assert.equal(
      decode([
        { offset: 5, length: 5 },
        { offset: 10, length: 1 },
      ])().kind,
      'extents',
    )
    const wrong: [string, backstay.content.Extent.$Properties[]][] = [
      ['a gap', [{ length: 5 }, { offset: 6, length: 1 }]],
      ['an overlap', [{ length: 5 }, { offset: 4, length: 1 }]],
      ['no length', [{ offset: 5, length: 0 }]],
      ['an offset beyond 2^53', [{ offset: 2 ** 53, length: 1 }]],
      ['an end beyond 2^53', [{ offset: 2 ** 53 - 1, length: 1 }]],
      ['an offset of 2^64', [{ offset: 2 ** 64 - 2048, length: 1 }]],
    ]
    for (const [name, extents] of wrong) assert.throws(decode(extents), bad, name)
  })

  it('of an empty tree is empty, and names every child once however often it is used', () => {
    assert.deepEqual(read(encodeMapLeaf([])), { kind: 'entries', items: [] })
    const extents = [1, 2, 1].map(byte => ({ segment: reference(byte), start: 0, length: 1 }))
    const items = extents.map((extent, offset) => ({ offset, extent }))
    const leaf = encodeExtentLeaf(items)
    assert.deepEqual(leaf.children, [id(1), id(2)])
    assert.deepEqual(read(leaf, 'extents'), { kind: 'extents', items })
    const children = [3, 2].map((byte, index) => {
      return { firstKey: Uint8Array.of(index), reference: reference(byte), entries: 1, bytes: 2, unread: 0 }
    })
    const inner = encodeInner(1, children)
    assert.deepEqual(inner.children, [id(2), id(3)])
    assert.deepEqual(read(inner), { kind: 'inner', level: 1, children })
  })
})

describe('a map at its limits', () => {
  it('holds entries with 64 KiB of attributes, one on a page', async () => {
    const attributes: Attribute[] = [{ name: utf8('user.large'), value: new Uint8Array(64 * 1024).fill(5) }]
    const items = Array.from({ length: 100 }, (_, index) => ({
      key: keyOf([utf8('/'), utf8(`name ${index.toString().padStart(3, '0')}`)]),
      entry: { ...plainFile, attributes: index % 10 === 0 ? attributes : [] },
    }))
    const { open, root, entries } = await build(items)
    assert.equal(entries, 100)
    const leaves = leavesBelow(open, root)
    assert.deepEqual(leaves.flat(), items)
    for (const leaf of leaves) {
      const size = leaf.reduce((sum, { key, entry }) => sum + entrySize(key, entry), 0)
      assert.ok(leaf.length === 1 || size <= pageBytesMax)
    }
  })

  it('holds keys of 32 KiB, and each level is shorter than the one below', async () => {
    const long = (index: number) => {
      const folder = utf8('d'.repeat(255))
      const folders = Array.from({ length: 127 }, () => folder)
      const name = utf8(`${index.toString().padStart(4, '0')}${'n'.repeat(keyBytesMax - 127 * 256 - 1 - 4)}`)
      return keyOf([...folders, name])
    }
    const items = Array.from({ length: 150 }, (_, index) => ({ key: long(index), entry: plainFile }))
    assert.equal(items[0]?.key.length, keyBytesMax)
    const { open, root } = await build(items)
    assert.deepEqual(leavesBelow(open, root).flat(), items)
    const levels = levelsBelow(open, [root])
    for (const [index, pages] of levels.entries()) {
      if (index > 0) assert.ok(pages > (levels[index - 1] as number), `pages by level: ${levels}`)
    }
  })

  it('border locality: one inserted entry changes pages near it, those above them, and no other', async () => {
    const items = Array.from({ length: 6000 }, (_, index) => ({
      key: keyOf([utf8('/'), utf8(`file ${index.toString().padStart(5, '0')}`)]),
      entry: plainFile,
    }))
    const leafIds = async (list: readonly MapItem[]) => {
      const { open, root } = await build(list)
      return leavesBelow(open, root).map(leaf => leaf.map(item => hex(item.key)).join())
    }
    const before = await leafIds(items)
    for (const at of [0, 1234, 3000, 5999]) {
      const key = keyOf([utf8('/'), utf8(`file ${at.toString().padStart(5, '0')} copy`)])
      const changed = [...items, { key, entry: plainFile }].sort((a, b) => compareBytes(a.key, b.key))
      const after = await leafIds(changed)
      const made = after.filter(leaf => !before.includes(leaf))
      assert.ok(made.length >= 1 && made.length <= 3, `${made.length} leaf pages differ`)
    }
  })

  it('begins pages where SipHash of the keys says, under the first 16 bytes of the border key', async () => {
    const items = Array.from({ length: 3000 }, (_, index) => ({
      key: keyOf([utf8('/'), utf8(`file ${index.toString().padStart(5, '0')}`)]),
      entry: plainFile,
    }))
    const hash = sipHash(borderKey)
    const hashes = items.map(({ key }) => hash.hash(key, 0, key.length))
    const borders = [0]
    for (let at = 32; at < items.length - 32; at++) {
      if (hashes[at] === Math.min(...hashes.slice(at - 32, at + 33))) borders.push(at)
    }
    const { open, root } = await build(items)
    let first = 0
    const firsts = leavesBelow(open, root).map(leaf => {
      first += leaf.length
      return first - leaf.length
    })
    assert.deepEqual(firsts, borders)
  })

  it('counts entries, bytes and what could not be read below every page', async () => {
    const items = Array.from({ length: 5000 }, (_, index): MapItem => {
      const lost: Entry = {
        ...plainFile,
        kind: 'unread',
        content: undefined,
        unread: { kind: undefined, reason: 'denied', detail: 'EACCES' },
      }
      const size = { ...plainFile, size: 3, content: { form: 'inline', bytes: utf8('abc') } } as const
      const key = keyOf([utf8('/'), utf8(`file ${index.toString().padStart(5, '0')}`)])
      return { key, entry: index % 7 === 0 ? lost : size }
    })
    const unread = items.filter(item => item.entry.kind === 'unread').length
    const { open, root, ...counts } = await build(items)
    assert.deepEqual(
      { entries: counts.entries, bytes: counts.bytes, unread: counts.unread },
      { entries: 5000, bytes: 3 * (5000 - unread), unread },
    )
    const top = open(root)
    assert.ok(top.kind === 'inner')
    assert.equal(
      top.children.reduce((sum, child) => sum + child.unread, 0),
      unread,
    )
  })

  it('ends with the failure of a page that could not be sealed', async () => {
    const seal: SealPage = () => Promise.reject(new Error('the disk is gone'))
    const builder = mapBuilder({ borderKey, seal })
    builder.add(newLeaf(keyOf([utf8('/')]), plainFile))
    await assert.rejects(builder.finish(), /the disk is gone/)
    const extents = Array.from({ length: 2000 }, (_, offset) => {
      return { offset, extent: { segment: undefined, start: 0, length: 1 } }
    })
    await assert.rejects(buildExtentTree(borderKey, seal, extents), /the disk is gone/)
  })
})

describe('a range of keys', () => {
  it('of offsets sorts as numbers do', () => {
    const offsets = [0, 1, 255, 256, 2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]
    assert.deepEqual(offsets.map(offsetKey).sort(compareBytes), offsets.map(offsetKey))
  })

  // The range below no folder ended at the empty key, before everything: a whole map listed as empty.
  it('below no folder at all is the whole map', () => {
    assert.deepEqual(subtreeRange([]), { from: none, to: undefined })
    const folder = [utf8('/'), utf8('a')]
    const { from, to } = subtreeRange(folder)
    assert.deepEqual(from, prefixOf(folder))
    for (const [path, inside] of [
      [['/', 'a', 'b'], true],
      [['/', 'a', 'b', 'c'], true],
      [['/', 'a'], false],
      [['/', 'a b'], false],
      [['/', 'aa', 'b'], false],
      [['/', 'a\u0001', 'b'], false],
    ] as const) {
      const key = keyOf(path.map(utf8))
      assert.equal(
        compareBytes(key, from) >= 0 && to !== undefined && compareBytes(key, to) < 0,
        inside,
        path.join(),
      )
    }
  })
})
