// What goes into a parcel is what was chosen, whole, under keys of its own; and who exchanges it is found out.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { memoryVault } from '@backstay/agent/testing/memory-vault'
import { backupThreads } from '@backstay/agent/threads/backup-threads'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import { type OpenedArchive, openedArchive, snapshotNumbered } from '@backstay/proto/content/archive/opened'
import { segmentsAhead } from '@backstay/proto/content/archive/segments-ahead'
import { pathText } from '@backstay/proto/content/archive/shown-text'
import type { Snapshot } from '@backstay/proto/content/archive/snapshots'
import type { Entry } from '@backstay/proto/content/entry'
import { epochKeys } from '@backstay/proto/content/keys'
import { keyOf, pathOf, subtreeRange, wholeMap } from '@backstay/proto/content/map/key'
import { lookup, scanMap } from '@backstay/proto/content/map/read'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodeHeader } from '@backstay/proto/object/header'
import { largeContent } from '../archive/content.ts'
import { openedFolder, opener } from '../archive/testing/opened-folder.ts'
import { amountOf, itemsOf, partOf, pathsOf, wishedPath } from './part.ts'
import { reseal } from './reseal.ts'

const keys = await epochKeys(p, p.random(32), p.random(32), 1)

async function packed(archive: OpenedArchive, snapshot: Snapshot, ...texts: readonly string[]) {
  const { pages, source } = archive
  const part = await partOf(pages, snapshot.root, pathsOf(texts))
  const vault = memoryVault()
  await using threads = backupThreads(keys, 1)
  const { built, lost } = await reseal({
    ...{ primitives: p, source, pages, opener, keys, sealer: threads.sealer, sink: vault },
    items: itemsOf(pages, snapshot.root, part, ({ failure }) => {
      throw failure
    }),
  })
  const amount = await amountOf(pages, snapshot.root, part)
  const mine = objectPages(p, vault, [])
  const entries = new Map<string, Entry>()
  for await (const items of scanMap(mine, built.root, wholeMap))
    for (const { key, entry } of items) entries.set(pathText(pathOf(key)), entry)
  const read = async (path: string) => {
    const parts: Uint8Array[] = []
    const entry = entries.get(path) ?? assert.fail(`no ${path}`)
    for await (const piece of largeContent(p, entry, segmentsAhead(vault, opener), mine)) parts.push(piece)
    return Buffer.concat(parts)
  }
  return { vault, built, lost, part, amount, entries, read, pages: mine }
}

test('files of every size and shape come out as they went in, with their metadata, and share no object with their source', async () => {
  using at = await openedFolder()
  mkdirSync(join(at.data, 'deep/er'), { recursive: true })
  const files: Record<string, Uint8Array> = {
    empty: new Uint8Array(),
    tiny: utf8('x'),
    'deep/small': utf8('small '.repeat(100)),
    'deep/copy': utf8('small '.repeat(100)),
    'deep/er/middle': randomBytes(1_500_000),
    large: randomBytes(9_000_000),
  }
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(at.data, name), bytes)
  linkSync(join(at.data, 'large'), join(at.data, 'deep/same'))
  writeFileSync(join(at.data, 'holes'), 'begins')
  truncateSync(join(at.data, 'holes'), 20_000_000)
  const sequence = await at.backUp()
  const opened = at.archive()
  const snapshot = snapshotNumbered(opened, sequence)
  const one = await packed(opened, snapshot, at.data)
  assert.equal(one.lost, 0)
  assert.deepEqual({ entries: one.built.entries, bytes: one.built.bytes }, one.amount)
  for (const [name, bytes] of Object.entries(files))
    assert.ok((await one.read(`${at.data}/${name}`)).equals(bytes), name)
  assert.ok((await one.read(`${at.data}/holes`)).equals(readFileSync(join(at.data, 'holes'))))
  for await (const items of scanMap(opened.pages, snapshot.root, subtreeRange(at.path())))
    for (const { key, entry } of items) {
      const { content: _, ...told } = one.entries.get(pathText(pathOf(key))) ?? assert.fail()
      const { content: __, ...was } = entry
      assert.deepEqual(told, was)
    }
  assert.deepEqual(
    [...one.vault.objects.keys()].filter(id => at.vault.objects.has(id)),
    [],
  )
  // Holes stay holes, and what is there twice is sealed once.
  const sealed = [...one.vault.objects.values()].reduce((sum, { length }) => sum + length, 0)
  assert.ok(sealed < 9_000_000 * 2 + 3_000_000, `${sealed}`)
})

