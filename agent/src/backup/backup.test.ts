import assert from 'node:assert/strict'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import type { Entry } from '@backstay/proto/content/entry'
import { pathOf, wholeMap } from '@backstay/proto/content/map/key'
import { scanMap } from '@backstay/proto/content/map/read'
import { nodePrimitives } from '@backstay/proto/node'
import { decodeWhole } from '@backstay/proto/object/header'
import { systemClock } from '@backstay/proto/system-clock'
import fc from 'fast-check'
import { makeAwkwardTree } from '../../../scripts/testing/awkward-tree.ts'
import { compareTrees } from '../../../scripts/testing/compare-trees.ts'
import { type FileReader, readBatch } from '../reading/read-batch.ts'
import { rootTree } from '../scan/roots.ts'
import type { StatBuffer, System } from '../system/system.ts'
import { SystemError } from '../system/system-error.ts'
import { quietFolder, temporaryFolder } from '../system/testing/temporary-folder.ts'
import { backUp, memoryVault, restoreTo, testKeys } from '../testing/memory-vault.ts'
import { laterClock } from '../testing/stand-ins.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const isRoot = process.geteuid?.() === 0

const quiet = quietFolder('backup')

async function place() {
  const folder = await temporaryFolder(quiet)
  const beside = await temporaryFolder()
  const data = join(folder.path, 'data')
  mkdirSync(data)
  const vault = memoryVault()
  const memoryFile = join(beside.path, 'memory.sqlite')
  const { system } = folder
  const run = (roots: readonly string[] = [data], overrides = {}) =>
    backUp({ roots, memoryFile, vault, system, overrides })
  const cleanUp = {
    [Symbol.dispose]() {
      folder[Symbol.dispose]()
      beside[Symbol.dispose]()
    },
  }
  return {
    folder: cleanUp,
    path: folder.path,
    data,
    out: join(beside.path, 'out'),
    vault,
    memoryFile,
    system,
    run,
  }
}

async function entries(
  vault: ReturnType<typeof memoryVault>,
  root: Awaited<ReturnType<typeof backUp>>['built']['root'],
) {
  const found = new Map<string, Entry>()
  for await (const items of scanMap(objectPages(nodePrimitives, vault, [testKeys]), root, wholeMap)) {
    for (const { key, entry } of items)
      found.set(
        pathOf(key)
          .map(part => new TextDecoder().decode(part))
          .join('/')
          .slice(1),
        entry,
      )
  }
  return found
}

const settled = { clock: laterClock }

test('an awkward tree comes back equal in content and every kind of metadata', async () => {
  const at = await place()
  using _ = at.folder
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
  const at = await place()
  using _ = at.folder
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
  const at = await place()
  using _ = at.folder
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
  const at = await place()
  using _ = at.folder
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
  const at = await place()
  using _ = at.folder
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
  const at = await place()
  using _ = at.folder
  writeFileSync(join(at.data, 'fresh'), 'x'.repeat(300))
  await at.run()
  at.vault.reset()
  const { changed } = await at.run()
  assert.ok(changed >= 1, 'its trace is not trusted')
  assert.equal(at.vault.sent.segments, 0, 'and its bytes are known')
})

test('lost memory is made good: files are read again and nothing is sent again', async () => {
  const at = await place()
  using _ = at.folder
  for (let i = 0; i < 300; i++) writeFileSync(join(at.data, `f${i}`), `content ${i}`.repeat(100))
  writeFileSync(join(at.data, 'large'), Buffer.alloc(3_000_000, 'large '))
  const first = await at.run([at.data], settled)
  for (const ending of ['', '-wal', '-shm']) rmSync(`${at.memoryFile}${ending}`, { force: true })
  at.vault.reset()
  const second = await at.run([at.data], settled)
  assert.equal(second.built.root.id, first.built.root.id)
  assert.deepEqual(at.vault.sent, { segments: 0, pages: 0, bytes: 0 })
  writeFileSync(at.memoryFile, 'this is no database')
  const third = await at.run([at.data], settled)
  assert.equal(third.built.root.id, first.built.root.id)
})

test('yesterday’s memory gives today’s bytes', async () => {
  const at = await place()
  using _ = at.folder
  for (let i = 0; i < 300; i++) writeFileSync(join(at.data, `f${i}`), `content ${i}`.repeat(100))
  await at.run([at.data], settled)
  copyFileSync(at.memoryFile, `${at.memoryFile}.old`)
  for (let i = 0; i < 300; i += 3) writeFileSync(join(at.data, `f${i}`), `today ${i}`.repeat(100))
  rmSync(join(at.data, 'f1'))
  await at.run([at.data], settled)
  for (const ending of ['-wal', '-shm']) rmSync(`${at.memoryFile}${ending}`, { force: true })
  copyFileSync(`${at.memoryFile}.old`, at.memoryFile)
  const { built } = await at.run([at.data], settled)
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.deepEqual(await compareTrees(at.data, at.out), [])
})

