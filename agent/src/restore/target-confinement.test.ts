import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { loadSystem } from '../system/load.ts'
import { openTarget } from './target.ts'
import { entry, file, folder, path, runs, symlink } from './testing/entries.ts'
import { targetFolder } from './testing/target-folder.ts'

const kinds = (issues: readonly { readonly what: string }[]): string[] => issues.map(issue => issue.what)
const group = { linkGroup: utf8('0123456789abcdef') }

test('names that lead elsewhere are left out and listed, as files, folders, links and on the way', async () => {
  using place = await targetFolder()
  using target = place.open()
  const names = ['', '.', '..', '../outside', '/etc', 'a/b', 'a\0', '../../x', 'n'.repeat(300)].map(utf8)
  for (const name of names) {
    assert.deepEqual(kinds(target.writeSmall([name], ...file('x')).issues), ['bad_name'])
    assert.deepEqual(kinds(target.writeSmall([name], folder()).issues), ['bad_name'])
    assert.deepEqual(kinds(target.writeSmall([name], symlink('x')).issues), ['bad_name'])
    assert.deepEqual(kinds((await target.write([name], entry({ size: 1 }), runs('x'))).issues), ['bad_name'])
    assert.deepEqual(kinds(target.writeSmall([name, utf8('secret')], ...file('x')).issues), [
      'folder_left_out',
    ])
  }
  for (const name of names) {
    const below = [utf8('fine'), name, utf8('secret')]
    assert.deepEqual(kinds(target.writeSmall(below, ...file('x')).issues), ['folder_left_out'])
  }
  const odd = [
    'a\\..\\b',
    'C:x',
    'CON',
    'nul.txt',
    'a:stream',
    'end.',
    'end ',
    '-rf',
    '~',
    '$HOME',
    '...',
    '\n',
  ]
  for (const name of odd) assert.equal(target.writeSmall([utf8(name)], ...file(name)).what, 'written')
  assert.equal(target.finish().counts.bad_name, names.length * 4)
  assert.deepEqual(place.names(), [...odd, 'fine'].sort())
  place.outsideIsUntouched()
})

test('a symlink in the snapshot is made and never walked through', async () => {
  using place = await targetFolder()
  using target = place.open()
  target.writeSmall(path('link'), symlink(place.outside))
  target.writeSmall(path('dots'), symlink('../outside'))
  target.writeSmall(path('link/pwn'), ...file('x'))
  target.writeSmall(path('link/secret'), ...file('x'))
  await target.write(path('dots/secret'), entry({ size: 1 }), runs('x'))
  target.finish()
  assert(lstatSync(join(place.path, 'link')).isSymbolicLink())
  assert.equal(place.read('link (restored)/pwn'), 'x')
  place.outsideIsUntouched()
})

test('a symlink that stands in the target before is not followed, whatever is to be written there', async () => {
  using place = await targetFolder()
  mkdirSync(place.path)
  for (const name of ['folder', 'small', 'streamed', 'link', 'fifo', 'implied', 'a']) {
    symlinkSync(name === 'small' ? join(place.outside, 'secret') : place.outside, join(place.path, name))
  }
  symlinkSync(join(place.outside, 'new'), join(place.path, 'dangling'))
  using target = place.open()
  target.writeSmall(path('folder'), folder({ mode: 0o700 }))
  target.writeSmall(path('small'), ...file('x', { mode: 0o666 }))
  target.writeSmall(path('dangling'), ...file('x'))
  await target.write(path('streamed'), entry({ size: 1 }), runs('x'))
  target.writeSmall(path('link'), symlink('x'))
  target.writeSmall(path('fifo'), entry({ kind: 'fifo', mode: 0o666 }))
  target.writeSmall(path('a'), ...file('first', group))
  target.writeSmall(path('folder/b'), ...file('first', group))
  target.writeSmall(path('folder/secret'), ...file('x'))
  target.writeSmall(path('implied/secret'), ...file('x'))
  const report = target.finish()
  assert.equal(report.leftOut, 0)
  assert.equal(report.counts.renamed, 7)
  assert.equal(place.read('folder (restored)/secret'), 'x')
  assert.equal(statSync(join(place.path, 'a (restored)')).nlink, 2)
  place.outsideIsUntouched()
})

