/** A parcel comes, stays and goes by rules of its own, and no device notices. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { signErase } from '@backstay/proto/trust/erase'
import type { Hold } from '@backstay/proto/trust/hold'
import { signHold } from '@backstay/proto/trust/hold'
import { newOrder } from '@backstay/proto/trust/order'
import { signParcel } from '@backstay/proto/trust/parcel'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { listDevices } from '../../catalog/devices.ts'
import { listParcels } from '../../catalog/parcels.ts'
import { snapshotsBetween } from '../../catalog/samples.ts'
import { latestSnapshot, listSnapshots } from '../../catalog/snapshots.ts'
import { openSqlite } from '../../catalog/sqlite.ts'
import { isLent, requireParcel } from '../../fleet/parcels.ts'
import { seededRandom } from '../../packs/seeded-random.ts'
import {
  backUpNext,
  collectFrom,
  dayMs,
  putPolicy,
  requireReachable,
  shortRetention,
} from '../../testing/collecting.ts'
import { sampleCommit, sampleEscrow, sampleTree } from '../../testing/sample-objects.ts'
import { type SampleParcel, sampleParcel, sampleParcelEnd } from '../../testing/sample-parcel.ts'
import {
  backUp,
  countReadable,
  enrol,
  laptop,
  putTree,
  reopened,
  type SampleVault,
  sampleFleet,
  sampleVault,
  server,
} from '../../testing/sample-vault.ts'
import { rebuilt } from '../../testing/stored-vault.ts'
import { collectionLimits } from './limits.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
console.log(`SEED=${seed}`)
const random = seededRandom(seed)
const fleet = sampleFleet.trust.fleet

async function packed() {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop, server)
  await putPolicy(vault.ingest, shortRetention)
  const tree = await sampleTree(random, { bodyBytes: 1000 })
  const own = await sampleTree(random, { bodyBytes: 1000 })
  await backUpNext(vault.ingest, vault.sql, laptop, own)
  const parcel = await admitted(vault, 'one')
  await backUp(vault.ingest, parcel, tree)
  return { vault, parcel, tree, own }
}

async function admitted(vault: SampleVault, name: string, days = 30): Promise<SampleParcel> {
  const parcel = await sampleParcel(name, { nowMs: vault.clock.nowMs, days })
  await vault.ingest.putRecord('fleet', parcel.envelope)
  await vault.ingest.putRecord(parcel.id, await sampleEscrow(sampleFleet, parcel))
  return parcel
}

/** Until what is condemned has lost its bytes. */
async function collectTwice(vault: SampleVault): Promise<void> {
  await collectFrom(vault, vault)
  vault.clock.nowMs += collectionLimits.graceMs + dayMs
  await vault.ingest.sealOld()
  await collectFrom(vault, vault)
}

test('a parcel stays to its end whatever the policy says, and then all of it goes', async () => {
  const { vault, parcel, tree, own } = await packed()
  const readable = () => countReadable(vault.retrieve, parcel, tree.objects)
  vault.clock.nowMs += 29 * dayMs
  await collectFrom(vault, vault)
  equal(await readable(), tree.objects.length)
  vault.clock.nowMs += dayMs
  await collectTwice(vault)
  equal(await readable(), 0)
  equal(await latestSnapshot(vault.sql, fleet, parcel.id), undefined)
  equal(await countReadable(vault.retrieve, laptop, own.objects), own.objects.length)
  // Nothing can be put into it any more.
  await rejects(
    vault.ingest.publish(parcel.id, (await sampleCommit(sampleFleet, parcel, tree.root)).stored),
    {
      code: 'unknown_device',
    },
  )
  await vault.close()
  await requireReachable(vault.store)
})

