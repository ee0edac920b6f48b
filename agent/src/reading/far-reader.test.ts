import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import type { Asked } from '../system/bounded-calls.ts'
import { SystemError } from '../system/system-error.ts'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { batchOver } from './batch.ts'
import { farReader } from './far-reader.ts'
import { readBatch } from './read-batch.ts'

async function stage() {
  const folder = await temporaryFolder()
  const { system, handle } = folder
  const batch = batchOver()
  for (const name of ['one', 'two']) {
    writeFileSync(join(folder.path, name), `content of ${name}`)
    const stat = system.statAt(handle, utf8(name))
    batch.add({ key: utf8(name), folder: handle, name: utf8(name), stat: { ...stat } })
  }
  const near = { read: async () => assert.fail('read by a thread that is waited for') }
  const read = (asked: Asked) => {
    const [memory, files] = asked.words as [SharedArrayBuffer, number]
    return { memory, attributes: readBatch(system, batchOver(memory, files)) }
  }
  return { folder, handle, batch, near, read }
}

test('a batch from far is read as one call, and is as if it had been read here', async () => {
  const { folder, batch, near, read } = await stage()
  using _ = folder
  const asked: string[] = []
  const reader = farReader(near, {
    mountOf: () => '/net',
    ask(place, one) {
      asked.push(`${place} ${one.name}`)
      return read(one).attributes
    },
  })
  await reader.read(batch)
  assert.deepEqual(asked, ['/net readBatch'])
  for (const [index, name] of ['one', 'two'].entries()) {
    assert.ok(batch.isRead(index))
    assert.equal(Buffer.from(batch.wanted(index).content).toString(), `content of ${name}`)
  }
})

test('what a thread writes that was given up is written into nobody’s batch', async () => {
  const { folder, batch, near, read } = await stage()
  using _ = folder
  let comesBack = () => {}
  const reader = farReader(near, {
    mountOf: () => '/net',
    ask(_, one) {
      comesBack = () => void read(one)
      throw new SystemError(constants.errno.ETIMEDOUT, one.name)
    },
  })
  assert.deepEqual(await reader.read(batch), [])
  const before = Buffer.from(new Uint8Array(batch.memory))
  comesBack()
  assert.deepEqual(Buffer.from(new Uint8Array(batch.memory)), before)
  assert.deepEqual([batch.isRead(0), batch.isRead(1)], [false, false])
})

test('what lies near is read by the thread for it, and a batch of several mounts by nobody ahead', async () => {
  const { folder, batch } = await stage()
  using _ = folder
  const reads: string[] = []
  const near = {
    read: async () => {
      reads.push('near')
      return []
    },
  }
  const ask = () => assert.fail('asked')
  await farReader(near, { mountOf: () => undefined, ask }).read(batch)
  assert.deepEqual(reads, ['near'])
  let mount = 0
  assert.deepEqual(await farReader(near, { mountOf: () => `/net/${mount++}`, ask }).read(batch), [])
  assert.deepEqual(reads, ['near'])
})