test('a folder swapped for a symlink between its making and its filling is not followed', async () => {
  using place = await targetFolder()
  using target = place.open()
  target.writeSmall(path('a'), folder())
  target.writeSmall(path('b'), folder({ mode: 0o777, mtimeS: 5 }))
  for (const name of ['a', 'b']) {
    renameSync(join(place.path, name), join(place.path, `${name}-moved`))
    symlinkSync(place.outside, join(place.path, name))
  }
  assert.deepEqual(kinds(target.writeSmall(path('a/secret'), ...file('x')).issues), ['folder_left_out'])
  assert.deepEqual(kinds(target.writeSmall(path('a/c/secret'), ...file('x')).issues), ['folder_left_out'])
  const report = target.finish()
  assert.deepEqual(report.counts, { refused: 2, folder_left_out: 2 })
  place.outsideIsUntouched()
})

test('while somebody swaps folders for symlinks all the time, nothing comes to the outside', async t => {
  const swapped = 10
  const untilMs = performance.now() + (process.env.SLOW === '1' ? 30_000 : 2_000)
  using place = await targetFolder()
  mkdirSync(place.path)
  const script = fileURLToPath(new URL('./testing/swap-folders.ts', import.meta.url))
  const swapper = spawn(execPath, [script, place.path, place.outside, `${swapped}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const system = await loadSystem()
  const options = { asRoot: false, ownership: true, conflict: 'suffix' } as const
  let folders = 0
  let refused = 0
  try {
    await once(swapper.stdout, 'data')
    for (let round = 0; performance.now() < untilMs; round++) {
      using target = openTarget(system, utf8(join(place.path, `round-${round}`)), options)
      for (let i = 0; i < swapped; i++) target.writeSmall(path(`d-${i}`), folder({ mode: 0o755 }))
      for (let i = 0; i < swapped; i++) {
        folders++
        const outcome = target.writeSmall(path(`d-${i}/planted`), ...file('x', { mode: 0o777, ...group }))
        if (outcome.what === 'left_out') refused++
        target.writeSmall(path(`d-${i}/below/planted`), ...file('x', group))
      }
      target.finish()
      place.outsideIsUntouched()
    }
  } finally {
    swapper.kill('SIGKILL')
    await once(swapper, 'exit')
  }
  place.outsideIsUntouched()
  t.diagnostic(`${folders} folders filled; ${refused} had become a symlink or were gone`)
  assert(folders > 100 && refused > 0, 'the swapper was not there')
})

test('a hard link is only ever made to what this restore wrote', async () => {
  using place = await targetFolder()
  using target = place.open()
  const secret = join(place.outside, 'secret')
  target.writeSmall(path('first'), ...file('ours', { ...group, mode: 0o600 }))
  // Somebody puts a link to the outside in its place.
  unlinkSync(join(place.path, 'first'))
  linkSync(secret, join(place.path, 'first'))
  const outcome = target.writeSmall(path('second'), ...file('ours', { ...group, mode: 0o666 }))
  assert.deepEqual(kinds(outcome.issues), ['copied_link'])
  target.finish()
  assert.equal(place.read('second'), 'ours')
  assert.equal(statSync(secret).mode & 0o777, 0o600)
  assert.equal(statSync(secret).nlink, 2)
})

test('names that differ in case or in composition both come back; taken ones beside each other', async () => {
  using place = await targetFolder()
  const names = ['FOO', 'foo', 'stra\u00dfe', 'strasse', 'caf\u00e9', 'cafe\u0301']
  for (let round = 0; round < 2; round++) {
    using target = place.open()
    for (const name of names) target.writeSmall([utf8(name)], ...file(`${name} ${round}`))
    assert.equal(target.finish().leftOut, 0)
  }
  for (const name of names) {
    assert.equal(place.read(name), `${name} 0`)
    assert.equal(place.read(`${name} (restored)`), `${name} 1`)
  }
})

test('on a file system that knows no case, no name is lost', async () => {
  using place = await targetFolder()
  const { system } = place
  const there = new Set<string>()
  const isTaken = (name: Bytes): boolean => {
    const folded = new TextDecoder().decode(name).toLowerCase()
    const taken = there.has(folded)
    there.add(folded)
    return taken
  }
  const seam = {
    ...system,
    tryCreateFile: (at: number, name: Bytes, mode: number) =>
      isTaken(name) ? -17 : system.tryCreateFile(at, name, mode),
    tryMakeFolder: (at: number, name: Bytes, mode: number) =>
      isTaken(name) ? -17 : system.tryMakeFolder(at, name, mode),
  }
  using target = place.open({}, seam)
  target.writeSmall(path('FOO'), folder())
  target.writeSmall(path('Foo'), ...file('file'))
  target.writeSmall(path('foo'), folder())
  target.writeSmall(path('FOO/a'), ...file('of FOO'))
  target.writeSmall(path('foo/b'), ...file('of foo'))
  assert.equal(target.finish().counts.renamed, 2)
  assert.deepEqual(place.names(), ['FOO', 'Foo (restored)', 'foo (restored 2)'])
  assert.equal(place.read('FOO/a') + place.read('foo (restored 2)/b'), 'of FOOof foo')
})

test('set-id bits, devices and what lends rights stay away unless root asked for them locally', async () => {
  using place = await targetFolder()
  using target = place.open()
  const attributes = ['security.capability', 'trusted.x', 'security.x'].map(name => ({
    name: utf8(name),
    value: utf8('x'),
  }))
  const outcome = target.writeSmall(path('setuid'), ...file('x', { mode: 0o6755, attributes }))
  assert.equal(outcome.what, 'written')
  assert.deepEqual(kinds(outcome.issues), ['attribute', 'attribute', 'attribute', 'set_id'])
  assert.deepEqual(kinds(target.writeSmall(path('folder'), folder({ mode: 0o3777 })).issues), [])
  const device = { kind: 'block_device', device: { major: 7, minor: 0 } } as const
  assert.deepEqual(kinds(target.writeSmall(path('device'), entry(device)).issues), ['needs_root'])
  assert.equal(target.finish().counts.set_id, 2)
  assert.equal(statSync(join(place.path, 'setuid')).mode & 0o7777, 0o755)
  assert.equal(statSync(join(place.path, 'folder')).mode & 0o7777, 0o1777)
  const top = place.system.openFolder(-100, utf8(place.path))
  assert.deepEqual(place.system.attributesAt(top, utf8('setuid')), [])
  place.system.close(top)
  assert.deepEqual(place.names(), ['folder', 'setuid'])
})

test('as root all of it comes back; a set-id bit not without its owner', async t => {
  using place = await targetFolder()
  if (place.system.effectiveUser() !== 0) return t.skip('needs root')
  {
    using target = place.open({ asRoot: true })
    target.writeSmall(path('setuid'), ...file('x', { mode: 0o6755, uid: 1234, gid: 1235 }))
    const device = { kind: 'block_device', device: { major: 7, minor: 3 } } as const
    target.writeSmall(path('device'), entry({ ...device, uid: 1234 }))
    assert.deepEqual(target.finish().counts, {})
  }
  const stat = statSync(join(place.path, 'setuid'))
  assert.deepEqual([stat.mode & 0o7777, stat.uid, stat.gid], [0o6755, 1234, 1235])
  assert(lstatSync(join(place.path, 'device')).isBlockDevice())
  using target = place.open({ asRoot: true, ownership: false })
  const outcome = target.writeSmall(path('not-given'), ...file('x', { mode: 0o4755, uid: 1234 }))
  assert.deepEqual(kinds(outcome.issues), ['set_id'])
  target.finish()
  assert.equal(statSync(join(place.path, 'not-given')).mode & 0o7777, 0o755)
})

test('a target that is a system folder keeps every file it has', async () => {
  using place = await targetFolder()
  mkdirSync(join(place.path, 'cron.d'), { recursive: true })
  writeFileSync(join(place.path, 'passwd'), 'root:x:0:0')
  writeFileSync(join(place.path, 'cron.d/job'), 'job')
  using target = place.open()
  target.writeSmall(path('cron.d'), folder({ mode: 0o777 }))
  target.writeSmall(path('passwd'), ...file('evil::0:0', { mode: 0o666 }))
  target.writeSmall(path('cron.d/job'), ...file('evil'))
  target.finish()
  assert.equal(readFileSync(join(place.path, 'passwd'), 'utf8'), 'root:x:0:0')
  assert.equal(place.read('cron.d/job'), 'job')
  assert.notEqual(statSync(join(place.path, 'cron.d')).mode & 0o777, 0o777)
})

test('folders deep down that are moved away end the restore rather than mislead it', async () => {
  using place = await targetFolder()
  const deep = Array.from({ length: 400 }, (_, index) => utf8(`f${index}`))
  let moved: unknown
  try {
    using target = place.open()
    target.writeSmall([...deep, utf8('file')], ...file('x'))
    renameSync(join(place.path, 'f0/f1/f2'), join(place.path, 'elsewhere'))
    target.writeSmall(path('top'), ...file('x'))
  } catch (error) {
    moved = error
  }
  assert(isFailure(moved, 'target_moved'))
  place.outsideIsUntouched()
})
