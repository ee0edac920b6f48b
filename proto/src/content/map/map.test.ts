import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Bytes, compareBytes, equalBytes, hex, utf8 } from '../../bytes.ts'
import { nodePrimitives as p } from '../../node.ts'
import type { Sealed } from '../../object/id.ts'
import type { Entry, Reference } from '../entry.ts'
import { openObject, sealObject } from '../seal.ts'
import { buildExtentTree, mapBuilder, newLeaf, type SealPage } from './build.ts'
import { diffMaps } from './diff.ts'
import { childKey, childrenRange, keyOf, pathOf, prefixOf, subtreeRange, wholeMap } from './key.ts'
import { measureRange } from './measure.ts'
import { decodePage, type ExtentItem, type MapItem, pageTypes, type Tree } from './page.ts'
import { lookup, type PageSource, scanExtents, scanMap } from './read.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const runs = process.env.SLOW ? 200 : 20
const keys = { epoch: 1, objectKey: new Uint8Array(32).fill(7) }
const borderKey = new Uint8Array(16).fill(9)

function vault() {
  const stored = new Map<string, Sealed>()
  let sealed = 0
  const sealer =
    (tree: Tree): SealPage =>
    async plain => {
      const object = await sealObject(p, keys, { type: pageTypes[tree], ...plain })
      if (!stored.has(object.reference.id)) sealed++
      stored.set(object.reference.id, object.stored)
      return object.reference
    }
  let opened = 0
  const source: PageSource = {
    async *pages(tree, references) {
      for (const reference of references) {
        opened++
        const object = await openObject(
          p,
          reference,
          pageTypes[tree],
          stored.get(reference.id) as Sealed,
          keys,
        )
        yield decodePage(tree, object.bytes, object.children)
      }
    },
  }
  return { sealer, source, stored, opened: () => opened, sealed: () => sealed }
}

function file(text: string, size = text.length): Entry {
  const none = new Uint8Array()
  return {
    kind: 'file',
    size,
    mode: 0o644,
    uid: 0,
    gid: 0,
    user: none,
    group: none,
    mtimeS: -5,
    mtimeNs: 999_999_999,
    linkGroup: undefined,
    target: undefined,
    device: undefined,
    attributes: [],
    sha256: new Uint8Array(32).fill(size & 255),
    content: { form: 'inline', bytes: utf8(text) },
    unread: undefined,
    staleSinceS: undefined,
    sparse: false,
  }
}

const itemsOf = (names: Iterable<string>, text = (name: string) => name): MapItem[] =>
  [...names]
    .map(name => ({ key: keyOf(['/', ...name.split('/')].map(utf8)), entry: file(text(name)) }))
    .sort((a, b) => compareBytes(a.key, b.key))

async function build(vaulted: ReturnType<typeof vault>, items: readonly MapItem[]): Promise<Reference> {
  const builder = mapBuilder({ borderKey, seal: vaulted.sealer('map') })
  for (const { key, entry } of items) builder.add(newLeaf(key, entry))
  await builder.ready()
  return (await builder.finish()).root
}

async function all(vaulted: ReturnType<typeof vault>, root: Reference, range = wholeMap): Promise<MapItem[]> {
  const items: MapItem[] = []
  for await (const some of scanMap(vaulted.source, root, range)) items.push(...some)
  return items
}

const sameEntry = (a: Entry, b: Entry) =>
  a.content?.form === 'inline' && b.content?.form === 'inline' && equalBytes(a.content.bytes, b.content.bytes)

test('keys put direct children before subfolders and turn back into paths', () => {
  const paths = ['b', 'a', 'a/z', 'a/b/c', 'ab', 'a-b', 'a/b'].map(text =>
    ['/', ...text.split('/')].map(utf8),
  )
  const sorted = paths.map(keyOf).sort(compareBytes)
  const text = sorted.map(key =>
    pathOf(key)
      .map(part => new TextDecoder().decode(part))
      .slice(1)
      .join('/'),
  )
  assert.deepEqual(text, ['a', 'a-b', 'ab', 'b', 'a/b', 'a/z', 'a/b/c'])
  assert.deepEqual(pathOf(keyOf([utf8('/')])), [utf8('/')])
  assert.deepEqual(childKey(prefixOf([utf8('/'), utf8('a')]), utf8('b')), keyOf(['/', 'a', 'b'].map(utf8)))
  for (const bad of [new Uint8Array(), utf8('x'), Uint8Array.of(0), Uint8Array.of(97, 0, 0)]) {
    assert.throws(() => pathOf(bad), { code: 'bad_path' })
  }
})

