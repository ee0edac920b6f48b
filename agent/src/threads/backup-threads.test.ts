import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { testKeys } from '../testing/memory-vault.ts'
import { backupThreads } from './backup-threads.ts'

test('threads that are ended in the middle of their work are waited for', () => {
  // A backup whose collector died ended with exit code 13 and said nothing: the last answer of a thread that was being
  // ended let go of the process.
  const script = join(import.meta.dirname, 'testing/end-at-once.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.equal(stdout, '40')
})

test('listing alone begins no more threads than it is worth, and sealing beside it does', async () => {
  let begun = 0
  const count = () => void begun++
  process.on('worker', count)
  using _ = { [Symbol.dispose]: () => process.off('worker', count) }
  await using threads = backupThreads(testKeys, 2, 1)
  using folder = await temporaryFolder()
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  for (const name of names) folder.system.makeFolder(folder.handle, utf8(name), 0o700)
  const list = () => names.map(name => threads.lister.list(folder.handle, [utf8(name)], undefined))
  assert.equal((await Promise.all(list())).length, names.length)
  assert.equal(begun, 1)
  const { sealer } = threads
  await Promise.all([...list(), sealer.seal(sealer.buffer(1000))])
  assert.equal(begun, 2)
})
