// What a person with keys does with a device's archive: look around, search, compare, take things along.
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import { goneFrom, listFolder, spread } from '@backstay/proto/content/archive/folder'
import { type OpenedArchive, snapshotNumbered } from '@backstay/proto/content/archive/opened'
import { openSearch } from '@backstay/proto/content/archive/search'
import { nameText, pathText } from '@backstay/proto/content/archive/shown-text'
import { changesBelow, versionsOf } from '@backstay/proto/content/archive/versions'
import { decodeHeader } from '@backstay/proto/object/header'
import { seededRandom } from '../../../scripts/testing/random.ts'
import { amountOf, type Wish } from './basket.ts'
import { openedFolder, opener } from './testing/opened-folder.ts'
import { readZip } from './testing/read-zip.ts'
import { type ZipReport, zipName, zipOf } from './zip.ts'

async function zipped(archive: OpenedArchive, wishes: readonly Wish[]) {
  let report: ZipReport | undefined
  const parts: Uint8Array[] = []
  const stream = zipOf(archive, wishes, {
    opener,
    signal: new AbortController().signal,
    done: one => {
      report = one
    },
  })
  for await (const part of stream) parts.push(part)
  assert.ok(report)
  return { files: new Map(readZip(Buffer.concat(parts)).map(file => [file.name, file])), report }
}

describe('a folder', () => {
  test('at a moment, and what is gone from it', async () => {
    using at = await openedFolder()
    writeFileSync(join(at.data, 'stays'), 'a')
    writeFileSync(join(at.data, 'goes'), 'first')
    await at.backUp()
    writeFileSync(join(at.data, 'goes'), 'second')
    await at.backUp()
    rmSync(join(at.data, 'goes'))
    mkdirSync(join(at.data, 'new'))
    const third = await at.backUp()
    const archive = at.archive()
    const snapshot = snapshotNumbered(archive, third)
    const listed = await listFolder(archive, snapshot, at.path())
    assert.deepEqual(
      listed.children.map(child => fromUtf8(child.name)),
      ['new', 'stays'],
    )
    const gone = await goneFrom(archive, snapshot, at.path())
    assert.deepEqual(
      gone.map(({ name, lastIn, entry }) => [fromUtf8(name), lastIn, entry.size]),
      [['goes', 2, 6]],
    )
    assert.equal((await listFolder(archive, snapshot, at.path(), 1)).isCut, true)
    assert.throws(() => snapshotNumbered(archive, 9), { code: 'no_snapshot' })
  })

  test('of a long history the newest moments are looked into densely, and the oldest never left out', () => {
    const all = Array.from({ length: 1000 }, (_, at) => at)
    const some = spread(all, 60)
    assert.equal(some.length, 60)
    assert.deepEqual(some.slice(0, 30), all.slice(0, 30))
    assert.equal(some.at(-1), 999)
    assert.equal(new Set(some).size, 60)
  })
})

test('the versions of a file, and what differs between two moments', async () => {
  using at = await openedFolder()
  const file = join(at.data, 'notes')
  writeFileSync(file, 'one')
  writeFileSync(join(at.data, 'other'), 'x')
  await at.backUp()
  writeFileSync(join(at.data, 'other'), 'y!')
  await at.backUp()
  appendFileSync(file, ' and two')
  await at.backUp()
  rmSync(file)
  await at.backUp()
  const archive = at.archive()
  const versions = await versionsOf(archive, at.path('notes'))
  assert.deepEqual(
    versions.map(({ firstIn, lastIn, entry }) => [firstIn, lastIn, entry.size]),
    [
      [3, 3, 11],
      [1, 2, 3],
    ],
  )
  const differences: string[] = []
  const [first, last] = [snapshotNumbered(archive, 1), snapshotNumbered(archive, 4)]
  for await (const { key, before, after } of changesBelow(archive, first, last, at.path()))
    differences.push(
      `${key.toHex().endsWith(Buffer.from('notes').toString('hex')) ? 'notes' : 'other'} ${before?.size} → ${after?.size}`,
    )
  assert.deepEqual(differences, ['notes 3 → undefined', 'other 1 → 2'])
})

