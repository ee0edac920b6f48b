/** A real file system that runs full, under packs and catalog alike, and gets room again while the collector runs. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock as clock } from '@backstay/proto/system-clock'
import { latestSnapshot } from '../catalog/snapshots.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { filesystemPackStore } from '../packs/filesystem.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { requireAllSealed } from '../testing/backup-script.ts'
import { type SampleObject, sampleObject, sampleTree } from '../testing/sample-objects.ts'
import { backUp, countReadable, enrol, laptop, sampleFleet } from '../testing/sample-vault.ts'
import { openVault } from './open-vault.ts'

const mebibyte = 1024 * 1024
const random = seededRandom(9)
const disk = mkdtempSync(join(tmpdir(), 'backstay-full-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]).status === 0
const skip = mounted ? false : 'NOT RUN: a small disk needs root on Linux (mount -t tmpfs)'
after(() => {
  if (mounted) spawnSync('umount', [disk])
  rmdirSync(disk)
})

async function openOn(folder: string, reserveBytes: number) {
  mkdirSync(join(folder, 'packs'), { recursive: true })
  const sql = openSqlite(join(folder, 'catalog.sqlite'))
  const store = filesystemPackStore(join(folder, 'packs'))
  const limits = { packBytesMax: 4 * mebibyte, reserveBytes }
  const vault = await openVault({ p, store, sql, clock, limits })
  return { ...vault, sql, store }
}

/** Puts until the store says that it is full, several times; returns what was acknowledged. */
async function putUntilFull(vault: Awaited<ReturnType<typeof openOn>>): Promise<SampleObject[]> {
  const kept: SampleObject[] = []
  const sample = await sampleObject(random, 'segment', [], 200_000)
  for (let refused = 0; refused < 30; ) {
    // Many objects from few random bytes: a test should not spend its time on those.
    const batch = await Promise.all(Array.from({ length: 5 }, () => varied(sample)))
    const answers = await Promise.allSettled(batch.map(object => vault.ingest.put(laptop.id, object.stored)))
    for (const [index, answer] of answers.entries()) {
      const object = batch[index]
      if (answer.status === 'fulfilled' && object) kept.push(object)
      if (answer.status === 'fulfilled') continue
      ok(isFailure(answer.reason, 'store_full') && answer.reason.remedy === 'retry', String(answer.reason))
      refused++
    }
  }
  return kept
}

async function varied(sample: SampleObject): Promise<SampleObject> {
  const stored = sample.stored.slice()
  stored.set(random.bytes(8), 100)
  return {
    ...sample,
    id: (await p.sha256(stored)).toHex() as SampleObject['id'],
    stored: stored as SampleObject['stored'],
  }
}

for (const reserveBytes of [0, 6 * mebibyte]) {
  test(`a full disk loses nothing, and room is all it takes (${reserveBytes / mebibyte} MiB reserved)`, {
    skip,
  }, async () => {
    const folder = join(disk, 'data')
    const filler = join(disk, 'filler')
    const vault = await openOn(folder, reserveBytes)
    await enrol(vault.ingest, laptop)
    const before = await sampleTree(random)
    const head = await backUp(vault.ingest, laptop, before)
    writeFileSync(filler, new Uint8Array(8 * mebibyte))
    const kept = await putUntilFull(vault)
    ok(kept.length > 10, `${kept.length} objects fitted`)
    equal(await countReadable(vault.retrieve, laptop, kept), kept.length)

    // Not one byte is left, for the catalog neither.
    const rest = await vault.store.freeBytes()
    writeFileSync(join(disk, 'rest'), new Uint8Array(rest))
    await putUntilFull(vault)
    equal(await countReadable(vault.retrieve, laptop, kept), kept.length)

    rmSync(join(disk, 'rest'))
    truncateSync(filler, 0)
    const tree = await sampleTree(random)
    await backUp(vault.ingest, laptop, tree, { sequence: 2, previous: head })
    await vault.ingest.settled()
    equal((await latestSnapshot(vault.sql, sampleFleet.trust.fleet, laptop.id))?.sequence, 2)
    await vault.close()
    await vault.sql.close()

    const all = [...kept, ...before.objects, ...tree.objects]
    const again = await openOn(folder, reserveBytes)
    deepEqual(again.replayed.lostObjects, 0)
    equal(await countReadable(again.retrieve, laptop, all), all.length)
    await again.close()
    await again.sql.close()
    for (const ending of ['', '-wal', '-shm'])
      rmSync(join(folder, `catalog.sqlite${ending}`), { force: true })
    const anew = await openOn(folder, reserveBytes)
    equal(await countReadable(anew.retrieve, laptop, all), all.length)
    equal(anew.replayed.published, 2)
    await anew.close()
    await anew.sql.close()
    await requireAllSealed(anew.store)
    rmSync(folder, { recursive: true })
    rmSync(filler)
  })
}
