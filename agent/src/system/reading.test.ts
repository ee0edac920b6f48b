import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { fromRoot, type Handle, type System } from './system.ts'
import { isSystemError } from './system-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const listed = (system: System, folder: Handle): string[] =>
  Array.from(system.listFolder(folder), entry => hex(entry.name)).sort()

test('lists names as bytes: invalid UTF-8, 255 bytes, a newline, names that begin with dots', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  const names = [
    new Uint8Array([0xff, 0xfe, 0x80]),
    new Uint8Array(255).fill(0xe9),
    utf8('a\nb'),
    utf8('.hidden'),
    utf8('..also'),
    utf8('...'),
  ]
  for (const name of names) system.close(system.createFile(handle, name, 0o600))
  assert.deepEqual(listed(system, handle), names.map(hex).sort())
  for (const name of names) assert.equal(system.statAt(handle, name).kind, 'file')
})

test('lists a folder of 30,000 names, twice, and another one in between', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  const file = utf8('file')
  system.close(system.createFile(handle, file, 0o600))
  for (let i = 1; i < 30_000; i++) system.makeLink(handle, file, handle, utf8(`link-${i}`))
  const root = system.openFolder(fromRoot, utf8('/'))
  const names = new Set<string>()
  const { inode } = system.statAt(handle, file)
  for (const entry of system.listFolder(handle)) {
    if (names.size % 1000 === 0) assert(listed(system, root).length > 0)
    names.add(hex(entry.name))
    assert.equal(entry.inode, inode)
  }
  assert.equal(names.size, 30_000)
  assert.equal(listed(system, handle).length, 30_000)
  system.close(root)
})

test('an empty folder lists nothing; a file cannot be listed', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  assert.deepEqual([...system.listFolder(handle)], [])
  const file = system.createFile(handle, utf8('file'), 0o600)
  assert.throws(
    () => [...system.listFolder(file)],
    error => isSystemError(error, 'ENOTDIR'),
  )
  system.close(file)
})

test('stat and listing agree on the kind of everything', async () => {
  using folder = await temporaryFolder()
  const { system, handle, path } = folder
  writeFileSync(join(path, 'file'), 'hello')
  mkdirSync(join(path, 'folder'))
  symlinkSync('file', join(path, 'symlink'))
  system.makeSpecial(handle, utf8('fifo'), 'fifo', 0o640)
  system.makeSpecial(handle, utf8('socket'), 'socket', 0o640)
  for (const { name, kind } of system.listFolder(handle)) {
    const stat = system.statAt(handle, name)
    assert.equal(stat.kind, new TextDecoder().decode(name))
    assert(kind === undefined || kind === stat.kind)
  }
})

test('stat says size, blocks, links, inode, device, mount and owner; by handle the same', async () => {
  using folder = await temporaryFolder()
  const { system, handle, path } = folder
  writeFileSync(join(path, 'file'), 'hello', { mode: 0o640 })
  system.makeLink(handle, utf8('file'), handle, utf8('second'))
  const file = system.openFile(handle, utf8('file'))
  const stat = system.stat(file)
  assert.deepEqual(stat, system.statAt(handle, utf8('second')))
  assert.deepEqual(
    [stat.size, stat.links, stat.mode, stat.uid, stat.nodeMajor],
    [5, 2, 0o640, system.effectiveUser(), 0],
  )
  const above = system.stat(handle)
  assert.deepEqual(
    [stat.deviceMajor, stat.deviceMinor, stat.mount],
    [above.deviceMajor, above.deviceMinor, above.mount],
  )
  assert(stat.inode > 0 && stat.inode !== above.inode && stat.ctimeS > 1_600_000_000)
  system.close(file)
})

test('stat does not follow a symlink', async () => {
  using folder = await temporaryFolder()
  symlinkSync('/', join(folder.path, 'link'))
  assert.equal(folder.system.statAt(folder.handle, utf8('link')).kind, 'symlink')
})

test('a size beyond 32 bits is exact', async () => {
  using folder = await temporaryFolder()
  const { system, handle, path } = folder
  writeFileSync(join(path, 'large'), '')
  truncateSync(join(path, 'large'), 2 ** 40 + 5)
  const { size, blocks } = system.statAt(handle, utf8('large'))
  assert.equal(size, 2 ** 40 + 5)
  assert(blocks < 64)
})

test('link targets are bytes: not UTF-8, empty of meaning, as long as they may be', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  const targets: Bytes[] = [
    new Uint8Array([0x2f, 0xff, 0xc3]),
    utf8('dangling'),
    utf8('..'),
    new Uint8Array(4095).fill(0x78),
  ]
  for (const [index, target] of targets.entries()) {
    const name = utf8(`link-${index}`)
    system.makeSymlink(handle, name, target)
    assert.deepEqual(system.readLink(handle, name), target)
  }
  assert.throws(
    () => system.readLink(handle, utf8('.')),
    error => isSystemError(error, 'EINVAL'),
  )
})

test('finds data and holes', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  const name = utf8('sparse')
  const mebibyte = 1024 * 1024
  const written = system.createFile(handle, name, 0o600)
  system.write(written, new Uint8Array(mebibyte).fill(1), 4 * mebibyte)
  system.resize(written, 16 * mebibyte)
  system.close(written)
  const file = system.openFile(handle, name)
  assert.equal(system.seekData(file, 0), 4 * mebibyte)
  assert.equal(system.seekHole(file, 4 * mebibyte), 5 * mebibyte)
  assert.equal(system.seekData(file, 5 * mebibyte), Number.POSITIVE_INFINITY)
  assert.equal(system.seekHole(file, 0), 0)
  system.close(file)
  const pipe = utf8('pipe')
  system.makeSpecial(handle, pipe, 'fifo', 0o600)
  const fifo = system.openFile(handle, pipe)
  assert.equal(system.seekData(fifo, 0), undefined)
  system.close(fifo)
})
