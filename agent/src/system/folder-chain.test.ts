import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { folderChain } from './folder-chain.ts'
import { isSystemError } from './system-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const openHandles = () => readdirSync('/proc/self/fd').length

test('a chain of 1,000 folders takes a bounded number of handles, down and up again', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  const before = openHandles()
  using chain = folderChain(system, handle, 10)
  const inodes: number[] = []
  for (let depth = 0; depth < 1000; depth++) {
    inodes.push(system.stat(chain.handle).inode)
    system.makeFolder(chain.handle, utf8('down'), 0o700)
    chain.enter(utf8('down'))
    assert(openHandles() - before <= 11)
  }
  while (chain.depth > 0) {
    chain.leave()
    assert.equal(system.stat(chain.handle).inode, inodes.pop())
  }
  assert.equal(chain.handle, handle)
  assert(openHandles() <= before + 1)
})

test('a walk is not led elsewhere by moving the folder it stands in', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  using chain = folderChain(system, handle, 2)
  for (const name of ['a', 'b', 'c', 'd']) {
    system.makeFolder(chain.handle, utf8(name), 0o700)
    chain.enter(utf8(name))
  }
  system.makeFolder(handle, utf8('elsewhere'), 0o700)
  using other = folderChain(system, handle)
  for (const name of ['a', 'b']) other.enter(utf8(name))
  const elsewhere = system.openFolder(handle, utf8('elsewhere'))
  system.rename(other.handle, utf8('c'), elsewhere, utf8('c'))
  system.close(elsewhere)
  chain.leave()
  assert.throws(
    () => chain.leave(),
    error => isSystemError(error, 'ESTALE'),
  )
})

test('entering a symlink is refused and the walk stands where it stood', async () => {
  using folder = await temporaryFolder()
  const { system, handle } = folder
  system.makeSymlink(handle, utf8('link'), utf8('/'))
  using chain = folderChain(system, handle)
  assert.throws(() => chain.enter(utf8('link')), isSystemError)
  assert.equal(chain.handle, handle)
})