test('an end by word counts at once, and a hold of the whole fleet keeps devices and no parcel', async () => {
  const { vault, parcel, tree, own } = await packed()
  const order = newOrder(p, sampleFleet.trust, vault.clock.nowMs)
  const rest = { device: undefined, snapshot: undefined, reason: 'law', releases: undefined }
  const hold: Hold = { order, ...rest }
  await vault.ingest.putRecord('fleet', await signHold(p, hold, sampleFleet.owner))
  await vault.ingest.putRecord('fleet', await sampleParcelEnd(parcel, vault.clock.nowMs))
  await collectTwice(vault)
  equal(await countReadable(vault.retrieve, parcel, tree.objects), 0)
  equal(await countReadable(vault.retrieve, laptop, own.objects), own.objects.length)
  await vault.close()
})

test('who is erased leaves no parcel behind: it ends with what it was made of, unless a hold keeps that', async () => {
  const { vault, parcel, tree } = await packed()
  const order = () => newOrder(p, sampleFleet.trust, vault.clock.nowMs)
  const put = (envelope: Bytes) => vault.ingest.putRecord('fleet', envelope)
  const lent = () => isLent(vault.sql, fleet, parcel.id, server.id, vault.clock.nowMs)
  const hold: Hold = {
    order: order(),
    device: laptop.id,
    snapshot: undefined,
    reason: 'law',
    releases: undefined,
  }
  await put(await signHold(p, hold, sampleFleet.owner))
  const revoke = { order: order(), device: laptop.id, grantId: undefined, reason: '' }
  await put(await signRevoke(p, revoke, sampleFleet.owner))
  await put(
    await signErase(p, { order: order(), device: laptop.id, reason: 'asked for it' }, sampleFleet.owner),
  )
  vault.clock.nowMs += 8 * dayMs
  await collectFrom(vault, vault)
  ok(await lent(), 'the hold goes before')
  await put(await signHold(p, { ...hold, order: order(), releases: hold.order.id }, sampleFleet.owner))
  vault.clock.nowMs += 8 * dayMs
  await collectFrom(vault, vault, { dryRun: true })
  ok(await lent(), 'looking changes nothing')
  await collectTwice(vault)
  equal(await lent(), false)
  equal(await countReadable(vault.retrieve, parcel, tree.objects), 0)
  deepEqual(await listSnapshots(vault.sql, fleet, laptop.id), [])
  await vault.close()
})

test('a packer that was killed leaves nothing that counts, and what it left goes with the end', async () => {
  const { vault } = await packed()
  const half = await admitted(vault, 'half', 2)
  const tree = await sampleTree(random, { bodyBytes: 1000 })
  await putTree(vault.ingest, half, { ...tree, objects: tree.objects.slice(0, -1) })
  equal(await latestSnapshot(vault.sql, fleet, half.id), undefined)
  await rejects(vault.ingest.publish(half.id, (await sampleCommit(sampleFleet, half, tree.root)).stored), {
    code: 'unknown_root',
  })
  await collectFrom(vault, vault)
  equal(await countReadable(vault.retrieve, half, tree.objects), tree.objects.length - 1)
  vault.clock.nowMs += 2 * dayMs
  await collectTwice(vault)
  equal(await countReadable(vault.retrieve, half, tree.objects), 0)
  await vault.close()
})

test('a parcel holds up no retention of its source', async () => {
  const { vault, own } = await packed()
  // Even the same objects: what lies in one domain is nothing to another.
  const long = await admitted(vault, 'long', 90)
  await backUp(vault.ingest, long, own)
  for (let day = 0; day < 5; day++) {
    vault.clock.nowMs += dayMs
    await backUpNext(vault.ingest, vault.sql, laptop, await sampleTree(random))
  }
  vault.clock.nowMs += 28 * dayMs
  await collectTwice(vault)
  equal(await countReadable(vault.retrieve, laptop, own.objects), 0)
  equal(await countReadable(vault.retrieve, long, own.objects), own.objects.length)
  await vault.close()
})

