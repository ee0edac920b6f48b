import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { SystemError } from '../system/system-error.ts'
import { entry, file, folder, path, runs, symlink } from './testing/entries.ts'
import { targetFolder } from './testing/target-folder.ts'

const mebibyte = 1024 * 1024
const kinds = (issues: readonly { readonly what: string }[]): string[] => issues.map(issue => issue.what)

test('folders, small files, streamed files and links come back, times of folders too', async () => {
  using place = await targetFolder()
  using target = place.open()
  target.writeSmall(path('a'), folder({ mode: 0o750, mtimeS: -5, mtimeNs: 6 }))
  target.writeSmall(path('link'), symlink('a/small'))
  target.writeSmall(path('top'), ...file('top'))
  target.writeSmall(path('a/b'), folder({ mtimeS: 7 }))
  assert.deepEqual(target.writeSmall(path('a/small'), ...file('small', { mode: 0o640 })), {
    what: 'written',
    issues: [],
  })
  await target.write(path('a/streamed'), entry({ size: 10 }), runs('hello', 'world'))
  target.writeSmall(path('a/b/empty'), entry())
  const report = target.finish()
  assert.deepEqual(report, { written: 7, there: 0, leftOut: 0, bytes: 18, counts: {}, issues: [] })
  assert.deepEqual(place.names(), ['a', 'link', 'top'])
  assert.equal(place.read('link'), 'small')
  assert.equal(place.read('a/streamed'), 'helloworld')
  assert.equal(statSync(join(place.path, 'a')).mtimeMs, -5000 + 0.000006)
  assert.equal(statSync(join(place.path, 'a')).mode & 0o7777, 0o750)
  assert.equal(statSync(join(place.path, 'a/small')).mode & 0o7777, 0o640)
  assert.equal(statSync(join(place.path, 'a/b')).mtimeMs, 7000 + 123.456789)
})

test('holes come back as holes: in front, between, behind, and nothing else', async () => {
  using place = await targetFolder()
  using target = place.open()
  const size = 33 * mebibyte
  const between = runs({ zeros: 16 * mebibyte }, 'data', { zeros: 16 * mebibyte - 4 }, 'more', {
    zeros: mebibyte - 4,
  })
  await target.write(path('between'), entry({ size, sparse: true }), between)
  await target.write(path('only'), entry({ size, sparse: true }), runs({ zeros: size }))
  target.finish()
  for (const name of ['between', 'only']) {
    const stat = statSync(join(place.path, name))
    assert.equal(stat.size, size)
    assert(stat.blocks * 512 < mebibyte)
  }
  assert.equal(place.read('between').replaceAll('\0', ''), 'datamore')
})

test('nothing that is there is replaced: it gets a name beside it, and what is below a folder follows', async () => {
  using place = await targetFolder()
  mkdirSync(join(place.path, 'folder'), { recursive: true })
  writeFileSync(join(place.path, 'file'), 'mine')
  writeFileSync(join(place.path, 'folder/inside'), 'mine')
  using target = place.open()
  const outcome = target.writeSmall(path('file'), ...file('theirs'))
  assert.equal(outcome.what, 'renamed')
  assert.deepEqual(outcome.issues, [{ what: 'renamed', path: path('file'), detail: 'file (restored)' }])
  assert.equal(target.writeSmall(path('file'), ...file('again')).issues[0]?.detail, 'file (restored 2)')
  assert.equal((await target.write(path('file'), entry({ size: 4 }), runs('more'))).what, 'renamed')
  target.writeSmall(path('folder'), folder())
  target.writeSmall(path('folder/inside'), ...file('theirs'))
  assert.equal(target.finish().counts.renamed, 4)
  assert.equal(place.read('file') + place.read('folder/inside'), 'minemine')
  assert.equal(place.read('file (restored)'), 'theirs')
  assert.equal(place.read('file (restored 3)'), 'more')
  assert.equal(place.read('folder (restored)/inside'), 'theirs')
})

