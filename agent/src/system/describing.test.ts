import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { linuxSystem } from './linux.ts'
import { type LinuxCalls, loadLinuxCalls } from './linux-calls.ts'
import { isSystemError } from './system-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

/** Within what ext4 holds, the narrowest of the usual file systems: 1901-12-13 to 2446-05-10. */
const times: readonly (readonly [number, number])[] = [
  [0, 1],
  [-1, 999_999_999],
  [-2_000_000_000, 123_456_789],
  [1_700_000_000, 987_654_321],
  [4_400_000_000, 5],
  [15_000_000_000, 1],
]

test('times are exact to the nanosecond, before 1970 and after 2106, of files, folders and symlinks', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  system.makeSymlink(handle, utf8('link'), utf8('nowhere'))
  system.makeSpecial(handle, utf8('pipe'), 'fifo', 0o600)
  system.makeFolder(handle, utf8('folder'), 0o700)
  const file = system.createFile(handle, utf8('file'), 0o600)
  for (const [seconds, nanoseconds] of times) {
    system.setTime(file, seconds, nanoseconds)
    for (const name of ['link', 'pipe', 'folder']) {
      system.setTimeAt(handle, utf8(name), seconds, nanoseconds)
    }
    for (const name of ['link', 'pipe', 'folder', 'file']) {
      const { mtimeS, mtimeNs } = system.statAt(handle, utf8(name))
      assert.deepEqual([mtimeS, mtimeNs], [seconds, nanoseconds], name)
    }
  }
  system.close(file)
})

test('a time beyond what the file system holds is clamped by it, in silence', async t => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  const far = 250_000_000_000
  system.setTime(handle, far, 7)
  const { mtimeS, mtimeNs } = system.stat(handle)
  assert(mtimeS === far ? mtimeNs === 7 : mtimeS > 4_294_967_296 && mtimeS < far)
  t.diagnostic(mtimeS === far ? 'this file system holds the year 9892' : `clamped to ${mtimeS} s`)
})

test('modes with set-id and sticky bits, of a handle, a FIFO and a folder; a symlink has none', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  const file = system.createFile(handle, utf8('file'), 0o600)
  system.setMode(file, 0o6751)
  assert.equal(system.stat(file).mode, 0o6751)
  system.close(file)
  system.makeSpecial(handle, utf8('pipe'), 'fifo', 0o600)
  system.makeFolder(handle, utf8('folder'), 0o700)
  system.setModeAt(handle, utf8('pipe'), 0o622)
  system.setModeAt(handle, utf8('folder'), 0o1777)
  assert.equal(system.statAt(handle, utf8('pipe')).mode, 0o622)
  assert.equal(system.statAt(handle, utf8('folder')).mode, 0o1777)
})

async function withoutModeCall(): Promise<LinuxCalls> {
  const calls = await loadLinuxCalls()
  let unknown = false
  return {
    ...calls,
    fchmodat2() {
      unknown = true
      return -1
    },
    errno() {
      const errno = unknown ? 38 : calls.errno()
      unknown = false
      return errno
    },
  }
}

test('the mode of what a symlink points to is never changed, on new kernels and on old ones', async () => {
  using folder = await temporaryFolder()
  const { handle } = folder
  for (const system of [folder.system, linuxSystem(await withoutModeCall())]) {
    const suffix = system === folder.system ? 'new' : 'old'
    system.close(system.createFile(handle, utf8(`file-${suffix}`), 0o600))
    system.makeSymlink(handle, utf8(`link-${suffix}`), utf8(`file-${suffix}`))
    assert.throws(
      () => system.setModeAt(handle, utf8(`link-${suffix}`), 0o777),
      error => isSystemError(error, 'ENOTSUP'),
    )
    assert.equal(system.statAt(handle, utf8(`file-${suffix}`)).mode, 0o600)
    system.setModeAt(handle, utf8(`file-${suffix}`), 0o640)
    assert.equal(system.statAt(handle, utf8(`file-${suffix}`)).mode, 0o640)
  }
})

test('owners, also of a symlink and up to the largest id', async t => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  if (system.effectiveUser() !== 0) return t.skip('giving files away needs root')
  const file = system.createFile(handle, utf8('file'), 0o600)
  system.setOwner(file, 1234, 4_294_967_294)
  assert.deepEqual([system.stat(file).uid, system.stat(file).gid], [1234, 4_294_967_294])
  system.close(file)
  system.makeSymlink(handle, utf8('link'), utf8('file'))
  system.setOwnerAt(handle, utf8('link'), 5, 6)
  assert.equal(system.statAt(handle, utf8('link')).uid, 5)
  assert.equal(system.statAt(handle, utf8('file')).uid, 1234)
})
