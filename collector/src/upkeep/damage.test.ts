/** One bit, one object: found, named, never handed out, and healed by the next put. SEED=… repeats the random part. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { countDamage, listDamage } from '../catalog/damage.ts'
import { latestSnapshot } from '../catalog/snapshots.ts'
import { firstVault } from '../catalog/vaults.ts'
import { type MemoryPackStore, memoryPackStore } from '../packs/memory.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleTree } from '../testing/sample-objects.ts'
import {
  backUp,
  countReadable,
  enrol,
  getOne,
  laptop,
  putTree,
  reopened,
  sampleFleet,
  sampleVault,
} from '../testing/sample-vault.ts'
import {
  bytesOf,
  flip,
  placeOf,
  rebuilt,
  requireHeals,
  type StoredVault,
  scrubOf,
  storedVault,
} from '../testing/stored-vault.ts'
import { type PackFinding, scrubPack } from './scrub-pack.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const random = seededRandom(seed)
const fleet = sampleFleet.trust.fleet

test('an untouched vault has no findings, and a rebuild finds what the catalog knew', async () => {
  const world = await storedVault(random)
  const report = await scrubOf(world)
  deepEqual([report.found, report.takenBack, report.snapshots], [0, 0, []])
  equal(report.packs, 2)
  const { report: anew, sql } = await rebuilt(world.store)
  deepEqual([anew.snapshots, anew.devices, anew.incomplete, anew.damaged], [2, 2, [], 0])
  deepEqual([anew.refused, anew.waiting, anew.unproven], [[], [], []])
  equal(anew.objects, report.objects)
  for (const table of ['objects', 'records', 'devices', 'grants', 'snapshots', 'domains', 'vaults']) {
    const rows = async (from: StoredVault['sql']) =>
      (await from.query<Record<string, unknown>>(`select * from ${table}`)).map(row => {
        // The retention clock begins anew in a new catalog; receipts keep what it said.
        const { number: _, pack: __, uses: ___, born_ms: ____, held_since_ms: _____, ...rest } = row
        return rest
      })
    deepEqual(await rows(sql), await rows(world.sql), table)
  }
})

test('whichever single byte of a pack is changed, a scrub finds it', async () => {
  const world = await sampleVault()
  await putTree(world.ingest, laptop, await sampleTree(random))
  await world.close()
  for (const name of world.store.packs.keys()) {
    const bytes = bytesOf(world.store, name)
    for (let at = 0; at < bytes.length; at++) {
      flip(world.store, name, at)
      const findings = await collect(world.store, name)
      ok(findings > 0, `SEED=${seed}: a change at byte ${at} of ${bytes.length} of ${name} was not found`)
      world.store.packs.set(name, bytes)
    }
    equal(await collect(world.store, name), 0)
  }
})

async function collect(store: MemoryPackStore, name: string): Promise<number> {
  const findings: PackFinding[] = []
  for await (const finding of scrubPack(p, store, name, bytesOf(store, name).length)) findings.push(finding)
  return findings.filter(finding => finding.kind !== 'whole').length
}

test('a damaged object is named with the snapshots that need it, is not handed out, and heals', async () => {
  for (const which of [0, 2, 6] as const) {
    const world = await storedVault(random)
    const object = world.tree.objects[which]
    ok(object)
    const { name, at } = placeOf(world.store, object)
    flip(world.store, name, at + random.below(object.stored.length))
    const report = await scrubOf(world)
    deepEqual(report.findings, [
      { kind: 'object', pack: name, domain: laptop.id, id: object.id, reason: 'damaged' },
    ])
    deepEqual(report.snapshots, [{ device: laptop.id, id: world.commit, sequence: 1, damaged: [object.id] }])
    equal((await latestSnapshot(world.sql, fleet, laptop.id))?.damaged, 1)
    const vault = await reopened(world.store, world.sql, world.clock)
    deepEqual(await vault.ingest.missing(laptop.id, [object.id]), [true])
    equal(await getOne(vault.retrieve, laptop, object.id), undefined)
    equal(await countReadable(vault.retrieve, laptop, world.tree.objects), world.tree.objects.length - 1)
    await vault.close()
    await requireHeals(world)
    const after = await scrubOf(world)
    // The broken bytes still lie in their pack, but nobody needs them any more.
    deepEqual([after.found, after.healed, after.snapshots], [0, 1, []])
    equal((await latestSnapshot(world.sql, fleet, laptop.id))?.damaged, 0)
  }
})

test('damage is noticed when it is read, without any scrub', async () => {
  const world = await storedVault(random)
  const object = world.tree.objects[1]
  const { name, at } = placeOf(world.store, object)
  flip(world.store, name, at + 40)
  const vault = await reopened(world.store, world.sql, world.clock)
  ok(object)
  equal((await vault.ingest.missing(laptop.id, [object.id]))[0], false)
  equal(await getOne(vault.retrieve, laptop, object.id), undefined)
  equal((await vault.ingest.missing(laptop.id, [object.id]))[0], true)
  equal((await listDamage(world.sql, firstVault))[0]?.reason, 'damaged')
  await vault.close()
  await requireHeals(world)
})

test('damage that was only in the cable is taken back', async () => {
  const world = await storedVault(random)
  const object = world.tree.objects[1]
  const { name, at } = placeOf(world.store, object)
  const sound = bytesOf(world.store, name)
  flip(world.store, name, at + 40)
  equal((await scrubOf(world)).found, 1)
  world.store.packs.set(name, sound)
  const report = await scrubOf(world)
  deepEqual([report.found, report.takenBack, report.snapshots], [0, 1, []])
  equal(await countDamage(world.sql, firstVault), 0)
})

test('a scrub that was stopped goes on where it stopped, and keeps to its rate', async () => {
  const vault = await sampleVault({ limits: { packBytesMax: 1000, reserveBytes: 0 } })
  await enrol(vault.ingest, laptop)
  await backUp(vault.ingest, laptop, await sampleTree(random, { leaves: 3, segments: 4 }))
  await vault.close()
  const stop = new AbortController()
  let packs = 0
  const onProgress = () => {
    if (++packs === 3) stop.abort(new Error('stopped'))
  }
  await rejects(scrubOf(vault, { signal: stop.signal, onProgress }), /stopped/)
  const rest = await scrubOf(vault, { resume: true })
  equal(rest.packs, vault.store.packs.size - 3)
  equal((await scrubOf(vault, { resume: true })).packs, vault.store.packs.size, 'a finished one begins anew')
  let slept = 0
  const clock = {
    ...vault.clock,
    sleep: async (ms: number) => {
      slept += ms
    },
  }
  await scrubOf({ ...vault, clock }, { bytesPerSecond: 1000 })
  ok(slept > 1000)
})

test('random damage anywhere: nothing wrong is ever handed out, and everything heals', async () => {
  for (let round = 0; round < 40; round++) {
    const world = await storedVault(random)
    const names = [...world.store.packs.keys()]
    for (let hits = 1 + random.below(4); hits > 0; hits--) {
      const name = names[random.below(names.length)] ?? ''
      const length = bytesOf(world.store, name).length
      const kind = random.below(3)
      if (kind === 0) flip(world.store, name, random.below(length))
      else if (kind === 1)
        world.store.packs.set(name, bytesOf(world.store, name).slice(0, 1 + random.below(length)))
      else world.store.packs.set(name, bytesOf(world.store, name).slice().fill(0, random.below(length)))
    }
    try {
      if (random.below(2) === 0) await scrubOf(world)
      await requireHeals(world)
      const { report } = await rebuilt(world.store)
      ok(report.snapshots <= 2)
    } catch (cause) {
      throw new Error(`SEED=${seed}, round ${round}`, { cause })
    }
  }
})

test('an empty store is an empty vault', async () => {
  const { report } = await rebuilt(memoryPackStore())
  deepEqual([report.packs, report.snapshots, report.devices], [0, 0, 0])
})