test('when told to refuse, what is taken is left out, with all below a folder', async () => {
  using place = await targetFolder()
  mkdirSync(join(place.path, 'folder'), { recursive: true })
  using target = place.open({ conflict: 'refuse' })
  assert.deepEqual(kinds(target.writeSmall(path('folder'), folder()).issues), ['taken'])
  assert.deepEqual(kinds(target.writeSmall(path('folder/a'), ...file('a')).issues), ['folder_left_out'])
  assert.deepEqual(kinds(target.writeSmall(path('folder/b/c'), ...file('c')).issues), ['folder_left_out'])
  assert.equal(target.writeSmall(path('other'), ...file('x')).what, 'written')
  assert.deepEqual(target.finish().counts, { taken: 1, folder_left_out: 2 })
  assert.deepEqual(place.names('folder'), [])
})

test('hard links are links again, in one folder and across folders, to the name as it was written', async () => {
  using place = await targetFolder()
  mkdirSync(place.path)
  writeFileSync(join(place.path, 'a'), 'mine')
  using target = place.open()
  const group = { linkGroup: utf8('0123456789abcdef') }
  target.writeSmall(path('a'), ...file('linked', group))
  target.writeSmall(path('b'), ...file('linked', group))
  target.writeSmall(path('d'), folder())
  await target.write(path('d/c'), entry({ size: 6, ...group }), runs('linked'))
  target.writeSmall(path('d/without-content'), entry({ size: 6, ...group }))
  target.finish()
  const inodes = ['a (restored)', 'b', 'd/c', 'd/without-content'].map(
    name => statSync(join(place.path, name)).ino,
  )
  assert.equal(new Set(inodes).size, 1)
  assert.equal(place.read('a'), 'mine')
})

test('where linking fails the file is written as a copy, which is listed; later names are linked to the copy', async () => {
  using place = await targetFolder()
  let refusals = 0
  const seam = {
    ...place.system,
    makeLink(...names: Parameters<typeof place.system.makeLink>) {
      if (refusals++ === 0) throw new SystemError(31, 'make link')
      place.system.makeLink(...names)
    },
  }
  using target = place.open({}, seam)
  const group = { linkGroup: utf8('0123456789abcdef') }
  target.writeSmall(path('a'), ...file('linked', group))
  const outcome = target.writeSmall(path('b'), ...file('linked', group))
  assert.deepEqual(outcome, {
    what: 'written',
    issues: [{ what: 'copied_link', path: path('b'), detail: 'EMLINK' }],
  })
  target.writeSmall(path('c'), ...file('linked', group))
  target.finish()
  const inode = (name: string) => statSync(join(place.path, name)).ino
  assert.notEqual(inode('a'), inode('b'))
  assert.equal(inode('b'), inode('c'))
})

test('content that is not as long as its entry says leaves nothing behind, and never fills the disk', async () => {
  using place = await targetFolder()
  using target = place.open()
  async function* endless() {
    while (true) yield { data: new Uint8Array(mebibyte) }
  }
  const wrong = [
    target.writeSmall(path('short'), entry({ size: 9 }), utf8('short')),
    target.writeSmall(path('missing'), entry({ size: 9 })),
    await target.write(path('ends'), entry({ size: 9 }), runs('short')),
    await target.write(path('endless'), entry({ size: 9 }), endless()),
    await target.write(path('negative'), entry({ size: 9 }), runs({ zeros: -1 })),
    await target.write(path('nothing'), entry({ size: 9 })),
  ]
  for (const outcome of wrong) {
    assert.equal(outcome.what, 'left_out')
    assert.deepEqual(kinds(outcome.issues), ['content'])
  }
  target.finish()
  assert.deepEqual(place.names(), [])
})

