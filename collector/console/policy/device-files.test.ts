// What another policy does to the files of a device, told from its snapshots before anybody signs.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import type { OpenedArchive } from '@backstay/proto/content/archive/opened'
import { Failure } from '@backstay/proto/failure'
import { noPolicy, type PolicyValues } from '@backstay/proto/policy/effective'
import type { BackupSet } from '@backstay/proto/policy/settings'
import { type OpenedFolder, openedFolder } from '../archive/testing/opened-folder.ts'
import type { Change } from './change.ts'
import { deviceFiles } from './device-files.ts'
import { filesEffect } from './files-effect.ts'

const set: BackupSet = { name: 's', roots: [], excludes: [], presets: [], shareSegments: true }

function values(roots: readonly string[], excludes: readonly string[] = [], presets: readonly string[] = []) {
  const backupSets = [{ ...set, roots: roots.map(utf8), excludes, presets }]
  return { ...noPolicy.values, backupSets }
}

function write(at: OpenedFolder, name: string, bytes: number): void {
  mkdirSync(dirname(join(at.data, name)), { recursive: true })
  writeFileSync(join(at.data, name), 'x'.repeat(bytes))
}

const told = (at: OpenedFolder, before: PolicyValues, after: PolicyValues, pages = 1000) =>
  deviceFiles(at.archive(), 'linux', before, after, { left: pages })

test('an added exclude says what leaves, by the outermost folders, and takes nothing in', async () => {
  using at = await openedFolder()
  for (const name of ['p/node_modules/a/1', 'p/node_modules/2', 'p/src/3', 'q/node_modules/4'])
    write(at, name, 100)
  write(at, 'q/film.iso', 5000)
  await at.backUp()
  const found = await told(at, values([at.data]), values([at.data], ['node_modules/', '*.iso']))
  assert.deepEqual(found.leaving, { files: 4, bytes: 5300 })
  assert.deepEqual(found.folders, [
    { folder: join(at.data, 'q'), files: 1, bytes: 5000 },
    { folder: join(at.data, 'p/node_modules'), files: 2, bytes: 200 },
    { folder: join(at.data, 'q/node_modules'), files: 1, bytes: 100 },
  ])
  assert.deepEqual([found.coming, found.mayTakeNew, found.unknown], [{ files: 0, bytes: 0 }, false, []])
})

test('of a device without a snapshot it is said that nobody knows', async () => {
  using at = await openedFolder()
  const archive = { ...at.archive(), snapshots: [] }
  const { leaving, unknown } = await deviceFiles(archive, 'linux', values([at.data]), values([]), { left: 9 })
  assert.deepEqual([leaving.files, unknown], [0, ['it has no snapshot yet']])
})

test('a removed exclude takes in what older snapshots still have; of the rest it is said that nobody knows', async () => {
  using at = await openedFolder()
  write(at, 'cache/old', 700)
  write(at, 'notes', 10)
  await at.backUp()
  write(at, 'cache/old', 800)
  await at.backUp()
  // As if the exclude had come then: the newest snapshot has it no more.
  rmSync(join(at.data, 'cache'), { recursive: true })
  await at.backUp()
  const found = await told(at, values([at.data], ['cache/']), values([at.data]))
  assert.deepEqual(found.coming, { files: 1, bytes: 800 })
  assert.deepEqual([found.leaving.files, found.mayTakeNew], [0, true])
})

test('a root that goes leaves with all below it, but for what another root covers', async () => {
  using at = await openedFolder()
  write(at, 'keep/1', 1)
  write(at, 'go/2', 20)
  write(at, 'go/deep/3', 300)
  await at.backUp()
  const found = await told(at, values([at.data]), values([join(at.data, 'keep')]))
  assert.deepEqual(found.leaving, { files: 2, bytes: 320 })
  assert.deepEqual(found.folders, [{ folder: join(at.data, 'go'), files: 2, bytes: 320 }])
  const all = await told(at, values([at.data]), values([]))
  assert.deepEqual(all.folders, [{ folder: at.data, files: 3, bytes: 321 }])
  // Taken out of its own set and into the patterns of all: the same files, nothing leaves.
  const same = await told(at, values([at.data], ['go/']), { ...values([at.data]), excludes: ['go/'] })
  assert.deepEqual([same.leaving.files, same.coming.files, same.mayTakeNew], [0, 0, false])
})

test('a preset and a home word are looked up where the snapshot shows homes', async () => {
  using at = await openedFolder()
  write(at, 'Documents/thesis', 50)
  write(at, '.cache/x', 60)
  await at.backUp()
  const archive = at.archive()
  // The home is the folder itself: its root was "~".
  const found = await told(at, values(['~']), values([], [], ['user-folders']))
  assert.deepEqual(found.leaving, { files: 1, bytes: 60 })
  assert.equal(archive.snapshots[0]?.body.roots.length, 1)
  const fewer = await told(at, values(['~']), values(['~/Pictures']))
  assert.deepEqual(fewer.leaving, { files: 2, bytes: 110 })
})

test('what the policy of today does not name in these words is said, and not counted', async () => {
  using at = await openedFolder()
  write(at, 'x', 1)
  await at.backUp()
  const found = await told(at, values(['/elsewhere']), values([]))
  assert.equal(found.leaving.files, 0)
  assert.match(found.unknown.join(), /does not name in these words.*data/)
})

test('a map that is too large for one question is counted in part, and that is said', async () => {
  using at = await openedFolder()
  for (let index = 0; index < 400; index++) write(at, `many/file ${index}`, 1)
  await at.backUp()
  const found = await told(at, values([at.data]), values([]), 4)
  assert.match(found.unknown.join(), /only \d+ of its \d+ entries were looked at/)
  assert.ok(found.leaving.files < 400)
  assert.equal((await told(at, values([at.data]), values([]))).leaving.files, 400)
})

test('of many devices some of each kind of change are opened; a key that opens none says so once', async () => {
  using at = await openedFolder()
  write(at, 'x', 9)
  await at.backUp()
  const device = (name: string, after: PolicyValues) => ({
    viewed: { certificate: { name, platform: 'linux 6.1.0' }, place: { device: name } },
    ...{ before: { values: values([at.data]) }, after: { values: after } },
  })
  const many = Array.from({ length: 30 }, (_, at) => device(`many ${at}`, values([])))
  const change = {
    classes: [
      { devices: many, changes: [] },
      { devices: [device('one', values([at.data], ['x']))], changes: [] },
      { devices: [device('same', values([at.data]))], changes: [] },
    ],
  } as unknown as Change
  const asked: string[] = []
  const open = async (name: string): Promise<OpenedArchive> => {
    asked.push(name)
    if (name === 'many 1') throw new Failure('no_escrow', 'it has no escrow')
    return at.archive()
  }
  const effect = await filesEffect(change, open)
  assert.deepEqual([effect.concerned, effect.opened, asked.length], [31, 9, 10])
  assert.ok(asked.includes('one') && !asked.includes('same'))
  assert.deepEqual(effect.leaving, { files: 9, bytes: 81, devices: 9 })
  assert.equal(effect.folders.length, 5)
  assert.deepEqual(effect.unknown, [
    'files of many 1: it has no escrow',
    'files of 21 more devices: 10 were opened, of each kind of change some',
  ])
  const keyless = await filesEffect(change, async () => {
    throw new Failure('no_keyring', 'no keyring opens with this key')
  })
  assert.equal(keyless.opened, 0)
  assert.match(keyless.unknown[0] ?? '', /only the key of an admin with the role restore opens them/)
})
