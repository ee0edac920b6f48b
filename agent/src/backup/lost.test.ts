// What the agent's memory or the collector has lost: it is found out, and costs reading, never a wrong byte.
import assert from 'node:assert/strict'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodeWhole } from '@backstay/proto/object/header'
import { compareTrees } from '../../../scripts/testing/compare-trees.ts'
import { restoreTo } from '../testing/memory-vault.ts'
import { backupPlace, settled } from './testing/backup-place.ts'

const place = () => backupPlace('lost')

test('lost memory is made good: files are read again and nothing is sent again', async () => {
  using at = await place()
  for (let i = 0; i < 300; i++) writeFileSync(join(at.data, `f${i}`), `content ${i}`.repeat(100))
  writeFileSync(join(at.data, 'large'), Buffer.alloc(3_000_000, 'large '))
  const first = await at.run([at.data], settled)
  for (const ending of ['', '-wal', '-shm']) rmSync(`${at.memoryFile}${ending}`, { force: true })
  at.vault.reset()
  const second = await at.run([at.data], settled)
  assert.equal(second.built.root.id, first.built.root.id)
  assert.deepEqual(at.vault.sent, { segments: 0, pages: 0, bytes: 0 })
  writeFileSync(at.memoryFile, 'this is no database')
  const third = await at.run([at.data], settled)
  assert.equal(third.built.root.id, first.built.root.id)
})

test('yesterday’s memory gives today’s bytes', async () => {
  using at = await place()
  for (let i = 0; i < 300; i++) writeFileSync(join(at.data, `f${i}`), `content ${i}`.repeat(100))
  await at.run([at.data], settled)
  copyFileSync(at.memoryFile, `${at.memoryFile}.old`)
  for (let i = 0; i < 300; i += 3) writeFileSync(join(at.data, `f${i}`), `today ${i}`.repeat(100))
  rmSync(join(at.data, 'f1'))
  await at.run([at.data], settled)
  for (const ending of ['-wal', '-shm']) rmSync(`${at.memoryFile}${ending}`, { force: true })
  copyFileSync(`${at.memoryFile}.old`, at.memoryFile)
  const { built } = await at.run([at.data], settled)
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.deepEqual(await compareTrees(at.data, at.out), [])
})

test('what the collector lost is sealed again from disk', async () => {
  using at = await place()
  for (let i = 0; i < 400; i++) writeFileSync(join(at.data, `f${i}`), `content ${i} `.repeat(200))
  writeFileSync(
    join(at.data, 'large'),
    Buffer.from(Array.from({ length: 5_000_000 }, (_, i) => (i * i) >> 7)),
  )
  await at.run([at.data], settled)
  const ids = [...at.vault.objects.keys()]
  for (let i = 0; i < ids.length; i += 2) at.vault.objects.delete(ids[i] as (typeof ids)[number])
  const { built } = await at.run([at.data], settled)
  const result = await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(result.damagedCount, 0)
  assert.deepEqual(await compareTrees(at.data, at.out), [])
})

test('a lost page of the map costs what stood on it and nothing else', async () => {
  using at = await place()
  for (let i = 0; i < 500; i++) writeFileSync(join(at.data, `f${i}`), `content ${i} `.repeat(20))
  const { built } = await at.run()
  const pages = [...at.vault.objects].filter(([, stored]) => decodeWhole(stored).header.type === 'page')
  const leaf = pages.find(([, stored]) => decodeWhole(stored).header.children.length === 1)
  assert.ok(leaf)
  at.vault.objects.delete(leaf[0])
  const result = await restoreTo(at.vault, at.system, built, '/', at.out)
  assert.equal(result.lost.length, 1)
  assert.equal(result.lost[0]?.code, 'page_missing')
  assert.equal(result.entries + (result.lost[0]?.entries ?? 0), built.entries)
})
