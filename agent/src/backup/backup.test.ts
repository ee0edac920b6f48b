// Backups of real folders, one after another, to a vault in memory: what is read, what is sent, and what comes back.
import assert from 'node:assert/strict'
import {
  appendFileSync,
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '@backstay/proto/system-clock'
import fc from 'fast-check'
import { makeAwkwardTree } from '../../../scripts/testing/awkward-tree.ts'
import { compareTrees } from '../../../scripts/testing/compare-trees.ts'
import { rootTree } from '../scan/roots.ts'
import { backUp, restoreTo } from '../testing/memory-vault.ts'
import { backupPlace, entries, settled } from './testing/backup-place.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const isRoot = process.geteuid?.() === 0
const place = () => backupPlace('backup')

test('an awkward tree comes back equal in content and every kind of metadata', async () => {
  using at = await place()
  const made = await makeAwkwardTree(at.data, {
    seed,
    entries: process.env.SLOW ? 10_000 : 1500,
    root: isRoot,
  })
  const { built, unread } = await at.run()
  assert.ok(built.entries > made.entries, 'every entry and the way to it')
  if (isRoot) assert.deepEqual([...unread], [])
  const result = await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(result.damagedCount, 0)
  if (isRoot) assert.deepEqual(await compareTrees(at.data, at.out), [])
  const again = await at.run([at.data], settled)
  assert.equal(again.built.root.id, built.root.id, 'the same tree has the same root')
})

test('a file that had just been written when it was read is read once more, however long that took', async () => {
  using at = await place()
  let passedMs = 0
  writeFileSync(join(at.data, 'file'), 'content')
  const { changed: first } = await at.run([at.data], {
    clock: { ...systemClock, now: () => Date.now() + passedMs },
    system: { ...at.system, openFile: opensSlowly },
  })
  assert.equal(passedMs, 5000)
  assert.ok(first > 0)
  const later = await at.run([at.data], settled)
  assert.ok(later.changed > 0 && later.readBytes > 0, 'its trace was not believed')
  assert.equal((await at.run([at.data], settled)).changed, 0)

  function opensSlowly(...words: Parameters<typeof at.system.openFile>) {
    passedMs = 5000
    return at.system.openFile(...words)
  }
})

test('an unchanged tree is neither read nor sent', async () => {
  using at = await place()
  for (let i = 0; i < 500; i++) {
    mkdirSync(join(at.data, `d${i % 20}`), { recursive: true })
    writeFileSync(join(at.data, `d${i % 20}`, `f${i}`), `file ${i}`.repeat(50))
  }
  const first = await at.run([at.data], settled)
  at.vault.reset()
  const second = await at.run([at.data], settled)
  assert.equal(second.changed, 0)
  assert.equal(second.readBytes, 0)
  assert.deepEqual(at.vault.sent, { segments: 0, pages: 0, bytes: 0 })
  assert.equal(second.built.root.id, first.built.root.id)
  assert.equal(second.built.bytes, first.built.bytes)
})

test('renaming, copying and moving between roots sends pages and no file bytes', async () => {
  using at = await place()
  const other = join(at.path, 'other')
  mkdirSync(other)
  const files = process.env.SLOW ? 100_000 : 5000
  for (let i = 0; i < files; i++) {
    if (i % 500 === 0) mkdirSync(join(at.data, `a/b${i / 500}`), { recursive: true })
    writeFileSync(join(at.data, `a/b${Math.floor(i / 500)}`, `f${i}`), `file ${i} `.repeat(40))
  }
  writeFileSync(join(at.data, 'large'), Buffer.alloc(9_000_000, 'a large file that is moved too '))
  await at.run([at.data, other], settled)
  renameSync(join(at.data, 'a'), join(at.data, 'renamed'))
  renameSync(join(at.data, 'large'), join(other, 'large'))
  at.vault.reset()
  const renamed = await at.run([at.data, other], settled)
  assert.equal(at.vault.sent.segments, 0, 'a rename sends no file bytes')
  assert.ok(at.vault.sent.pages > 0)
  cpSync(join(at.data, 'renamed/b0'), join(other, 'copy'), { recursive: true })
  at.vault.reset()
  const copied = await at.run([at.data, other], settled)
  assert.equal(at.vault.sent.segments, 0, 'a copy sends no file bytes')
  assert.equal(copied.built.entries, renamed.built.entries + 501)
  await restoreTo(at.vault, at.system, copied.built, other, at.out)
  assert.deepEqual(await compareTrees(other, at.out, { ignore: ['owner'] }), [])
})

test('a file whose bytes changed while size and mtime stayed is noticed', async () => {
  using at = await place()
  const file = join(at.data, 'notes')
  writeFileSync(file, 'a'.repeat(1000))
  utimesSync(file, 1000, 1000)
  await at.run([at.data], settled)
  writeFileSync(file, 'b'.repeat(1000))
  utimesSync(file, 1000, 1000)
  const { built, changed } = await at.run([at.data], settled)
  assert.ok(changed >= 1)
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(readFileSync(join(at.out, 'notes'), 'utf8'), 'b'.repeat(1000))
})

test('a file touched in the moment of the backup is read again the next time', async () => {
  using at = await place()
  writeFileSync(join(at.data, 'fresh'), 'x'.repeat(300))
  await at.run()
  at.vault.reset()
  const { changed } = await at.run()
  assert.ok(changed >= 1, 'its trace is not trusted')
  assert.equal(at.vault.sent.segments, 0, 'and its bytes are known')
})

test('a large file changed in place sends little more than the changed blocks', async () => {
  using at = await place()
  const file = join(at.data, 'disk.img')
  const bytes = Buffer.alloc(40 * 1024 * 1024)
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(Math.imul(i ^ seed, 2654435761) >>> 0, i)
  writeFileSync(file, bytes)
  await at.run([at.data], settled)
  for (let block = 3; block < 2500; block += 500)
    bytes.fill(block & 255, block * 16384 + 100, block * 16384 + 4196)
  writeFileSync(file, bytes)
  at.vault.reset()
  const { built } = await at.run([at.data], settled)
  assert.ok(at.vault.sent.bytes < 5 * 16384 * 1.3 + 20_000, `${at.vault.sent.bytes} bytes sent`)
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.ok(readFileSync(join(at.out, 'disk.img')).equals(bytes))
  // Grown, shortened and shifted.
  appendFileSync(file, 'the end')
  const grown = await at.run([at.data], settled)
  truncateSync(file, 30 * 1024 * 1024 + 5)
  const shorter = await at.run([at.data], settled)
  writeFileSync(file, Buffer.concat([Buffer.from('in front'), readFileSync(file)]))
  at.vault.reset()
  const shifted = await at.run([at.data], settled)
  // The chunks that hold one of the five changed blocks and the first one are new, whatever their size; the rest is known.
  assert.ok(at.vault.sent.bytes < 20 * 1024 * 1024, `${at.vault.sent.bytes} bytes sent after a shift`)
  for (const [index, { built }] of [grown, shorter, shifted].entries()) {
    const to = `${at.out}${index}`
    await restoreTo(at.vault, at.system, built, at.data, to)
    const expected = [40 * 1024 * 1024 + 7, 30 * 1024 * 1024 + 5, 30 * 1024 * 1024 + 13][index]
    assert.equal(statSync(join(to, 'disk.img')).size, expected)
  }
  assert.ok(readFileSync(join(`${at.out}2`, 'disk.img')).equals(readFileSync(file)))
})

test('what comes to be excluded leaves the backup, though nobody touched it, and its neighbours stay', async () => {
  using at = await place()
  for (const name of ['a.txt', 'b.iso', 'c.txt']) writeFileSync(join(at.data, name), name)
  await at.run([at.data], settled)
  const { built, changed } = await backUp({
    ...at,
    roots: [at.data],
    excludes: ['*.iso'],
    overrides: settled,
  })
  const names = [...(await entries(at.vault, built.root)).keys()].filter(name => /\.(txt|iso)$/.test(name))
  assert.deepEqual([names.map(name => name.split('/').at(-1)), changed], [['a.txt', 'c.txt'], 0])
})

test('excludes are gitignore patterns relative to the root', async () => {
  using at = await place()
  for (const name of [
    'keep.txt',
    'drop.tmp',
    'sub/drop.tmp',
    'sub/keep.txt',
    'build/out',
    'sub/build/kept',
    'keep.tmp',
  ]) {
    mkdirSync(join(at.data, name, '..'), { recursive: true })
    writeFileSync(join(at.data, name), name)
  }
  const { built } = await backUp({ ...at, roots: [at.data], excludes: ['*.tmp', '!keep.tmp', '/build/'] })
  const names = [...(await entries(at.vault, built.root)).keys()].filter(name =>
    name.startsWith(`${at.data}/`),
  )
  assert.deepEqual(names.map(name => name.slice(at.data.length + 1)).sort(), [
    'keep.tmp',
    'keep.txt',
    'sub',
    'sub/build',
    'sub/build/kept',
    'sub/keep.txt',
  ])
})

test('a long backup commits what it has on the way, and that can be restored', async () => {
  using at = await place()
  for (let i = 0; i < (process.env.SLOW ? 2000 : 800); i++)
    // More segments than may wait to be sealed: some pages are done long before the end, however slow the threads are.
    writeFileSync(join(at.data, `f${String(i).padStart(5, '0')}`), `file ${i} `.repeat(4000))
  const partial: number[] = []
  await at.run([at.data], {
    checkpointMs: 0,
    async onCheckpoint(built: Awaited<ReturnType<typeof backUp>>['built']) {
      partial.push(built.entries)
      if (partial.length > 1) return
      await restoreTo(at.vault, at.system, built, '/', at.out)
    },
  })
  assert.ok(partial.length > 0, 'there were checkpoints')
  assert.ok(existsSync(at.out))
})

test('hard links stay links, and each restores alone', async () => {
  using at = await place()
  mkdirSync(join(at.data, 'a'))
  mkdirSync(join(at.data, 'b'))
  writeFileSync(join(at.data, 'a/one'), 'linked '.repeat(100))
  linkSync(join(at.data, 'a/one'), join(at.data, 'b/two'))
  symlinkSync('one', join(at.data, 'a/soft'))
  const { built } = await at.run()
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(statSync(join(at.out, 'a/one')).ino, statSync(join(at.out, 'b/two')).ino)
  await restoreTo(at.vault, at.system, built, join(at.data, 'b'), `${at.out}2`)
  assert.equal(readFileSync(join(`${at.out}2`, 'two'), 'utf8'), 'linked '.repeat(100))
})

test('whatever is done to a tree between backups, the restore is equal', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'ab', 'a.b')
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/'))
  const deed = fc.oneof(
    fc.record({
      do: fc.constant('write' as const),
      path,
      bytes: fc.integer({ min: 0, max: 5000 }),
      fill: fc.integer(),
    }),
    fc.record({ do: fc.constant('remove' as const), path }),
    fc.record({ do: fc.constant('move' as const), path, to: path }),
    fc.record({ do: fc.constant('link' as const), path, to: path }),
    fc.record({ do: fc.constant('folder' as const), path }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(deed, { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
      async rounds => {
        using at = await place()
        for (const [round, deeds] of rounds.entries()) {
          for (const one of deeds) apply(at.data, one)
          const { built } = await at.run()
          const to = `${at.out}${round}`
          await restoreTo(at.vault, at.system, built, at.data, to)
          assert.deepEqual(await compareTrees(at.data, to), [])
        }
      },
    ),
    { seed, numRuns: process.env.SLOW ? 200 : 15 },
  )
})

type Deed =
  | { readonly do: 'write'; readonly path: string; readonly bytes: number; readonly fill: number }
  | { readonly do: 'remove' | 'folder'; readonly path: string }
  | { readonly do: 'move' | 'link'; readonly path: string; readonly to: string }

/** What cannot be done to the tree as it stands is left out. */
function apply(top: string, deed: Deed): void {
  const path = join(top, deed.path)
  try {
    if (deed.do === 'write')
      writeFileSync(
        path,
        String(deed.fill)
          .repeat(Math.ceil(deed.bytes / 4))
          .slice(0, deed.bytes),
      )
    if (deed.do === 'remove') rmSync(path, { recursive: true })
    if (deed.do === 'folder') mkdirSync(path, { recursive: true })
    if (deed.do === 'move') renameSync(path, join(top, deed.to))
    if (deed.do === 'link') linkSync(path, join(top, deed.to))
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error, 'only the system refuses')
  }
}