test('a map reads back what was put in, whole, by folder and by key', async () => {
  const names = Array.from({ length: 5000 }, (_, i) => `d${i % 37}/e${i % 5}/file ${i}`)
  const items = itemsOf(names)
  const vaulted = vault()
  const root = await build(vaulted, items)
  assert.deepEqual(
    (await all(vaulted, root)).map(item => hex(item.key)),
    items.map(item => hex(item.key)),
  )
  const folder = ['/', 'd3'].map(utf8)
  const below = await all(vaulted, root, subtreeRange(folder))
  assert.equal(below.length, names.filter(name => name.startsWith('d3/')).length)
  assert.equal((await all(vaulted, root, childrenRange(folder))).length, 0)
  const before = vaulted.opened()
  const found = await lookup(vaulted.source, root, keyOf(['/', 'd0', 'e0', 'file 0'].map(utf8)))
  assert.deepEqual(found, file('d0/e0/file 0'))
  assert.ok(vaulted.opened() - before <= 4, 'a lookup opens one page a level')
  assert.equal(await lookup(vaulted.source, root, keyOf(['/', 'nothing'].map(utf8))), undefined)
})

test('a folder is measured by the pages above it, with few of its own opened', async () => {
  const names = Array.from({ length: 5000 }, (_, i) => `d${i % 7}/e${i % 5}/file ${i}`)
  const vaulted = vault()
  const root = await build(vaulted, itemsOf(names))
  for (const folder of [['d3'], ['d3', 'e1'], [], ['nothing']]) {
    const range = subtreeRange(['/', ...folder].map(utf8))
    const items = await all(vaulted, root, range)
    const before = vaulted.opened()
    const measured = await measureRange(vaulted.source, root, range)
    const bytes = items.reduce((sum, { entry }) => sum + entry.size, 0)
    assert.deepEqual(measured, { entries: items.length, bytes }, folder.join('/'))
    assert.ok(vaulted.opened() - before <= 8, `${vaulted.opened() - before} pages opened`)
  }
})

test('an empty map has one empty page', async () => {
  const vaulted = vault()
  assert.deepEqual(await all(vaulted, await build(vaulted, [])), [])
})

test('the same content gives the same root, whatever the order of changes', async () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-f]{1,3}(\/[a-f]{1,4}){0,2}$/), {
    minLength: 1,
    maxLength: 400,
  })
  await fc.assert(
    fc.asyncProperty(names, async chosen => {
      const vaulted = vault()
      const items = itemsOf(chosen)
      const root = await build(vaulted, items)
      // The same map again, with all that stands on a page of another map taken over from there.
      const half = itemsOf(chosen.filter((_, index) => index % 2 === 0))
      const other = await build(vaulted, half)
      const origins = new Map<string, { reference: Reference; items: number; index: number }>()
      for (const reference of await leavesOf(vaulted, other)) {
        for (const [index, item] of reference.items.entries()) {
          origins.set(hex(item.key), { reference: reference.reference, items: reference.items.length, index })
        }
      }
      const builder = mapBuilder({ borderKey, seal: vaulted.sealer('map') })
      const shared = new Map<string, { reference: Reference; items: number }>()
      for (const item of items) {
        const origin = origins.get(hex(item.key))
        const leaf = newLeaf(item.key, item.entry)
        if (origin === undefined) builder.add(leaf)
        else {
          const known = shared.get(origin.reference.id) ?? origin
          shared.set(origin.reference.id, known)
          builder.add({ ...leaf, origin: known, index: origin.index })
        }
      }
      assert.equal((await builder.finish()).root.id, root.id)
    }),
    { seed, numRuns: runs },
  )
})

async function leavesOf(vaulted: ReturnType<typeof vault>, root: Reference) {
  const found: { reference: Reference; items: readonly MapItem[] }[] = []
  const visit = async (reference: Reference): Promise<void> => {
    for await (const page of vaulted.source.pages('map', [reference])) {
      if (page.kind === 'entries') found.push({ reference, items: page.items })
      if (page.kind === 'inner') for (const child of page.children) await visit(child.reference)
    }
  }
  await visit(root)
  return found
}

test('the differences of two maps, applied to the first, give the second', async () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-d]{1,3}(\/[a-d]{1,4}){0,2}$/), { maxLength: 300 })
  await fc.assert(
    fc.asyncProperty(names, names, fc.integer(), async (first, second, salt) => {
      const vaulted = vault()
      const before = itemsOf(first)
      const after = itemsOf(second, name => (name.length % 3 === 0 ? `${name}${salt}` : name))
      const [a, b] = [await build(vaulted, before), await build(vaulted, after)]
      const patched = new Map(before.map(item => [hex(item.key), item.entry]))
      let last: Bytes | undefined
      for await (const difference of diffMaps(vaulted.source, a, b, sameEntry)) {
        assert.ok(last === undefined || compareBytes(last, difference.key) < 0, 'in order, each once')
        last = difference.key
        if (difference.after === undefined) patched.delete(hex(difference.key))
        else patched.set(hex(difference.key), difference.after)
      }
      const texts = (entries: Iterable<[string, Entry]>) =>
        [...entries].map(([key, entry]) => `${key} ${JSON.stringify(entry.content)}`).sort()
      assert.deepEqual(
        texts(patched),
        texts(after.map(item => [hex(item.key), item.entry] as [string, Entry])),
      )
    }),
    { seed, numRuns: runs },
  )
})

