import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { type ObjectId, objectId } from '@backstay/proto/object/id'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { listDamage } from '../catalog/damage.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleObject } from '../testing/sample-objects.ts'
import { enrol, laptop, sampleVault } from '../testing/sample-vault.ts'
import { readRuns, runBytesMax } from './read-runs.ts'
import { openRetrieve } from './retrieve.ts'

const random = seededRandom(4)
const id = () => objectId(random.bytes(32))
const pack = (letter: string) => `${letter.repeat(32)}.segments`

test('neighbours are read together, in the order of the pack, but never too much at once', () => {
  const at = (name: string, offset: number, length: number) => ({ id: id(), pack: name, offset, length })
  const mebibyte = 1024 * 1024
  const wanted = [
    at(pack('b'), 0, 100),
    at(pack('a'), 5000, 100),
    at(pack('a'), 76, 100),
    at(pack('a'), 9 * mebibyte, 4 * mebibyte),
    at(pack('a'), 13 * mebibyte + 60, 4 * mebibyte),
    at(pack('a'), 30 * mebibyte, 10 * mebibyte),
  ]
  const runs = readRuns(wanted)
  deepEqual(
    runs.map(run => [run.pack[0], run.offset, run.objects.length]),
    [
      ['a', 76, 2],
      ['a', 9 * mebibyte, 1],
      ['a', 13 * mebibyte + 60, 1],
      ['a', 30 * mebibyte, 1],
      ['b', 0, 1],
    ],
  )
  ok(runs.every(run => run.length <= runBytesMax || run.objects.length === 1))
  deepEqual(readRuns([]), [])
})

async function filled(count: number) {
  const vault = await sampleVault({ limits: { packBytesMax: 1024 * 1024, reserveBytes: 0 } })
  await enrol(vault.ingest, laptop)
  const objects = await Promise.all(Array.from({ length: count }, () => sampleObject(random, 'segment')))
  await Promise.all(objects.map(object => vault.ingest.put(laptop.id, object.stored)))
  await vault.ingest.settled()
  let reads = 0
  const spied = (read: PackStore['read']) =>
    openRetrieve({
      p,
      sql: vault.sql,
      vault: firstVault,
      clock: { now: () => testNowMs },
      index: vault.ingest,
      store: {
        read: (...place) => {
          reads++
          return read(...place)
        },
      },
    })
  return { ...vault, objects, spied, reads: () => reads }
}

async function all(retrieve: ReturnType<typeof openRetrieve>, ids: readonly ObjectId[]) {
  return Array.fromAsync(retrieve.get(laptop.id, ids))
}

test('a hundred objects that lie together are one read, and each is handed out once', async () => {
  const { objects, spied, reads, store } = await filled(100)
  const ids = objects.map(object => object.id)
  const got = await all(spied(store.read), [...ids, ...ids, id()])
  equal(reads(), 1)
  equal(got.length, 101)
  equal(got.filter(one => one.stored === undefined).length, 1)
  const kept = new Map(objects.map(object => [object.id, object.stored]))
  for (const one of got) {
    if (one.stored) ok(Buffer.from(one.stored).equals(kept.get(one.id) ?? new Uint8Array()))
  }
})

test('a bit that turns on the way is read again and no damage', async () => {
  const { objects, spied, sql, store } = await filled(5)
  let turned = 0
  const got = await all(
    spied(async (...place) => {
      const bytes = await store.read(...place)
      if (turned++ === 0) bytes[100] = (bytes[100] ?? 0) ^ 1
      return bytes
    }),
    objects.map(object => object.id),
  )
  ok(got.every(one => one.stored !== undefined))
  deepEqual(await listDamage(sql, firstVault), [])
})

test('a bad sector costs the object on it and none beside it', async () => {
  const { objects, spied, sql, store, ingest } = await filled(5)
  const third = objects[2]
  ok(third)
  const [place] = await ingest.locate(laptop.id, [third.id])
  ok(place)
  const bad = place.offset + 50
  const got = await all(
    spied((name, offset, length) => {
      if (offset > bad || offset + length <= bad) return store.read(name, offset, length)
      throw new Failure('pack_unreadable', 'input/output error', { remedy: 'repair' })
    }),
    objects.map(object => object.id),
  )
  deepEqual(
    got.filter(one => one.stored === undefined).map(one => one.id),
    [third.id],
  )
  deepEqual(
    (await listDamage(sql, firstVault)).map(one => [one.id, one.reason]),
    [[third.id, 'unreadable']],
  )
})

test('a fault of ours is thrown and never noted as damage', async () => {
  const { objects, spied, sql } = await filled(3)
  const failing = spied(async () => {
    throw new Failure('store_failed', 'too many open files', { remedy: 'retry' })
  })
  await rejects(
    all(
      failing,
      objects.map(object => object.id),
    ),
    { code: 'store_failed' },
  )
  deepEqual(await listDamage(sql, firstVault), [])
})

test('records of the fleet are read from its own domain', async () => {
  const { spied, store, sql } = await filled(1)
  const [record] = await sql.query<{ id: Uint8Array }>("select id from records where kind = 'trust'")
  ok(record)
  const asked = objectId(record.id)
  const [own] = await Array.fromAsync(spied(store.read).get('fleet', [asked]))
  const [foreign] = await Array.fromAsync(spied(store.read).get(laptop.id, [asked]))
  ok(own?.stored)
  equal(foreign?.stored, undefined)
})