describe('a search by name', () => {
  test('finds what is there, what was and what came since the last list', async () => {
    using at = await openedFolder()
    mkdirSync(join(at.data, 'Fotos/Urlaub 2019'), { recursive: true })
    writeFileSync(join(at.data, 'Fotos/Urlaub 2019/Strand.jpg'), 'x')
    writeFileSync(join(at.data, 'Steuer.pdf'), 'x')
    await at.backUp()
    rmSync(join(at.data, 'Steuer.pdf'))
    await at.backUp()
    writeFileSync(join(at.data, 'strandkorb.txt'), 'x')
    await at.backUp({ withNames: false })
    const search = await openSearch(at.archive())
    const told = (words: string) =>
      search.find(words).found.map(one => {
        const events = one.events.map(({ sequence, isGone }) => `${isGone ? '-' : '+'}${sequence}`).join(' ')
        return `${nameText(one.path.at(-1) ?? utf8(''))} ${events}`
      })
    assert.deepEqual(told('STRAND'), ['strandkorb.txt +3', 'Strand.jpg +1'])
    assert.deepEqual(told('steuer'), ['Steuer.pdf +1 -2'])
    // A folder that fits is found; what lies in it only when it fits too.
    assert.deepEqual(told('urlaub'), ['Urlaub 2019 +1'])
    assert.deepEqual(told('urlaub jpg'), ['Strand.jpg +1'])
    assert.deepEqual(told('nowhere'), [])
    assert.deepEqual(told('  '), [])
    assert.equal(search.lost, 0)
  })

  test('over a device that keeps no lists reads its newest snapshot', async () => {
    using at = await openedFolder()
    writeFileSync(join(at.data, 'here.txt'), 'x')
    await at.backUp({ withNames: false })
    const { found } = (await openSearch(at.archive())).find('here')
    assert.deepEqual(
      found.map(one => pathText(one.path)),
      [join(at.data, 'here.txt')],
    )
  })

  test('says how many lists it could not read, and finds what the others tell', async () => {
    using at = await openedFolder()
    writeFileSync(join(at.data, 'first.txt'), 'x')
    await at.backUp()
    writeFileSync(join(at.data, 'second.txt'), 'x')
    await at.backUp()
    const runs = [...at.vault.objects].filter(([, stored]) => {
      const { type, children } = decodeHeader(stored)
      return type === 'names' && children.length === 0
    })
    at.vault.objects.delete((runs[0] as (typeof runs)[0])[0])
    const search = await openSearch(at.archive())
    assert.equal(search.lost, 1)
    assert.equal(search.find('second').found.length, 1)
    assert.equal(search.find('first').found.length, 0)
  })

  test('stops at so many and says so', async () => {
    using at = await openedFolder()
    for (let number = 0; number < 20; number++) writeFileSync(join(at.data, `file-${number}`), '')
    await at.backUp()
    const { found, isCut } = (await openSearch(at.archive())).find('file', 5)
    assert.equal(found.length, 5)
    assert.equal(isCut, true)
  })
})

