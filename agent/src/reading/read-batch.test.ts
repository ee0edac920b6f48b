import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { appendFileSync, linkSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { fromRoot } from '../system/system.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { testKeys } from '../testing/memory-vault.ts'
import { backupThreads } from '../threads/backup-threads.ts'
import { batchOver, earlyBytesMax } from './batch.ts'
import { readBatch } from './read-batch.ts'

async function place(names: readonly string[]) {
  const folder = await temporaryFolder()
  for (const name of names) writeFileSync(join(folder.path, name), `content of ${name}`)
  const handle = folder.system.openFolder(fromRoot, utf8(folder.path))
  const batch = batchOver()
  for (const name of names) {
    const stat = folder.system.statAt(handle, utf8(name))
    assert.ok(batch.add({ key: utf8(name), folder: handle, name: utf8(name), stat }))
  }
  return { folder, batch, at: (name: string) => join(folder.path, name) }
}

test('threads read what a batch names, with hash and attributes', async () => {
  const names = ['one', 'two', 'three']
  const { folder, batch, at } = await place(names)
  using _ = folder
  const file = folder.system.openFile(fromRoot, utf8(at('two')))
  folder.system.setAttribute(file, utf8('user.colour'), utf8('blue'))
  folder.system.close(file)
  batch.clear()
  const handle = folder.system.openFolder(fromRoot, utf8(folder.path))
  for (const name of names)
    batch.add({
      key: utf8(name),
      folder: handle,
      name: utf8(name),
      stat: folder.system.statAt(handle, utf8(name)),
    })
  await using threads = backupThreads(testKeys, 2)
  const found = await threads.reader.read(batch)
  for (const [index, name] of names.entries()) {
    assert.ok(batch.isRead(index))
    const { content, sha256 } = batch.wanted(index)
    assert.equal(new TextDecoder().decode(content.slice()), `content of ${name}`)
    assert.deepEqual(sha256.slice(), new Uint8Array(hash('sha256', `content of ${name}`, 'buffer')))
  }
  assert.equal(found.length, 1)
  assert.equal(found[0]?.index, 1)
  assert.deepEqual(found[0]?.attributes, [{ name: utf8('user.colour'), value: utf8('blue') }])
})

test('a file that is not what was found is not taken', async () => {
  const names = ['same', 'grown', 'cut', 'gone', 'replaced', 'link', 'linked', 'touched']
  const { folder, batch, at } = await place(names)
  using _ = folder
  appendFileSync(at('grown'), 'more')
  writeFileSync(at('cut'), 'c')
  rmSync(at('gone'))
  writeFileSync(at('other'), 'content of replaced')
  renameSync(at('other'), at('replaced'))
  rmSync(at('link'))
  symlinkSync(at('same'), at('link'))
  linkSync(at('linked'), at('another'))
  utimesSync(at('touched'), 1, 1)
  await using threads = backupThreads(testKeys, 1)
  await threads.reader.read(batch)
  assert.deepEqual(
    names.filter((_, index) => batch.isRead(index)),
    ['same'],
  )
})

test('a batch takes so much and no more, and is as new when cleared', async () => {
  const { folder, batch } = await place(['one'])
  using _ = folder
  const stat = { ...folder.system.statAt(fromRoot, utf8(folder.path)), size: earlyBytesMax - 10 }
  const found = { key: utf8('k'), folder: 3, name: utf8('n'), stat }
  batch.clear()
  batch.setRead(0)
  let taken = 0
  while (batch.add(found)) taken++
  assert.equal(taken, 3)
  batch.clear()
  assert.equal(batch.files, 0)
  assert.equal(batch.isRead(0), false)
  const small = { ...found, stat: { ...stat, size: 1 } }
  let files = 0
  while (batch.add(small)) files++
  assert.equal(files, 32)
})

test('of a large file nothing is taken: its turn comes later', async () => {
  const { folder, batch, at } = await place([])
  using _ = folder
  writeFileSync(at('large'), new Uint8Array(earlyBytesMax + 1))
  const handle = folder.system.openFolder(fromRoot, utf8(folder.path))
  const stat = folder.system.statAt(handle, utf8('large'))
  assert.ok(batch.add({ key: utf8('large'), folder: handle, name: utf8('large'), stat }))
  assert.equal(batch.wanted(0).content.length, 0)
  await using threads = backupThreads(testKeys, 1)
  await threads.reader.read(batch)
  assert.equal(batch.isRead(0), false)
})

test('a mistake in the middle leaves no file open', async () => {
  const { folder, batch } = await place(['one', 'two', 'three'])
  using _ = folder
  const open = new Set<number>()
  let read = 0
  const system = {
    ...folder.system,
    tryOpenFile(...words: Parameters<typeof folder.system.tryOpenFile>) {
      const file = folder.system.tryOpenFile(...words)
      open.add(file)
      return file
    },
    read(...words: Parameters<typeof folder.system.read>) {
      if (++read === 2) throw new TypeError('x is not a function')
      return folder.system.read(...words)
    },
    close(file: number) {
      assert.ok(open.delete(file), 'and closes none twice')
      folder.system.close(file)
    },
  }
  assert.throws(() => readBatch(system, batch), TypeError)
  assert.deepEqual([...open], [])
})
