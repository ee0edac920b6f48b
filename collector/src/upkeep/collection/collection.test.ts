/** What goes, what stays, and that a rebuild agrees. SEED=… repeats the random part. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeRecord } from '@backstay/proto/object/header'
import { objectId, type Sealed } from '@backstay/proto/object/id'
import { type Hold, signHold } from '@backstay/proto/trust/hold'
import { newOrder } from '@backstay/proto/trust/order'
import { testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { signTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { condemnedSum } from '../../catalog/condemned.ts'
import { listDamage } from '../../catalog/damage.ts'
import { storedIn } from '../../catalog/domain-sums.ts'
import { latestSnapshot, listSnapshots } from '../../catalog/snapshots.ts'
import { firstVault } from '../../catalog/vaults.ts'
import { seededRandom } from '../../packs/seeded-random.ts'
import {
  backUpNext,
  collectFrom,
  contentOf,
  dayMs,
  publishNext,
  putPolicy,
  requireReachable,
  shortRetention,
} from '../../testing/collecting.ts'
import { listed, oldVault, readable } from '../../testing/old-vault.ts'
import { type SampleTree, sampleCommit, sampleObject, sampleTree } from '../../testing/sample-objects.ts'
import {
  countReadable,
  enrol,
  laptop,
  putTree,
  reopened,
  sampleFleet,
  sampleVault,
  server,
} from '../../testing/sample-vault.ts'
import { flip, placeOf, rebuilt, scrubOf } from '../../testing/stored-vault.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
console.log(`SEED=${seed}`)
const random = seededRandom(seed)
const fleet = sampleFleet.trust.fleet

test('what the rule lets go is forgotten, condemned, and after the grace its bytes are gone', async () => {
  const old = await oldVault(random)
  const { vault, trees, commits } = old
  const all = trees[0]?.objects.length ?? 0
  const first = await collectFrom(vault, vault)
  deepEqual([first.forgotten, first.snapshots, first.blocked], [3, 7, []])
  ok(first.condemned >= 3 * (all + 1))
  deepEqual(await listed(vault.sql), commits.slice(3))
  deepEqual(await readable(old), [all, all, all, all, all, all], 'the bytes are there for the grace')
  const ids = trees.map(tree => tree.root)
  deepEqual(await vault.ingest.missing(laptop.id, ids), [true, true, true, false, false, false])

  vault.clock.nowMs += 14 * dayMs
  await vault.close()
  const again = await reopened(vault.store, vault.sql, vault.clock)
  const second = await collectFrom(again, vault)
  deepEqual([second.forgotten, second.condemned], [0, 0])
  ok(second.freedBytes > 3 * 4 * 1000)
  deepEqual(await readable({ ...old, vault: { ...vault, ...again } }), [0, 0, 0, all, all, all])
  equal((await condemnedSum(vault.sql, firstVault)).objects, 0)
  await again.close()
  await requireReachable(vault.store)
  const report = await scrubOf(vault)
  deepEqual([report.found, report.takenBack], [0, 0])
})

test('forget, compact, delete the catalog, rebuild: exactly what stayed, with its times', async () => {
  const { vault, commits } = await oldVault(random)
  await collectFrom(vault, vault)
  const before = await listSnapshots(vault.sql, fleet, undefined)
  for (const compacted of [false, true]) {
    if (compacted) {
      const again = await reopened(vault.store, vault.sql, vault.clock)
      vault.clock.nowMs += 15 * dayMs
      ok((await collectFrom(again, vault)).freedBytes > 0)
      await again.close()
    } else {
      await vault.close()
    }
    const { sql, report } = await rebuilt(vault.store)
    deepEqual(await listed(sql), commits.slice(3))
    deepEqual([report.incomplete, report.refused, report.waiting], [[], [], []])
    const times = (rows: typeof before) => rows.map(row => [row.id, row.heldSinceMs]).sort()
    deepEqual(times(await listSnapshots(sql, fleet, undefined)), times(before))
    equal((await storedIn(sql, firstVault, laptop.id)).bytes > 0, true)
  }
})

test('objects that snapshots share stay as long as one of them stays', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  await putPolicy(vault.ingest, shortRetention)
  const shared = await sampleTree(random)
  for (let day = 0; day < 6; day++) {
    const root = await sampleObject(random, 'page', [shared.root])
    await backUpNext(vault.ingest, vault.sql, laptop, { objects: [...shared.objects, root], root: root.id })
    vault.clock.nowMs += dayMs
  }
  vault.clock.nowMs += 100 * dayMs
  equal((await collectFrom(vault, vault)).forgotten, 3)
  vault.clock.nowMs += 15 * dayMs
  await vault.close()
  const again = await reopened(vault.store, vault.sql, vault.clock)
  await collectFrom(again, vault)
  equal(await countReadable(again.retrieve, laptop, shared.objects), shared.objects.length)
  await again.close()
  await requireReachable(vault.store)
})

test('nothing goes without a policy, under a hold, or when a clock jumped', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  for (let n = 0; n < 6; n++) {
    await backUpNext(vault.ingest, vault.sql, laptop, await sampleTree(random, { leaves: 1 }))
  }
  vault.clock.nowMs += 400 * dayMs
  equal((await collectFrom(vault, vault)).forgotten, 0)
  await putPolicy(vault.ingest, shortRetention)
  equal((await collectFrom(vault, vault)).forgotten, 0, 'a shorter policy waits a week')
  vault.clock.nowMs += 8 * dayMs
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  const hold: Hold = { order, device: undefined, snapshot: undefined, reason: 'case 7', releases: undefined }
  await vault.ingest.putRecord('fleet', await signHold(p, hold, sampleFleet.owner))
  equal((await collectFrom(vault, vault)).forgotten, 0, 'a legal hold')
  const release = { ...hold, order: newOrder(p, sampleFleet.trust, testNowMs), releases: order.id }
  await vault.ingest.putRecord('fleet', await signHold(p, release, sampleFleet.owner))
  equal((await collectFrom(vault, vault)).forgotten, 0, 'its release waits a week')
  vault.clock.nowMs += 8 * dayMs
  const halted = { ...vault.retention, haltedUntilMs: 1, now: vault.retention.now }
  const report = await collectFrom({ ...vault, retention: halted }, vault)
  deepEqual([report.haltedUntilMs, report.forgotten, report.condemned], [1, 0, 0])
  equal((await collectFrom(vault, vault)).forgotten, 2, 'the oldest of the day and the last three stay')
  await vault.close()
})

test('who signed the longer retention leaves the fleet: his wish counts for a week more, also through a rebuild', async () => {
  // Judged by today's Trust alone, the older and shorter order under it took effect with the next collection.
  const { document, payloadHash } = sampleFleet.trust
  const [first] = document.admins
  ok(first)
  const second = await testKey(p, 'second admin')
  const next = (version: number, previous: Bytes, admins: typeof document.admins) =>
    signTrust(p, { ...document, version, previous, admins }, [sampleFleet.owner])
  const added = await next(2, payloadHash, [first, { ...first, name: 'second', key: second.publicKey }])
  const trust = await verifyTrustChain(p, [added], sampleFleet.trust)
  const { vault } = await oldVault(random)
  await vault.ingest.putRecord('fleet', added)
  await putPolicy(vault.ingest, { ...shortRetention, keepYearly: 90, keepDaily: 90 }, 2, {
    ...sampleFleet,
    admin: second,
    trust,
  })
  vault.clock.nowMs += 30 * dayMs
  equal((await collectFrom(vault, vault)).forgotten, 0)
  await vault.ingest.putRecord('fleet', await next(3, trust.payloadHash, [first]))
  vault.clock.nowMs += 6 * dayMs
  equal((await collectFrom(vault, vault)).forgotten, 0)
  await vault.close()
  const anew = await rebuilt(vault.store)
  const again = await reopened(vault.store, anew.sql, vault.clock)
  equal((await collectFrom(again, { ...vault, sql: anew.sql })).forgotten, 0)
  vault.clock.nowMs += 8 * dayMs
  equal((await collectFrom(again, { ...vault, sql: anew.sql })).forgotten, 3)
  await again.close()
})

test('test 43, flush-retention: commits without end drive nothing out, whatever times they claim, and are a flood', async () => {
  const old = await oldVault(random, { ...shortRetention, keepDaily: 200, keepYearly: 10 })
  const { vault, commits } = old
  const head = await latestSnapshot(vault.sql, fleet, laptop.id)
  ok(head)
  let [previous, sequence, published] = [head.id, head.sequence, 0]
  const tree = await sampleTree(random, { leaves: 1 })
  await putTree(vault.ingest, laptop, tree)
  const times = [0, testNowMs + 9000 * dayMs, testNowMs]
  let commit = await sampleCommit(sampleFleet, laptop, tree.root, { sequence: sequence + 1, previous })
  // As fast as 10,000 in an hour.
  for (let attempt = 0; attempt < 2000; attempt++) {
    vault.clock.nowMs += 360
    try {
      previous = (await vault.ingest.publish(laptop.id, commit.stored)).id
      sequence++
      published++
      const endedAtMs = times[published % times.length] ?? 0
      const next = { sequence: sequence + 1, previous, endedAtMs }
      commit = await sampleCommit(sampleFleet, laptop, tree.root, next)
    } catch (error) {
      ok(isFailure(error, 'too_many_commits'))
    }
  }
  ok(published <= 120 + 2 * 13, `${published} commits counted`)
  const [flood] = vault.ingest.floods()
  equal(flood?.device, laptop.id)
  equal(flood?.refused, 2000 - published)
  vault.clock.nowMs += 31 * dayMs
  equal(vault.ingest.floods().length, 0, 'it is over')
  ok((await collectFrom(vault, vault)).forgotten > published / 2, 'of the flood itself')
  deepEqual((await listed(vault.sql)).slice(0, commits.length), commits)
  await vault.close()
})

test('a pinned snapshot stays, also through a rebuild', async () => {
  const { vault, commits } = await oldVault(random)
  const [pinned] = commits
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  const pin: Hold = { order, device: laptop.id, snapshot: pinned, reason: '', releases: undefined }
  await vault.ingest.putRecord('fleet', await signHold(p, pin, sampleFleet.admin))
  equal((await collectFrom(vault, vault)).forgotten, 2)
  await vault.close()
  const anew = await rebuilt(vault.store)
  deepEqual(await listed(anew.sql), [pinned, ...commits.slice(3)])
  const again = await reopened(vault.store, anew.sql, vault.clock)
  equal((await collectFrom(again, { ...vault, sql: anew.sql })).forgotten, 0)
  await again.close()
})

test('what was put and is reached by no snapshot is leased for a month', async () => {
  const { vault } = await oldVault(random)
  const loose = await sampleTree(random)
  for (const { stored } of loose.objects) await vault.ingest.put(laptop.id, stored)
  const ids = loose.objects.map(object => object.id)
  await collectFrom(vault, vault)
  vault.clock.nowMs += 29 * dayMs
  await collectFrom(vault, vault)
  deepEqual(new Set(await vault.ingest.missing(laptop.id, [loose.root])), new Set([false]))
  // The answer was a lease of its own, for the root and for what is below it.
  vault.clock.nowMs += 29 * dayMs
  equal((await collectFrom(vault, vault)).condemned, 0)
  vault.clock.nowMs += 2 * dayMs
  equal((await collectFrom(vault, vault)).condemned, ids.length)
  deepEqual(new Set(await vault.ingest.missing(laptop.id, ids)), new Set([true]))
  await vault.close()
})

test('what is condemned cannot be built on, and comes back when it is put again', async () => {
  const { vault, trees } = await oldVault(random)
  await collectFrom(vault, vault)
  const gone = trees[0] as SampleTree
  const parent = await sampleObject(random, 'page', [gone.root])
  await rejects(vault.ingest.put(laptop.id, parent.stored), { code: 'unknown_child' })
  await rejects(publishNext(vault.ingest, vault.sql, laptop, gone.root), { code: 'unknown_root' })
  await backUpNext(vault.ingest, vault.sql, laptop, gone)
  await vault.ingest.put(laptop.id, parent.stored)
  vault.clock.nowMs += 15 * dayMs
  await vault.close()
  const again = await reopened(vault.store, vault.sql, vault.clock)
  await collectFrom(again, vault)
  equal(await countReadable(again.retrieve, laptop, gone.objects), gone.objects.length)
  await again.close()
  await contentOf(vault.store)
})

test('below a page that cannot be read nothing is condemned, and the other device is collected', async () => {
  const { vault, trees } = await oldVault(random)
  await vault.close()
  const page = trees[5]?.objects.find(object => object.children.length > 0)
  const { name, at } = placeOf(vault.store, page)
  flip(vault.store, name, at + 100)
  const again = await reopened(vault.store, vault.sql, vault.clock)
  const report = await collectFrom(again, vault)
  deepEqual(
    [report.forgotten, report.condemned, report.blocked],
    [3, 0, [{ device: laptop.id, unreadable: 1 }]],
  )
  await again.close()
})

test('what is damaged and only forgotten snapshots needed is missed no longer', async () => {
  const { vault, trees } = await oldVault(random)
  await vault.close()
  const [gone, stays] = [trees[0]?.objects[0], trees[5]?.objects[0]]
  for (const object of [gone, stays]) {
    const { name, at } = placeOf(vault.store, object)
    flip(vault.store, name, at + 100)
  }
  equal((await scrubOf(vault)).found, 2)
  const again = await reopened(vault.store, vault.sql, vault.clock)
  equal((await collectFrom(again, vault)).forgotten, 3)
  deepEqual(
    (await listDamage(vault.sql, firstVault)).map(one => one.id),
    [stays?.id],
  )
  await again.close()
})

test('a pack with something damaged in it is left as it is', async () => {
  const { vault } = await oldVault(random)
  await collectFrom(vault, vault)
  await vault.close()
  // Every day has packs of its own; in the first there are records as well, which stay.
  const stored = encodeRecord(laptop.certificateEnvelope) as Sealed
  const id = objectId(await p.sha256(stored))
  const { name, at } = placeOf(vault.store, { id, stored, children: [] })
  flip(vault.store, name, at + 100)
  const again = await reopened(vault.store, vault.sql, vault.clock)
  vault.clock.nowMs += 15 * dayMs
  const report = await collectFrom(again, vault)
  equal(report.left, 1)
  ok(vault.store.packs.has(name))
  deepEqual(
    (await listDamage(vault.sql, firstVault)).map(one => one.id),
    [id],
  )
  await again.close()
})

test('a dry run says what would go and changes nothing', async () => {
  const { vault, commits } = await oldVault(random)
  await vault.ingest.settled()
  const dry = await collectFrom(vault, vault, { dryRun: true })
  deepEqual(await listed(vault.sql), commits)
  equal((await condemnedSum(vault.sql, firstVault)).objects, 0)
  const real = await collectFrom(vault, vault)
  deepEqual([dry.forgotten, dry.condemned], [real.forgotten, real.condemned])
  equal(dry.condemnedBytes, real.condemnedBytes)
  await vault.close()
})

test('a device that lost nothing since its last mark costs no page, and one that did is marked again', async () => {
  const { vault } = await oldVault(random)
  let reads = 0
  const store = {
    ...vault.store,
    read(name: string, offset: number, length: number) {
      reads++
      return vault.store.read(name, offset, length)
    },
  }
  const run = async () => {
    reads = 0
    // The forget records of a run and its mark may fall into one millisecond.
    vault.clock.nowMs++
    const { ingest, retention } = vault
    const { marked, forgotten } = await collectFrom(
      { ingest, retention },
      { ...vault, store },
      { limits: { wasteMax: 1, mergeMin: 0 } },
    )
    return [marked, forgotten, reads > 0]
  }
  deepEqual(await run(), [2, 3, true])
  deepEqual(await run(), [0, 0, false])
  await backUpNext(vault.ingest, vault.sql, server, await sampleTree(random))
  deepEqual(await run(), [0, 0, false], 'what came is leased')
  await backUpNext(vault.ingest, vault.sql, laptop, await sampleTree(random))
  deepEqual(await run(), [1, 1, true], 'the oldest of the last three makes room')
  vault.clock.nowMs += 31 * dayMs
  deepEqual(await run(), [2, 0, true])
  deepEqual(await run(), [0, 0, false])
  await vault.close()
})

test('when the first lease of what nothing reaches ends, the device is marked again', async () => {
  const { vault } = await oldVault(random)
  const loose = await sampleTree(random)
  for (const { stored } of loose.objects) await vault.ingest.put(laptop.id, stored)
  const days: number[] = []
  for (let day = 0; day < 35; day++) {
    if ((await collectFrom(vault, vault)).condemned > 0) days.push(day)
    vault.clock.nowMs += dayMs
  }
  deepEqual(days, [0, 30])
  await vault.close()
})
