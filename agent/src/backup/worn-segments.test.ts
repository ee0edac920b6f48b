import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import type { ObjectId } from '@backstay/proto/object/id'
import { treeOfFolders } from '../scan/roots.ts'
import { quietFolder, temporaryFolder } from '../system/testing/temporary-folder.ts'
import { backUp, memoryVault, restoreTo } from '../testing/memory-vault.ts'
import { laterClock, sealerHere } from '../testing/stand-ins.ts'
import { chosen, relayEveryMs } from './worn-segments.ts'

const wear = (id: string, endBytes: number, liveBytes: number) => ({
  id: id as ObjectId,
  endBytes,
  liveBytes,
})
const kib = 1024

test('a few small segments are left alone, many are not, and the emptiest go first', () => {
  const few = Array.from({ length: 256 }, (_, n) => wear(`small${n}`, 2000, 2000))
  assert.equal(chosen(few).size, 0)
  assert.equal(chosen([...few, wear('one more', 100, 100)]).size, 257)
  const sparse = wear('sparse', 1000 * kib, 249 * kib)
  assert.deepEqual([...chosen([...few, sparse, wear('full', 1000 * kib, 251 * kib)])], ['sparse'])
  const large = Array.from({ length: 300 }, (_, n) => wear(`${n}`, 127 * kib, 127 * kib - n))
  const ids = [...chosen(large)]
  assert(ids.length > 100 && ids.length < 140 && ids[0] === '299', `${ids.length} within 16 MiB`)
})

test('once a day what many saves have scattered is laid together, and counts as no change', async () => {
  using folder = await temporaryFolder(quietFolder('worn'))
  using beside = await temporaryFolder()
  const { system } = folder
  const data = join(folder.path, 'data')
  mkdirSync(data)
  const vault = memoryVault()
  let nowMs = Date.now() + 3600_000
  const clock = { ...laterClock, now: () => nowMs }
  const run = (scope: object = {}) =>
    backUp({
      ...{ roots: [data], memoryFile: join(beside.path, 'memory.sqlite'), vault, system },
      overrides: { system, sealer: sealerHere, clock, ...scope },
    })
  const some = {
    roots: treeOfFolders([{ path: utf8(data), excludes: undefined }], [utf8(data)]),
    isPartial: true,
  }
  await run()
  for (let save = 0; save < 270; save++) {
    writeFileSync(join(data, `file ${save}`), randomBytes(900))
    await run(some)
  }
  vault.reset()
  await run()
  assert.equal(vault.sent.segments, 0, 'not on the same day')
  nowMs += relayEveryMs
  await run(some)
  assert.equal(vault.sent.segments, 0, 'not when somebody waits for a save')
  const relaid = await run()
  assert.equal(vault.sent.segments, 1)
  assert.equal(relaid.changed, 0)
  vault.reset()
  nowMs += relayEveryMs
  const { built } = await run()
  assert.deepEqual(vault.sent, { segments: 0, pages: 0, bytes: 0 }, 'the next day there is nothing to do')
  assert.equal(built.root.id, relaid.built.root.id)
  const out = join(beside.path, 'out')
  await restoreTo(vault, system, built, data, out)
  for (const save of [0, 133, 269]) {
    const name = `file ${save}`
    assert.deepEqual(readFileSync(join(out, name)), readFileSync(join(data, name)))
  }
})