test('a lost catalog comes back with the parcels that stand, and without those that ended', async () => {
  const { vault, parcel, tree } = await packed()
  const ended = await admitted(vault, 'ended')
  const gone = await sampleTree(random, { bodyBytes: 1000 })
  await backUp(vault.ingest, ended, gone)
  await vault.ingest.putRecord('fleet', await sampleParcelEnd(ended, vault.clock.nowMs))
  await collectTwice(vault)
  const before = await listParcels(vault.sql, fleet)
  await vault.close()
  const again = await rebuilt(vault.store)
  deepEqual([again.report.refused, again.report.waiting, again.report.incomplete], [[], [], []])
  // The time of a word that came in is not in the packs; that it came in is.
  const known = await listParcels(again.sql, fleet)
  deepEqual(
    known.map(({ id, endedAtMs, untilMs }) => [id, endedAtMs !== undefined, untilMs]),
    before.map(({ id, endedAtMs, untilMs }) => [id, endedAtMs !== undefined, untilMs]),
  )
  deepEqual([again.report.devices, again.report.snapshots], [2, 1])
  const now = await reopened(vault.store, again.sql, vault.clock)
  equal(await countReadable(now.retrieve, parcel, tree.objects), tree.objects.length)
  equal(await countReadable(now.retrieve, ended, gone.objects), 0)
  equal((await listSnapshots(again.sql, fleet, ended.id, { unpublished: true })).length, 0)
  await now.close()
})

test('a catalog that is lost before an ended parcel was collected lets it go afterwards', async () => {
  const { vault, parcel, tree } = await packed()
  await vault.ingest.putRecord('fleet', await sampleParcelEnd(parcel, vault.clock.nowMs))
  await vault.close()
  const sql = openSqlite(':memory:')
  const again = {
    ...(await reopened(vault.store, sql, vault.clock)),
    store: vault.store,
    sql,
    clock: vault.clock,
  }
  await collectTwice(again)
  equal(await countReadable(again.retrieve, parcel, tree.objects), 0)
  await again.close()
})

test('a parcel is packed once, and is no device anywhere', async () => {
  const { vault, parcel, tree } = await packed()
  const previous = (await latestSnapshot(vault.sql, fleet, parcel.id))?.id
  const second = await sampleCommit(sampleFleet, parcel, tree.root, {
    sequence: 2,
    ...(previous && { previous }),
  })
  await rejects(vault.ingest.publish(parcel.id, second.stored), { code: 'bad_commit' })
  deepEqual(
    (await listDevices(vault.sql, fleet)).map(one => one.device).sort(),
    [laptop.id, server.id].sort(),
  )
  equal(await snapshotsBetween(vault.sql, fleet, 0, Number.MAX_SAFE_INTEGER), 1)
  await vault.close()
})

test('the key of a device makes no parcel: a device never ends by this rule', async () => {
  const { vault, own } = await packed()
  const { parcel } = await sampleParcel('of a device', { key: laptop.key.publicKey })
  const envelope = await signParcel(p, parcel, sampleFleet.admin, laptop.key)
  await rejects(requireParcel(p, vault.sql, fleet, envelope), { code: 'bad_parcel' })
  // And if it stood in the packs all the same, it changed nothing.
  await vault.ingest.putRecord('fleet', envelope)
  vault.clock.nowMs += 40 * dayMs
  await collectTwice(vault)
  equal(await countReadable(vault.retrieve, laptop, own.objects), own.objects.length)
  await vault.close()
})

test('a parcel from or for somebody unknown or retired is not kept', async () => {
  const { vault } = await packed()
  const unknown = await sampleParcel('x', { source: 'ab'.repeat(16) as typeof laptop.id })
  await rejects(requireParcel(p, vault.sql, fleet, unknown.envelope), { code: 'unknown_device' })
  const nobody = await sampleParcelEnd(await sampleParcel('never given'))
  await rejects(requireParcel(p, vault.sql, fleet, nobody), { code: 'unknown_parcel' })
  equal((await listParcels(vault.sql, fleet)).length, 1)
  await vault.close()
})