test('a streamed file has no name until it is whole and described', async () => {
  using place = await targetFolder()
  using target = place.open()
  const seen: string[][] = []
  async function* watched() {
    for (const text of ['first', 'second']) {
      yield { data: utf8(text) }
      seen.push(place.names().filter(name => !name.startsWith('.backstay-part-')))
    }
  }
  await target.write(path('file'), entry({ size: 11, mode: 0o400 }), watched())
  target.finish()
  assert.deepEqual(seen, [[], []])
  assert.equal(statSync(join(place.path, 'file')).mode & 0o777, 0o400)
})

test('when the content breaks off, its error comes through, nothing stays of the file, and the rest goes on', async () => {
  using place = await targetFolder()
  using target = place.open()
  async function* broken() {
    yield { data: utf8('half') }
    throw new Error('the link dropped')
  }
  await assert.rejects(target.write(path('half'), entry({ size: 9 }), broken()), /the link dropped/)
  target.writeSmall(path('whole'), ...file('whole'))
  target.finish()
  assert.deepEqual(place.names(), ['whole'])
})

test('until it is finished a target bears a sign, also after it was given up', async () => {
  using place = await targetFolder()
  {
    using target = place.open()
    target.writeSmall(path('a'), folder({ mode: 0o751 }))
    target.writeSmall(path('a/b'), ...file('b'))
    assert.match(place.names().join(' '), /^\.backstay-part-\w+ a$/)
  }
  assert.match(place.names().join(' '), /^\.backstay-part-\w+ a$/)
  assert.equal(statSync(join(place.path, 'a')).mode & 0o777, 0o751)
})

test('the top gets its own metadata when it was new, and keeps them when it was not', async () => {
  using place = await targetFolder()
  for (const [round, mode] of [0o711, 0o700].entries()) {
    using target = place.open()
    target.writeSmall([], folder({ mode: 0o711 - round, mtimeS: 5 }))
    target.writeSmall(path(`file-${round}`), ...file('x'))
    assert.equal(target.finish().counts.taken, round === 0 ? undefined : 1)
    assert.equal(statSync(place.path).mode & 0o777, round === 0 ? mode : 0o711)
    if (round === 0) assert.equal(statSync(place.path).mtimeMs, 5123.456789)
  }
})

test('what the backup could not read is listed; a folder comes back all the same, a file with its last content', async () => {
  using place = await targetFolder()
  using target = place.open()
  const unread = (kind: 'file' | 'folder' | undefined) => ({
    kind: 'unread' as const,
    unread: { kind, reason: 'denied' as const, detail: 'EACCES' },
  })
  const content = { form: 'inline', bytes: utf8('old') } as const
  assert.equal(target.writeSmall(path('unknown'), entry(unread(undefined))).what, 'left_out')
  assert.equal(target.writeSmall(path('lost'), entry(unread('file'))).what, 'left_out')
  const old = target.writeSmall(path('old'), entry({ ...unread('file'), size: 3, content }), utf8('old'))
  assert.deepEqual(old, {
    what: 'written',
    issues: [{ what: 'unread', path: path('old'), detail: 'denied EACCES' }],
  })
  assert.equal(target.writeSmall(path('folder'), folder(unread('folder'))).what, 'written')
  assert.equal(target.finish().counts.unread, 4)
  assert.deepEqual(place.names(), ['folder', 'old'])
})

test('folders that nobody announced are made, so that a part of a tree can be restored', async () => {
  using place = await targetFolder()
  using target = place.open()
  target.writeSmall(path('home/ada/notes/a'), ...file('a'))
  target.writeSmall(path('home/ada/notes/b'), ...file('b'))
  assert.equal(target.finish().written, 2)
  assert.deepEqual(place.names('home/ada/notes'), ['a', 'b'])
  assert.equal(statSync(join(place.path, 'home')).mode & 0o777, 0o777 & ~process.umask())
})