test('what the collector lost is sealed again from disk', async () => {
  const at = await place()
  using _ = at.folder
  for (let i = 0; i < 400; i++) writeFileSync(join(at.data, `f${i}`), `content ${i} `.repeat(200))
  writeFileSync(
    join(at.data, 'large'),
    Buffer.from(Array.from({ length: 5_000_000 }, (_, i) => (i * i) >> 7)),
  )
  await at.run([at.data], settled)
  const ids = [...at.vault.objects.keys()]
  for (let i = 0; i < ids.length; i += 2) at.vault.objects.delete(ids[i] as (typeof ids)[number])
  const { built } = await at.run([at.data], settled)
  const result = await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(result.damagedCount, 0)
  assert.deepEqual(await compareTrees(at.data, at.out), [])
})

test('a large file changed in place sends little more than the changed blocks', async () => {
  const at = await place()
  using _ = at.folder
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

test('a root that is gone keeps what it had, and says so', async () => {
  const at = await place()
  using _ = at.folder
  writeFileSync(join(at.data, 'precious'), 'do not lose me '.repeat(30))
  mkdirSync(join(at.data, 'sub'))
  writeFileSync(join(at.data, 'sub/too'), 'nor me '.repeat(30))
  await at.run([at.data], settled)
  renameSync(at.data, `${at.data}-elsewhere`)
  const { built, unread } = await at.run([at.data], settled)
  assert.deepEqual([...unread], [['missing_root', 1]])
  const found = await entries(at.vault, built.root)
  const root = found.get(at.data)
  assert.equal(root?.unread?.reason, 'missing_root')
  assert.ok((root?.staleSinceS ?? 0) > 0)
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(readFileSync(join(at.out, 'sub/too'), 'utf8'), 'nor me '.repeat(30))
  renameSync(`${at.data}-elsewhere`, at.data)
  const back = await at.run([at.data], settled)
  assert.equal(back.built.unread, 0)
})

test('a file that grows while it is read is kept and reported', async () => {
  const at = await place()
  using _ = at.folder
  const file = join(at.data, 'log')
  writeFileSync(file, 'line\n'.repeat(1000))
  const tryStat: typeof at.system.tryStat = (handle, into) => {
    const result = at.system.tryStat(handle, into)
    if (into.kind === 'file') appendFileSync(file, 'one more\n')
    return result
  }
  const { built, unread } = await at.run([at.data], { ...settled, system: { ...at.system, tryStat } })
  assert.deepEqual([...unread], [['changed', 1]])
  const entry = (await entries(at.vault, built.root)).get(file)
  assert.equal(entry?.kind, 'unread')
  assert.equal(entry?.unread?.kind, 'file')
  const result = await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.ok(readFileSync(join(at.out, 'log'), 'utf8').startsWith('line\n'.repeat(1000)))
  assert.equal(result.report.counts.unread, 1)
})

/** Reads ahead as the threads do, after something happened to the files. */
function readerAfter(system: System, happens: () => void): FileReader {
  return {
    async read(batch) {
      happens()
      return readBatch(system, batch)
    },
  }
}

for (const readsAhead of [true, false]) {
  const how = readsAhead ? 'and reading it ahead' : 'and reading it in its turn'
  const happening = (system: System, happens: () => void) => {
    if (readsAhead) return { reader: readerAfter(system, happens) }
    const openFile: System['openFile'] = (...given) => {
      happens()
      return system.openFile(...given)
    }
    return { system: { ...system, openFile } }
  }

  test(`a file that vanishes between listing ${how} is no part of the snapshot`, async () => {
    const at = await place()
    using _ = at.folder
    for (const name of ['a', 'b', 'c']) writeFileSync(join(at.data, name), name.repeat(500))
    const { built, unread } = await at.run(
      [at.data],
      happening(at.system, () => rmSync(join(at.data, 'b'), { force: true })),
    )
    assert.equal(unread.size, 0)
    const found = await entries(at.vault, built.root)
    assert.ok(found.has(join(at.data, 'a')) && !found.has(join(at.data, 'b')))
  })

  test(`a file that is replaced between listing ${how} comes with its new content`, async () => {
    const at = await place()
    using _ = at.folder
    for (const name of ['a', 'b', 'c']) writeFileSync(join(at.data, name), name.repeat(500))
    const { built } = await at.run(
      [at.data],
      happening(at.system, () => {
        writeFileSync(join(at.path, 'd'), 'new '.repeat(500))
        renameSync(join(at.path, 'd'), join(at.data, 'b'))
      }),
    )
    const found = await entries(at.vault, built.root)
    assert.equal(found.get(join(at.data, 'b'))?.size, 2000)
  })
}

test('a reading thread that dies ends the backup with its reason', async () => {
  const at = await place()
  using _ = at.folder
  writeFileSync(join(at.data, 'a'), 'a'.repeat(500))
  const reader: FileReader = {
    read: async () => Promise.reject(new Error('out of memory')),
  }
  await assert.rejects(at.run([at.data], { reader }), /out of memory/)
})

test('without permission the last good content stays, and every name is listed', async () => {
  const at = await place()
  using _ = at.folder
  mkdirSync(join(at.data, 'closed'))
  writeFileSync(join(at.data, 'closed/inside'), 'inside '.repeat(50))
  writeFileSync(join(at.data, 'secret'), 'secret '.repeat(50))
  await at.run([at.data], settled)
  chmodSync(join(at.data, 'secret'), 0)
  chmodSync(join(at.data, 'closed'), 0)
  const EACCES = 13
  const refuse = (name: Uint8Array, result: () => number) =>
    ['secret', 'closed'].includes(new TextDecoder().decode(name)) ? -EACCES : result()
  const refusing = {
    ...at.system,
    // Root is refused nothing, so the refusal is played; real processes without rights are tested in scripts/drills.
    tryOpenFolder: (folder: number, name: Uint8Array) =>
      refuse(name, () => at.system.tryOpenFolder(folder, name)),
    openFile(folder: number, name: Uint8Array) {
      if (new TextDecoder().decode(name) === 'secret') throw new SystemError(EACCES, 'open')
      return at.system.openFile(folder, name)
    },
  }
  const { built, unread } = await at.run([at.data], { ...settled, system: refusing })
  assert.deepEqual([...unread], [['denied', 2]])
  const found = await entries(at.vault, built.root)
  assert.equal(found.get(join(at.data, 'secret'))?.unread?.detail, 'EACCES')
  assert.equal(found.get(join(at.data, 'secret'))?.size, 350)
  assert.ok(found.has(join(at.data, 'closed/inside')))
  const result = await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(readFileSync(join(at.out, 'secret'), 'utf8'), 'secret '.repeat(50))
  chmodSync(join(at.data, 'closed'), 0o700)
  assert.equal(result.report.counts.unread, 2)
})

test('a folder that cannot even be looked at keeps all that was below it', async () => {
  const at = await place()
  using _ = at.folder
  mkdirSync(join(at.data, 'share/deep'), { recursive: true })
  writeFileSync(join(at.data, 'share/deep/plan'), 'a year of work')
  writeFileSync(join(at.data, 'thesis'), 'mine')
  await at.run([at.data], settled)
  const EIO = 5
  const silent = {
    ...at.system,
    tryStatAt: (folder: number, name: Uint8Array, into: StatBuffer) =>
      new TextDecoder().decode(name) === 'share' ? -EIO : at.system.tryStatAt(folder, name, into),
  }
  for (let again = 0; again < 2; again++) {
    writeFileSync(join(at.data, 'thesis'), `mine, changed ${again}`)
    const { built, unread } = await at.run([at.data], { ...settled, system: silent })
    const found = await entries(at.vault, built.root)
    assert.equal(found.get(join(at.data, 'share'))?.unread?.detail, 'EIO')
    assert.equal(found.get(join(at.data, 'share/deep/plan'))?.size, 14)
    assert.deepEqual([...unread], [['io', 1]])
  }
})

test('what comes to be excluded leaves the backup, though nobody touched it, and its neighbours stay', async () => {
  const at = await place()
  using _ = at.folder
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
  const at = await place()
  using _ = at.folder
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
  const at = await place()
  using _ = at.folder
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
  const at = await place()
  using _ = at.folder
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
        const at = await place()
        using _ = at.folder
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

test('a lost page of the map costs what stood on it and nothing else', async () => {
  const at = await place()
  using _ = at.folder
  for (let i = 0; i < 500; i++) writeFileSync(join(at.data, `f${i}`), `content ${i} `.repeat(20))
  const { built } = await at.run()
  const pages = [...at.vault.objects].filter(([, stored]) => decodeWhole(stored).header.type === 'page')
  const leaf = pages.find(([, stored]) => decodeWhole(stored).header.children.length === 1)
  assert.ok(leaf)
  at.vault.objects.delete(leaf[0])
  const result = await restoreTo(at.vault, at.system, built, '/', at.out)
  assert.equal(result.lost.length, 1)
  assert.equal(result.lost[0]?.code, 'page_missing')
  assert.equal(result.entries + (result.lost[0]?.entries ?? 0), built.entries)
})

test('roots that stand apart share no segment', async () => {
  const at = await place()
  using _ = at.folder
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

test('an entry with more attributes than a page can hold keeps its content and is reported', async () => {
  const at = await place()
  using _ = at.folder
  writeFileSync(join(at.data, 'file'), 'content '.repeat(100))
  const value = new Uint8Array(64 * 1024)
  const many = Array.from({ length: 70 }, (_, i) => ({ name: new TextEncoder().encode(`user.${i}`), value }))
  const system = { ...at.system, attributes: () => many }
  const { built, unread } = await at.run([at.data], { system })
  assert.deepEqual([...unread], [['unsupported', 1]])
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(readFileSync(join(at.out, 'file'), 'utf8'), 'content '.repeat(100))
})
