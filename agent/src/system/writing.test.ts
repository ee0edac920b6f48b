import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { linuxSystem } from './linux.ts'
import { loadLinuxCalls } from './linux-calls.ts'
import type { SpecialKind } from './system.ts'
import { isSystemError } from './system-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const { EEXIST, EINVAL, EPERM } = constants.errno

test('a new file never takes the place of anything, not even of a dangling symlink', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  system.makeSymlink(handle, utf8('link'), utf8('/tmp/backstay-must-not-appear'))
  assert.equal(system.tryCreateFile(handle, utf8('link'), 0o600), -EEXIST)
  assert.equal(system.tryMakeFolder(handle, utf8('link'), 0o700), -EEXIST)
  assert.throws(
    () => system.makeSymlink(handle, utf8('link'), utf8('x')),
    error => isSystemError(error, 'EEXIST'),
  )
})

test('a link is a second name of the inode; of a symlink too, not of its target', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  system.makeSymlink(handle, utf8('link'), utf8('nowhere'))
  system.makeLink(handle, utf8('link'), handle, utf8('second'))
  assert.equal(system.statAt(handle, utf8('second')).kind, 'symlink')
  assert.equal(system.statAt(handle, utf8('second')).links, 2)
})

test('on a file system that cannot rename without replacing, a link does it, and does not replace either', async () => {
  using folder = await temporaryFolder()
  const { handle } = folder
  const calls = await loadLinuxCalls()
  let refusing = false
  const system = linuxSystem({
    ...calls,
    renameat2() {
      refusing = true
      return -1
    },
    errno() {
      const errno = refusing ? EINVAL : calls.errno()
      refusing = false
      return errno
    },
  })
  for (const name of ['a', 'b']) system.close(system.createFile(handle, utf8(name), 0o600))
  assert.equal(system.tryRename(handle, utf8('a'), handle, utf8('b')), -EEXIST)
  assert.equal(system.tryRename(handle, utf8('a'), handle, utf8('c')), 0)
  assert.deepEqual(
    Array.from(system.listFolder(handle), entry => String.fromCharCode(...entry.name)).sort(),
    ['b', 'c'],
  )
})

test('FIFOs and sockets for everybody, device nodes for root with any number', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  const device = { major: 0xabc, minor: 0xedcba }
  const kinds: SpecialKind[] = ['fifo', 'socket']
  if (system.effectiveUser() === 0) kinds.push('character_device', 'block_device')
  for (const kind of kinds) {
    system.makeSpecial(handle, utf8(kind), kind, 0o600, device)
    const stat = system.statAt(handle, utf8(kind))
    assert.equal(stat.kind, kind)
    if (kind.endsWith('device')) {
      assert.deepEqual([stat.nodeMajor, stat.nodeMinor], [device.major, device.minor])
    }
  }
})

test('a folder cannot get a second name', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  system.makeFolder(handle, utf8('folder'), 0o700)
  assert.throws(
    () => system.makeLink(handle, utf8('folder'), handle, utf8('second')),
    error => isSystemError(error) && error.errno === EPERM,
  )
})