test('roots that stand apart share no segment', async () => {
  using at = await place()
  const roots = ['one', 'two'].map(name => {
    mkdirSync(join(at.data, name))
    writeFileSync(join(at.data, name, 'file'), `${name} `.repeat(500))
    return { path: new TextEncoder().encode(join(at.data, name)), excludes: undefined }
  })
  const segments = async (apart: boolean) => {
    const { built } = await at.run([], { roots: rootTree(roots.map(root => ({ ...root, apart }))) })
    const ids = new Set<string>()
    for (const { content } of (await entries(at.vault, built.root)).values()) {
      if (content?.form === 'extents') for (const { segment } of content.extents) ids.add(segment?.id ?? '')
    }
    rmSync(at.memoryFile)
    return ids.size
  }
  assert.equal(await segments(false), 1)
  assert.equal(await segments(true), 2)
})

test('a sparse file of a thousand short runs comes back, lies in few segments, and read again makes the same snapshot', async t => {
  using at = await place()
  const file = join(at.data, 'sparse')
  const runs = 1000
  const handle = openSync(file, 'w')
  for (let run = 0; run < runs; run++) writeSync(handle, `run ${run} `.repeat(10), run * 200_000)
  closeSync(handle)
  const { built } = await at.run()
  const result = await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(result.damagedCount, 0)
  assert.deepEqual(await compareTrees(at.data, at.out), [])
  if (statSync(file).blocks * 512 > runs * 100_000) return t.skip('this file system keeps no holes')
  // Segments, and as many pages as a list of two thousand extents takes.
  assert.ok(at.vault.objects.size < 100, `${at.vault.objects.size} objects`)
  const again = await at.run([at.data], settled)
  assert.equal(again.built.root.id, built.root.id)
})
