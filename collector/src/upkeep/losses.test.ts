/** Whole packs cut short, zeroed, exchanged, doubled or gone, and catalogs with them. SEED=… repeats the random part. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { countDamage } from '../catalog/damage.ts'
import { deviceById } from '../catalog/devices.ts'
import { latestSnapshot, listSnapshots } from '../catalog/snapshots.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { MemoryPackStore } from '../packs/memory.ts'
import { packKindNamed } from '../packs/pack-name.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { type SampleTree, sampleCommit, sampleObject, sampleTree } from '../testing/sample-objects.ts'
import {
  backUp,
  countReadable,
  enrol,
  laptop,
  putTree,
  reopened,
  sampleFleet,
  sampleVault,
  server,
} from '../testing/sample-vault.ts'
import {
  bytesOf,
  packOf,
  placeOf,
  rebuilt,
  requireHeals,
  scrubOf,
  storedVault,
} from '../testing/stored-vault.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const random = seededRandom(seed)
const fleet = sampleFleet.trust.fleet

const losses: Record<string, (store: MemoryPackStore, name: string, first: number) => void> = {
  'cut short': (store, name) => store.packs.set(name, bytesOf(store, name).slice(0, 300)),
  'cut in its index': (store, name) => {
    const bytes = bytesOf(store, name)
    store.packs.set(name, bytes.slice(0, bytes.length - 60))
  },
  'cut to nothing': (store, name) => store.packs.set(name, new Uint8Array()),
  zeroed: (store, name) => store.packs.set(name, new Uint8Array(bytesOf(store, name).length)),
  'zeroed in the middle': (store, name, first) => {
    store.packs.set(
      name,
      bytesOf(store, name)
        .slice()
        .fill(0, first + 10, first + 150),
    )
  },
  'overwritten with noise': (store, name) => store.packs.set(name, random.bytes(bytesOf(store, name).length)),
  gone: (store, name) => store.packs.delete(name),
}

function firstOf({ objects }: SampleTree, kind: 'segments' | 'pages') {
  return objects.find(object => (object.children.length === 0) === (kind === 'segments'))
}

for (const [loss, damage] of Object.entries(losses)) {
  for (const kind of ['segments', 'pages'] as const) {
    test(`a pack of ${kind} ${loss}: the catalog notices, a scrub names it, puts heal it`, async () => {
      const world = await storedVault(random)
      const name = packOf(world, kind)
      damage(world.store, name, placeOf(world.store, firstOf(world.tree, kind)).at)
      const vault = await reopened(world.store, world.sql, world.clock)
      const readable = await countReadable(vault.retrieve, laptop, world.tree.objects)
      await vault.close()
      const report = await scrubOf(world)
      if (loss !== 'cut in its index') {
        ok(readable < world.tree.objects.length)
        ok(report.found > 0 || (await countDamage(world.sql, firstVault)) > 0)
        // Without pages nobody knows any more what a snapshot needs, but its own pages are enough to say so.
        ok(
          report.snapshots.some(one => one.id === world.commit),
          'the snapshot that needs it is named',
        )
      } else equal(readable, world.tree.objects.length)
      await requireHeals(world)
    })

    test(`a pack of ${kind} ${loss} and no catalog: a rebuild publishes only what is whole`, async () => {
      const world = await storedVault(random)
      damage(world.store, packOf(world, kind), placeOf(world.store, firstOf(world.tree, kind)).at)
      const { sql, clock, report } = await rebuilt(world.store)
      if (kind === 'segments' && loss === 'zeroed in the middle') {
        // A rebuild reads no segments: its index says that they are there. A scrub finds out.
        equal(report.snapshots, 2)
        ok((await scrubOf({ store: world.store, sql, clock })).snapshots.length > 0)
        return
      }
      const vault = await reopened(world.store, sql, clock)
      for (const row of await listSnapshots(sql, fleet, laptop.id)) {
        equal(row.id, world.commit)
        equal(await countReadable(vault.retrieve, laptop, world.tree.objects), world.tree.objects.length)
      }
      await vault.close()
      if (kind === 'pages' || loss === 'cut in its index') return
      // The records are in the other pack: what is missing can be named, and comes back with the objects.
      const before = report.snapshots
      ok(before < 2 && report.incomplete.length === 2 - before)
      ok(report.incomplete.every(one => one.missing.length > 0))
      const again = await reopened(world.store, sql, clock)
      // The root lies there, but nobody may build on it before all below it has come again.
      const above = await sampleObject(random, 'page', [world.tree.root])
      deepEqual(await again.ingest.missing(laptop.id, [world.tree.root]), [true])
      await rejects(again.ingest.put(laptop.id, above.stored), { code: 'unknown_child' })
      await putTree(again.ingest, laptop, world.tree)
      await again.ingest.put(laptop.id, above.stored)
      await putTree(again.ingest, server, world.other)
      const commit = await sampleCommit(sampleFleet, laptop, world.tree.root)
      equal((await again.ingest.publish(laptop.id, commit.stored)).id, world.commit)
      await again.close()
      const last = await reopened(world.store, sql, clock)
      equal((await listSnapshots(sql, fleet, undefined)).length, 2)
      await last.close()
    })
  }
}

test('a missing pack that comes back brings its objects back', async () => {
  const world = await storedVault(random)
  const name = packOf(world, 'segments')
  const bytes = bytesOf(world.store, name)
  world.store.packs.delete(name)
  const without = await reopened(world.store, world.sql, world.clock)
  deepEqual(without.replayed.missingPacks, [name])
  ok(without.replayed.lostObjects > 0)
  await without.close()
  world.store.packs.set(name, bytes)
  const again = await reopened(world.store, world.sql, world.clock)
  equal(await countReadable(again.retrieve, laptop, world.tree.objects), world.tree.objects.length)
  await again.close()
  equal(await countDamage(world.sql, firstVault), 0)
})

test('when no pack is there at all the collector stops instead of calling everything lost', async () => {
  const world = await storedVault(random)
  const packs = new Map(world.store.packs)
  world.store.packs.clear()
  await rejects(reopened(world.store, world.sql, world.clock), { code: 'packs_gone' })
  for (const [name, bytes] of packs) world.store.packs.set(name, bytes)
  const vault = await reopened(world.store, world.sql, world.clock)
  equal(await countReadable(vault.retrieve, laptop, world.tree.objects), world.tree.objects.length)
  await vault.close()
})

test('a pack that the disk cannot read keeps nobody from the others', async () => {
  const world = await storedVault(random)
  const name = packOf(world, 'segments')
  const failing = {
    ...world.store,
    async read(pack: string, offset: number, length: number) {
      if (pack !== name) return world.store.read(pack, offset, length)
      throw new Failure('pack_unreadable', 'input/output error', { remedy: 'repair' })
    },
  }
  const vault = await reopened(failing, world.sql, world.clock)
  equal(await countReadable(vault.retrieve, laptop, world.tree.objects), 3)
  await putTree(vault.ingest, laptop, world.tree)
  await vault.close()
  const anew = await reopened(failing, openSqlite(':memory:'), world.clock)
  equal(await countReadable(anew.retrieve, laptop, world.tree.objects), 7)
  await anew.close()
  const report = await scrubOf({ ...world, store: failing as MemoryPackStore })
  ok(report.findings.some(finding => finding.kind === 'pack' && finding.pack === name))
})

test('a new catalog is not filled without the fleet, which a disk that fails for a moment cannot tell', async () => {
  // The packs were taken in without their records, and never looked at again: no device was known any more.
  const world = await storedVault(random)
  let fails = true
  const failing = {
    ...world.store,
    async read(pack: string, offset: number, length: number) {
      if (!fails || packKindNamed(pack) !== 'pages') return world.store.read(pack, offset, length)
      throw new Failure('pack_unreadable', 'input/output error', { remedy: 'repair' })
    },
  }
  const sql = openSqlite(':memory:')
  await rejects(reopened(failing, sql, world.clock), { code: 'pack_unreadable' })
  fails = false
  const vault = await reopened(failing, sql, world.clock)
  equal(await countReadable(vault.retrieve, laptop, world.tree.objects), world.tree.objects.length)
  ok(await deviceById(sql, fleet, laptop.id))
  await vault.close()
})

test('a bad sector costs what lies on it and no more', async () => {
  const vault = await sampleVault({ limits: { packBytesMax: 1024 * 1024, reserveBytes: 0 } })
  await enrol(vault.ingest, laptop)
  const tree = await sampleTree(random, { leaves: 1, segments: 6, bodyBytes: 5000 })
  const commit = await backUp(vault.ingest, laptop, tree)
  await vault.close()
  const third = tree.objects[2]
  const { name, at } = placeOf(vault.store, third)
  const bad = Math.ceil((at + 100) / 4096) * 4096 - 1
  const failing = {
    ...vault.store,
    async read(pack: string, offset: number, length: number) {
      const hit = pack === name && offset <= bad && offset + length > bad
      if (hit) throw new Failure('pack_unreadable', 'input/output error', { remedy: 'repair' })
      return vault.store.read(pack, offset, length)
    },
  }
  const report = await scrubOf({ ...vault, store: failing as MemoryPackStore })
  const ids = report.findings.flatMap(finding => (finding.kind === 'object' ? [finding.id] : []))
  // A sector is longer than the rest of the object: its neighbour's frame may begin on it.
  ok(ids.length >= 1 && ids.length <= 2 && ids.includes(third?.id ?? tree.root))
  deepEqual(
    report.snapshots.map(one => [one.id, one.damaged.length]),
    [[commit, ids.length]],
  )
  ok(
    report.findings.some(
      finding => finding.kind === 'pack' && /cannot read 1 of its sectors/.test(finding.why),
    ),
  )
})

test('exchanged packs: nothing wrong is handed out, and a scrub puts the catalog right', async () => {
  const vault = await sampleVault({ limits: { packBytesMax: 1000, reserveBytes: 0 } })
  await enrol(vault.ingest, laptop)
  const tree = await sampleTree(random, { leaves: 3, segments: 4 })
  await backUp(vault.ingest, laptop, tree)
  await vault.close()
  const { store, sql, clock } = vault
  const names = [...store.packs.keys()].filter(name => packKindNamed(name) === 'segments')
  const [a, b] = names
  ok(a && b)
  const swap = [bytesOf(store, a), bytesOf(store, b)] as const
  store.packs.set(a, swap[1]).set(b, swap[0])
  const again = await reopened(store, sql, clock)
  ok((await countReadable(again.retrieve, laptop, tree.objects)) < tree.objects.length)
  await again.close()
  await scrubOf({ store, sql, clock })
  const mended = await reopened(store, sql, clock)
  equal(await countReadable(mended.retrieve, laptop, tree.objects), tree.objects.length)
  await mended.close()
  const { report } = await rebuilt(store)
  deepEqual([report.snapshots, report.incomplete], [1, []])
})

test('a pack that is there twice does no harm', async () => {
  const world = await storedVault(random)
  const name = packOf(world, 'pages')
  const copy = `${'c'.repeat(20)}${name.slice(20)}`
  world.store.packs.set(copy, bytesOf(world.store, name).slice())
  const vault = await reopened(world.store, world.sql, world.clock)
  equal(await countReadable(vault.retrieve, laptop, world.tree.objects), world.tree.objects.length)
  await vault.close()
  deepEqual((await scrubOf(world)).found, 0)
  const { report } = await rebuilt(world.store)
  deepEqual([report.snapshots, report.devices], [2, 2])
  world.store.packs.delete(name)
  const left = await reopened(world.store, world.sql, world.clock)
  equal(
    await countReadable(left.retrieve, laptop, world.tree.objects),
    4,
    'the copy is only known after a scrub',
  )
  await left.close()
  await scrubOf(world)
  const mended = await reopened(world.store, world.sql, world.clock)
  equal(await countReadable(mended.retrieve, laptop, world.tree.objects), world.tree.objects.length)
  await mended.close()
})

test('a deleted catalog and one of yesterday become current from the packs', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  const first = await sampleTree(random)
  const head = await backUp(vault.ingest, laptop, first)
  const yesterday = await vault.sql.query('select * from objects')
  const copy = openSqlite(':memory:')
  const { sql: early } = await rebuilt(vault.store)
  const second = await sampleTree(random)
  const newest = await backUp(vault.ingest, laptop, second, { sequence: 2, previous: head })
  await enrol(vault.ingest, server)
  await vault.close()
  for (const sql of [early, copy]) {
    const again = await reopened(vault.store, sql, vault.clock)
    equal(await countReadable(again.retrieve, laptop, [...first.objects, ...second.objects]), 14)
    equal((await latestSnapshot(sql, fleet, laptop.id))?.id, newest)
    ok(await deviceById(sql, fleet, server.id))
    await again.close()
  }
  ok(yesterday.length > 0)
})