test('what a default ACL of the target gives to all below it is taken away again', async () => {
  using place = await targetFolder()
  mkdirSync(place.path)
  const acl = Uint8Array.fromHex(
    '0200000001000700ffffffff02000700e803000004000700ffffffff10000700ffffffff20000700ffffffff',
  )
  place.system.setAttributeAt(-100, utf8(place.path), utf8('system.posix_acl_default'), acl)
  using target = place.open()
  target.writeSmall(path('folder'), folder())
  target.writeSmall(path('small'), ...file('x'))
  await target.write(path('streamed'), entry({ size: 1 }), runs('x'))
  target.writeSmall(path('fifo'), entry({ kind: 'fifo' }))
  target.writeSmall(path('folder/inside'), ...file('x'))
  target.finish()
  const top = place.system.openFolder(-100, utf8(place.path))
  for (const name of ['folder', 'small', 'streamed', 'fifo']) {
    assert.deepEqual(place.system.attributesAt(top, utf8(name)), [], name)
  }
  place.system.close(top)
  assert.equal(statSync(join(place.path, 'folder/inside')).mode & 0o777, 0o644)
})

test('user attributes come back; one that the file system refuses is listed', async () => {
  using place = await targetFolder()
  using target = place.open()
  const attributes = [
    { name: utf8('user.fine'), value: utf8('value') },
    { name: utf8('user.large'), value: new Uint8Array(70_000) },
  ]
  const outcome = target.writeSmall(path('file'), ...file('x', { attributes }))
  assert.deepEqual(kinds(outcome.issues), ['attribute'])
  assert.match(outcome.issues[0]?.detail ?? '', /^user\.large: E/)
  target.finish()
  const top = place.system.openFolder(-100, utf8(place.path))
  assert.deepEqual(place.system.attributesAt(top, utf8('file')), attributes.slice(0, 1))
  place.system.close(top)
})

test('a time that the file system cannot hold is listed', async t => {
  using place = await targetFolder()
  using target = place.open()
  const outcome = target.writeSmall(path('far'), ...file('x', { mtimeS: 2 ** 40 }))
  target.finish()
  const kept = statSync(join(place.path, 'far')).mtimeMs / 1000 > 2 ** 40 - 1
  t.diagnostic(kept ? 'this file system holds it' : 'this file system does not hold it')
  assert.deepEqual(kinds(outcome.issues), kept ? [] : ['time'])
})

test('a target that cannot be written to, or is a symlink, is refused by name', async () => {
  using place = await targetFolder()
  place.system.makeSymlink(-100, utf8(place.path), utf8(place.outside))
  assert.throws(
    () => place.open(),
    error => isFailure(error, 'bad_target') && error.message.includes(place.path),
  )
  place.outsideIsUntouched()
})

test('a FIFO, a socket and a symlink have their own times', async () => {
  using place = await targetFolder()
  using target = place.open()
  target.writeSmall(path('fifo'), entry({ kind: 'fifo', mode: 0o622, mtimeS: -1 }))
  target.writeSmall(path('socket'), entry({ kind: 'socket' }))
  target.writeSmall(path('symlink'), symlink('fifo'))
  target.finish()
  const stat = lstatSync(join(place.path, 'fifo'))
  assert(stat.isFIFO() && (stat.mode & 0o777) === 0o622)
  assert.equal(stat.mtimeMs, -1000 + 123.456789)
  assert(lstatSync(join(place.path, 'socket')).isSocket())
  assert.equal(lstatSync(join(place.path, 'symlink')).mtimeMs, 1_700_000_000_123.4568)
  assert.equal(readlinkSync(join(place.path, 'symlink')), 'fifo')
})

test('handles do not leak, whatever happened', async () => {
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  {
    using place = await targetFolder()
    using target = place.open()
    for (let i = 0; i < 50; i++) {
      target.writeSmall(path(`d${i}`), folder())
      target.writeSmall(path(`d${i}/e/f/g/file`), ...file('x'))
      target.writeSmall(path(`d${i}/e/f/g/wrong`), entry({ size: 3 }))
      target.writeSmall(path(`d${i}/..`), entry())
    }
    target.finish()
  }
  assert.equal(open(), before)
})
