import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { fromRoot } from './system.ts'
import { isSystemError, SystemError } from './system-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { runUnprivileged } from './testing/unprivileged.ts'

const { ENOENT, ENOTDIR, ELOOP, EINVAL, ENAMETOOLONG } = constants.errno

test('a folder opens; a file, a symlink to a folder and nothing do not', async () => {
  using folder = await temporaryFolder()
  const { system, handle, path } = folder
  mkdirSync(join(path, 'real'))
  writeFileSync(join(path, 'file'), '')
  symlinkSync('real', join(path, 'link'))
  system.close(system.openFolder(handle, utf8('real')))
  assert.equal(system.tryOpenFolder(handle, utf8('file')), -ENOTDIR)
  assert.equal(system.tryOpenFolder(handle, utf8('link')), -ENOTDIR)
  assert.equal(system.tryOpenFolder(handle, utf8('none')), -ENOENT)
  assert.equal(system.tryOpenFile(handle, utf8('link')), -ELOOP)
})

test('a FIFO without a writer opens at once', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  system.makeSpecial(handle, utf8('pipe'), 'fifo', 0o600)
  const pipe = system.openFile(handle, utf8('pipe'))
  assert.equal(system.stat(pipe).kind, 'fifo')
  system.close(pipe)
})

test('names with a NUL or beyond the limits are refused, never cut short', async () => {
  using folder = await temporaryFolder()
  const { system, handle, path } = folder
  writeFileSync(join(path, 'a'), '')
  assert.equal(system.tryOpenFile(handle, utf8('a\0b')), -EINVAL)
  assert.equal(system.tryOpenFile(handle, new Uint8Array(256).fill(0x61)), -ENAMETOOLONG)
  assert.equal(system.tryOpenFile(handle, new Uint8Array(9000).fill(0x61)), -ENAMETOOLONG)
})

test('an error names the call, the code and the number', async () => {
  using folder = await temporaryFolder()
  assert.throws(
    () => folder.system.openFile(folder.handle, utf8('none')),
    error => {
      assert(error instanceof SystemError && isSystemError(error, 'ENOENT'))
      assert.equal(error.errno, ENOENT)
      assert.equal(error.message, 'open: ENOENT')
      return !isSystemError(error, 'EACCES')
    },
  )
  assert.throws(
    () => folder.system.close(-1),
    error => isSystemError(error, 'EBADF'),
  )
})

test('a path of 5,000 bytes is reached handle by handle, and not as one path', async () => {
  using folder = await temporaryFolder()
  const { system } = folder
  const name = utf8('d'.repeat(200))
  let at = system.openFolder(fromRoot, utf8(folder.path))
  for (let depth = 0; depth < 25; depth++) {
    system.makeFolder(at, name, 0o700)
    const below = system.openFolder(at, name)
    system.close(at)
    at = below
  }
  system.close(system.createFile(at, utf8('end'), 0o600))
  assert.equal(system.statAt(at, utf8('end')).kind, 'file')
  system.close(at)
  const whole = `${folder.path}/${`${'d'.repeat(200)}/`.repeat(25)}end`
  assert(whole.length > 5000)
  assert.equal(system.tryOpenFile(fromRoot, utf8(whole)), -ENAMETOOLONG)
})

test('without rights: EACCES; the file of another opens although its access time may not be left alone', async () => {
  using folder = await temporaryFolder()
  const { path } = folder
  chmodSync(path, 0o755)
  mkdirSync(join(path, 'closed'), { mode: 0o000 })
  writeFileSync(join(path, 'secret'), '', { mode: 0o000 })
  writeFileSync(join(path, 'open'), 'x', { mode: 0o644 })
  const script = new URL('./testing/refused.ts', import.meta.url)
  const refusedToAll = {
    openFolder: 'EACCES',
    openFile: 'EACCES',
    read: 1,
    setOwner: 'EPERM',
    makeDevice: 'EPERM',
  }
  // Only when somebody else made the folder, which takes root to arrange.
  const refusedToOthers = { createFile: 'EACCES', setModeAt: 'EPERM', setTimeAt: 'EPERM' }
  const expected =
    folder.system.effectiveUser() === 0 ? { ...refusedToAll, ...refusedToOthers } : refusedToAll
  assert.partialDeepStrictEqual(runUnprivileged(script, path), expected)
})