describe('a zip', () => {
  test('has the files of a folder as they were, and says what cannot be in it', async () => {
    using at = await openedFolder()
    const random = seededRandom(7)
    const truth = new Map<string, Uint8Array>()
    const put = (name: string, bytes: Uint8Array) => {
      writeFileSync(join(at.data, name), bytes)
      truth.set(name, bytes)
    }
    mkdirSync(join(at.data, 'box/empty'), { recursive: true })
    for (let number = 0; number < 300; number++) put(`box/${number}`, random.bytes(random.below(5000)))
    put('box/nothing', new Uint8Array())
    put('box/large', random.bytes(6 * 1024 * 1024))
    put('box/ümlaut & <b>.txt', utf8('x'))
    writeFileSync(join(at.data, 'box/holes'), 'a')
    truncateSync(join(at.data, 'box/holes'), 5 * 1024 * 1024)
    truth.set('box/holes', Buffer.concat([Buffer.from('a'), Buffer.alloc(5 * 1024 * 1024 - 1)]))
    symlinkSync('/etc/passwd', join(at.data, 'box/link'))
    const sequence = await at.backUp()
    const wishes = [{ sequence, path: at.path('box') }]
    const { files, report } = await zipped(at.archive(), wishes)
    for (const [name, bytes] of truth) assert.ok(files.get(name)?.bytes.equals(bytes), name)
    assert.ok(files.has('box/empty/'))
    assert.equal(report.files, truth.size)
    assert.deepEqual(report.restored.toSorted(), [...truth.keys()].toSorted())
    assert.deepEqual(
      report.leftOut.map(one => one.path),
      ['box/link'],
    )
    assert.match(files.get('NOT RESTORED.txt')?.bytes.toString() ?? '', /box\/link: a symlink/)
    const amount = await amountOf(at.archive(), wishes)
    assert.deepEqual(amount, { entries: report.entries, bytes: report.bytes })
  })

  test('of one name from two moments has both', async () => {
    using at = await openedFolder()
    writeFileSync(join(at.data, 'notes.txt'), 'one')
    await at.backUp()
    writeFileSync(join(at.data, 'notes.txt'), 'two')
    await at.backUp()
    const path = at.path('notes.txt')
    const { files } = await zipped(at.archive(), [
      { sequence: 1, path },
      { sequence: 2, path },
    ])
    assert.deepEqual(
      [...files].map(([name, { bytes }]) => [name, bytes.toString()]),
      [
        ['notes.txt', 'one'],
        ['notes (#2).txt', 'two'],
      ],
    )
  })

  test('leaves out what is damaged in the store, names it, and gives back all else', async () => {
    using at = await openedFolder()
    const random = seededRandom(8)
    writeFileSync(join(at.data, '0'), random.bytes(900_000))
    await at.backUp()
    // Whatever the order in which threads seal, one file is whole.
    const spared = new Set(at.vault.objects.keys())
    for (let number = 1; number < 8; number++)
      writeFileSync(join(at.data, `${number}`), random.bytes(900_000))
    writeFileSync(join(at.data, 'large'), random.bytes(9_000_000))
    const sequence = await at.backUp()
    const segments = [...at.vault.objects].filter(
      ([id, stored]) => !spared.has(id) && decodeHeader(stored).type === 'segment',
    )
    for (const [index, [id, stored]] of segments.entries()) {
      if (index % 3 === 0) at.vault.objects.delete(id)
      else if (index % 3 === 1) stored[stored.length - 5] = (stored[stored.length - 5] as number) ^ 1
    }
    const { files, report } = await zipped(at.archive(), [{ sequence, path: at.path() }])
    assert.ok(report.files > 0 && report.leftOut.length > 0)
    assert.equal(report.restored.length, report.files)
    assert.ok(!report.restored.includes('data/large'), 'what is damaged is no file that was restored')
    assert.ok(report.leftOut.some(one => one.path === 'data/large' && one.why.startsWith('DAMAGED')))
    for (const { path } of report.leftOut) if (path !== 'data/large') assert.ok(!files.has(path), path)
    assert.ok(files.has('NOT RESTORED.txt'))
  })

  test('never leads out of the folder in which it is unpacked', () => {
    const names = (...parts: string[]) => zipName(parts.map(part => utf8(part)))
    assert.equal(names('..', 'passwd'), undefined)
    assert.equal(names('a', '.', 'b'), undefined)
    assert.equal(names('a\\..\\..\\b'), 'a_.._.._b')
    assert.equal(names('box', 'a\u202eb'), 'box/a_u202eb')
  })
})