test('a part is what was chosen, the folders on the way, and nothing beside it', async () => {
  using at = await openedFolder()
  for (const folder of ['papers/drafts', 'papers-old', 'mail/2026'])
    mkdirSync(join(at.data, folder), { recursive: true })
  for (const file of ['papers/a', 'papers/drafts/b', 'papers-old/c', 'mail/2026/d', 'mail/e', 'f'])
    writeFileSync(join(at.data, file), file.repeat(60))
  writeFileSync(Buffer.concat([utf8(join(at.data, 'caf')), Uint8Array.of(0xe9)]), 'coffee')
  await at.backUp()
  const opened = at.archive()
  const snapshot = snapshotNumbered(opened, 1)
  const names = async (...below: readonly string[]) => {
    const { entries, part } = await packed(opened, snapshot, ...below.map(name => join(at.data, name)))
    const inside = [...entries.keys()].map(path => path.slice(at.data.length + 1))
    return [pathText(part.top).slice(at.data.length + 1), ...inside.sort()]
  }
  assert.deepEqual(await names('papers'), [
    'papers',
    'papers',
    'papers/a',
    'papers/drafts',
    'papers/drafts/b',
  ])
  assert.deepEqual(await names('papers/a'), ['papers/a', 'papers/a'])
  assert.deepEqual(await names('papers/a', 'papers', 'papers/drafts/b'), await names('papers'))
  const several = ['', '', 'mail', 'mail/2026', 'mail/2026/d', 'papers', 'papers/a']
  assert.deepEqual(await names('papers/a', 'mail/2026'), several)
  assert.deepEqual(await names('mail/2026', 'papers/a'), several)
  const untypable = ['caf\\xe9', 'caf\\xe9']
  assert.deepEqual(await names('caf\\xe9'), untypable)
  assert.deepEqual(await names('caf\\xe9', 'caf\\xe9'), untypable)
  await assert.rejects(names('nothing'), { code: 'not_in_snapshot' })
  assert.throws(() => pathsOf(['relative']), { code: 'bad_root' })
  assert.throws(() => pathsOf(['/a/../b']), { code: 'bad_root' })
  assert.throws(() => pathsOf([]), { code: 'bad_path' })
  assert.throws(() => pathsOf(['C:/a', 'D:/b']), { code: 'bad_path' })
  assert.throws(() => pathsOf(Array.from({ length: 65 }, (_, n) => `/${n}`)), { code: 'too_many_paths' })
  assert.equal(fromUtf8(wishedPath(pathsOf(['C:\\a\\b'])[0] ?? [])), 'C:/a/b')
})

test('what the source lost is an entry that could not be read, and all else is there', async () => {
  using at = await openedFolder()
  writeFileSync(join(at.data, 'large'), randomBytes(6_000_000))
  writeFileSync(join(at.data, 'small'), 'small '.repeat(100))
  await at.backUp()
  const opened = at.archive()
  const snapshot = snapshotNumbered(opened, 1)
  const large = await lookup(opened.pages, snapshot.root, keyOf(at.path('large')))
  const last = large?.content?.form === 'extents' ? large.content.extents.at(-1)?.segment?.id : undefined
  assert.ok(last)
  at.vault.objects.delete(last)
  const { lost, entries, read } = await packed(opened, snapshot, at.data)
  assert.equal(lost, 1)
  const entry = entries.get(`${at.data}/large`)
  assert.deepEqual([entry?.kind, entry?.unread?.reason, entry?.content], ['unread', 'io', undefined])
  assert.equal(fromUtf8(await read(`${at.data}/small`)), 'small '.repeat(100))
})

test('a collector that exchanges, cuts short or withholds an object of a parcel is found out', async () => {
  using at = await openedFolder()
  writeFileSync(join(at.data, 'a'), randomBytes(3_000_000))
  writeFileSync(join(at.data, 'b'), 'b '.repeat(400))
  await at.backUp()
  const { vault, built } = await packed(at.archive(), snapshotNumbered(at.archive(), 1), at.data)
  const all = [...vault.objects]
  for (const [id, stored] of all) {
    const other = all.find(
      ([one, bytes]) => one !== id && decodeHeader(bytes).type === decodeHeader(stored).type,
    )
    const turned = stored.slice()
    turned[turned.length - 20] = (turned.at(-20) ?? 0) ^ 1
    for (const instead of [other?.[1], stored.slice(0, -1), turned, undefined]) {
      vault.objects.delete(id)
      if (instead !== undefined) vault.objects.set(id, instead as typeof stored)
      const seen = openedArchive({ primitives: p, source: vault, keys: [], snapshots: [] })
      await assert.rejects(readAll(seen, built.root), { remedy: 'repair' })
    }
    vault.objects.set(id, stored)
  }
  await readAll(openedArchive({ primitives: p, source: vault, keys: [], snapshots: [] }), built.root)
})

async function readAll({ pages, source }: OpenedArchive, root: Snapshot['root']): Promise<void> {
  for await (const items of scanMap(pages, root, wholeMap))
    for (const { entry } of items)
      if (entry.content !== undefined)
        for await (const _ of largeContent(p, entry, segmentsAhead(source, opener), pages));
}