test('one changed entry makes one new page a level, and its difference opens only those', async () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `d${i % 97}/file ${i}`)
  const vaulted = vault()
  const items = itemsOf(names)
  const a = await build(vaulted, items)
  const before = vaulted.sealed()
  const changed = items.with(7777, { ...(items[7777] as MapItem), entry: file('other') })
  const b = await build(vaulted, changed)
  assert.ok(vaulted.sealed() - before <= 3, `${vaulted.sealed() - before} new pages`)
  const opened = vaulted.opened()
  let differences = 0
  for await (const _ of diffMaps(vaulted.source, a, b, sameEntry)) differences++
  assert.equal(differences, 1)
  assert.ok(vaulted.opened() - opened <= 8, `${vaulted.opened() - opened} pages opened`)
})

test('pages average 65 entries and stay within a small spread', async () => {
  const vaulted = vault()
  const root = await build(vaulted, itemsOf(Array.from({ length: 20_000 }, (_, i) => `x${i}`)))
  const sizes = (await leavesOf(vaulted, root)).map(leaf => leaf.items.length)
  const average = 20_000 / sizes.length
  assert.ok(average > 55 && average < 75, `average ${average}`)
  assert.ok(Math.max(...sizes) < 260, `largest ${Math.max(...sizes)}`)
})

test('pages behind one that waits for its segment count as waiting, though they were sealed', async () => {
  const { sealer, source } = vault()
  const seal = sealer('map')
  const gate = Promise.withResolvers<void>()
  let pages = 0
  const builder = mapBuilder({
    borderKey,
    async seal(plain) {
      if (pages++ === 0) await gate.promise
      return seal(plain)
    },
  })
  const count = 20_000
  for (let index = 0; index < count; index++)
    builder.add(newLeaf(utf8(`${index}`.padStart(8, '0')), file('')))
  // All but the first.
  while (pages < 250) await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setTimeout(resolve, 50))
  assert.ok(builder.pressure > 0.5)
  gate.resolve()
  await builder.ready()
  const { root, entries } = await builder.finish()
  assert.equal(entries, count)
  assert.ok((await lookup(source, root, utf8('00000000'))) !== undefined)
})

test('an extent tree finds the extents of any range', async () => {
  const vaulted = vault()
  const segment = { id: 'ab'.repeat(32) as Reference['id'], key: new Uint8Array(32).fill(1) }
  const items: ExtentItem[] = []
  for (let offset = 0; offset < 1e12; offset += 3e8) {
    const length = Math.min(3e8, 1e12 - offset)
    items.push({ offset, extent: { segment: offset % 2 ? undefined : segment, start: 5, length } })
  }
  const root = await buildExtentTree(borderKey, vaulted.sealer('extents'), items)
  const read: ExtentItem[] = []
  for await (const some of scanExtents(vaulted.source, root)) read.push(...some)
  assert.deepEqual(read, items)
  const part: ExtentItem[] = []
  for await (const some of scanExtents(vaulted.source, root, 6e8 + 1, 9e8 + 1)) part.push(...some)
  assert.deepEqual(
    part.map(item => item.offset),
    [6e8, 9e8],
  )
})

test('a page whose header and body name different children is refused', async () => {
  const id = (byte: number) => new Uint8Array(32).fill(byte)
  const vaulted = vault()
  const segment = { id: hex(id(1)) as Reference['id'], key: id(2) }
  const content = { form: 'extents', extents: [{ segment, start: 0, length: 4 }] } as const
  const item = { key: keyOf([utf8('/')]), entry: { ...file('abcd'), content } }
  const root = await build(vaulted, [item])
  const object = await openObject(p, root, 'page', vaulted.stored.get(root.id) as Sealed, keys)
  assert.deepEqual(decodePage('map', object.bytes, [id(1)]), { kind: 'entries', items: [item] })
  assert.throws(() => decodePage('map', object.bytes, []), { code: 'bad_page' })
  assert.throws(() => decodePage('map', object.bytes, [id(1), id(3)]), { code: 'bad_page' })
  assert.throws(() => decodePage('extents', object.bytes, [id(1)]), { code: 'bad_page' })
})

test('decoding random bytes gives a page or a Failure, never another error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom<Tree>('map', 'extents'), (bytes, tree) => {
      try {
        decodePage(tree, bytes, [])
      } catch (error) {
        assert.equal((error as Error).name, 'Failure')
      }
    }),
    { seed, numRuns: 50 * runs },
  )
})
