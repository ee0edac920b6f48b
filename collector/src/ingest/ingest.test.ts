import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { concat } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodeWhole, encodeHeader, encodeRecord } from '@backstay/proto/object/header'
import { idToBytes, objectId, type Sealed } from '@backstay/proto/object/id'
import { newOrder } from '@backstay/proto/trust/order'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { testDevice, testNowMs, testPolicy, testTrustDocument } from '@backstay/proto/trust/testing/fleet'
import { signTrust } from '@backstay/proto/trust/trust'
import { deviceById } from '../catalog/devices.ts'
import { recordsOf } from '../catalog/records.ts'
import { latestSnapshot, listSnapshots } from '../catalog/snapshots.ts'
import { memoryPackStore } from '../packs/memory.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleObject, sampleTree } from '../testing/sample-objects.ts'
import {
  backUp,
  countReadable,
  enrol,
  getOne,
  laptop,
  putTree,
  sampleFleet,
  sampleVault,
  server,
} from '../testing/sample-vault.ts'
import { retryAfterMs } from './commit-bucket.ts'

const random = seededRandom(2)
const fleet = sampleFleet.trust.fleet

async function enrolled(options: Parameters<typeof sampleVault>[0] = {}) {
  const vault = await sampleVault(options)
  await enrol(vault.ingest, laptop, server)
  return vault
}

test('a tree put in one go is acknowledged, comes back byte for byte and becomes a snapshot', async () => {
  const { ingest, retrieve, sql, close } = await enrolled()
  const tree = await sampleTree(random)
  const ids = tree.objects.map(object => object.id)
  deepEqual(
    await ingest.missing(laptop.id, ids),
    ids.map(() => true),
  )
  const commit = await backUp(ingest, laptop, tree)
  deepEqual(
    await ingest.missing(laptop.id, ids),
    ids.map(() => false),
  )
  equal(await countReadable(retrieve, laptop, tree.objects), ids.length)
  const head = await latestSnapshot(sql, fleet, laptop.id)
  deepEqual([head?.id, head?.root, head?.sequence, head?.receivedAtMs], [commit, tree.root, 1, testNowMs])
  ok(await getOne(retrieve, laptop, commit))
  await close()
})

test('puts that arrive while the disk is busy share one fsync', async () => {
  const inner = memoryPackStore()
  let syncs = 0
  const slow: PackStore = {
    ...inner,
    async create(name) {
      const writer = await inner.create(name)
      return {
        ...writer,
        get bytes() {
          return writer.bytes
        },
        async sync() {
          syncs++
          await new Promise(resolve => setImmediate(resolve))
        },
      }
    },
  }
  const { ingest, close } = await sampleVault({ store: slow })
  const objects = await Promise.all(Array.from({ length: 50 }, () => sampleObject(random, 'segment')))
  await Promise.all(objects.map(object => ingest.put(laptop.id, object.stored)))
  ok(syncs < 10, `${syncs} syncs`)
  await close()
})

test('the same object put many times at once is stored once', async () => {
  const { ingest, store, close } = await enrolled()
  const { id, stored } = await sampleObject(random, 'segment')
  const ids = await Promise.all([1, 2, 3].map(() => ingest.put(laptop.id, stored)))
  deepEqual(ids, [id, id, id])
  await ingest.put(laptop.id, stored)
  await close()
  const all = [...store.packs.values()].map(bytes => Buffer.from(bytes))
  equal(all.filter(bytes => bytes.includes(Buffer.from(stored))).length, 1)
  const [pack] = all.filter(bytes => bytes.includes(Buffer.from(stored)))
  equal(pack?.indexOf(Buffer.from(stored)), pack?.lastIndexOf(Buffer.from(stored)))
})

test('what is no whole object is refused', async () => {
  const { ingest, close } = await enrolled()
  const { stored } = await sampleObject(random, 'page')
  const put = (bytes: Uint8Array) => ingest.put(laptop.id, bytes as Sealed)
  await rejects(put(stored.subarray(0, stored.length - 1)), { code: 'bad_object' })
  await rejects(put(concat(stored, Uint8Array.of(0))), { code: 'bad_object' })
  await rejects(put(new Uint8Array()), { code: 'bad_object' })
  await rejects(put(random.bytes(500)), { code: 'bad_object' })
  await rejects(put(encodeRecord(random.bytes(10))), { code: 'wrong_type' })
  const child = await sampleObject(random, 'segment')
  await ingest.put(laptop.id, child.stored)
  const header = { type: 'segment', alg: 1, domain: 0, epoch: 1, bodyBytes: 1 } as const
  const parent = concat(encodeHeader({ ...header, children: [idToBytes(child.id)] }), random.bytes(17))
  await rejects(put(parent), { code: 'bad_object' })
  await close()
})

test('an object corrupted on its way never stands for the one that was meant', async () => {
  const { ingest, retrieve, close } = await enrolled()
  const meant = await sampleObject(random, 'segment')
  const parent = await sampleObject(random, 'page', [meant.id])
  const corrupted = meant.stored.slice()
  corrupted[60] = (corrupted[60] ?? 0) ^ 1
  notEqualIds(await ingest.put(laptop.id, corrupted as Sealed), meant.id)
  deepEqual(await ingest.missing(laptop.id, [meant.id]), [true])
  equal(await getOne(retrieve, laptop, meant.id), undefined)
  await rejects(ingest.put(laptop.id, parent.stored), { code: 'unknown_child' })
  await close()
})

test('a parent is admitted after its children and never before', async () => {
  const { ingest, close } = await enrolled()
  const tree = await sampleTree(random)
  const [first, second, page] = tree.objects
  ok(first && second && page)
  await rejects(ingest.put(laptop.id, page.stored), { code: 'unknown_child' })
  await ingest.put(laptop.id, first.stored)
  await rejects(ingest.put(laptop.id, page.stored), { code: 'unknown_child' })
  const both = await Promise.allSettled([
    ingest.put(laptop.id, page.stored),
    ingest.put(laptop.id, second.stored),
    ingest.put(laptop.id, page.stored),
  ])
  deepEqual(
    both.map(one => one.status),
    ['rejected', 'fulfilled', 'fulfilled'],
  )
  await close()
})

test('a device learns nothing about what another one stores', async () => {
  const { ingest, retrieve, close } = await enrolled()
  const tree = await sampleTree(random)
  await putTree(ingest, laptop, tree)
  const ids = tree.objects.map(object => object.id)
  const never = await sampleObject(random, 'segment')
  deepEqual(await ingest.missing(server.id, [...ids, never.id]), [...ids.map(() => true), true])
  equal(await countReadable(retrieve, server, tree.objects), 0)
  const onForeign = await sampleObject(random, 'page', [ids[0] ?? never.id])
  const onNothing = await sampleObject(random, 'page', [never.id])
  const codes = await Promise.all(
    [onForeign, onNothing].map(object => ingest.put(server.id, object.stored).catch(codeOf)),
  )
  deepEqual(codes, ['unknown_child', 'unknown_child'])
  // Its own copy of the same bytes is its own.
  await putTree(ingest, server, tree)
  equal(await countReadable(retrieve, server, tree.objects), ids.length)
  await close()
})

test('a commit on a root of another device and one on nothing are refused alike', async () => {
  const { ingest, sql, close } = await enrolled()
  const tree = await sampleTree(random)
  await putTree(ingest, laptop, tree)
  const roots = [tree.root, objectId(random.bytes(32))]
  const refusals = await Promise.all(
    roots.map(async root => {
      const { stored } = await sampleCommit(sampleFleet, server, root)
      return ingest.publish(server.id, stored).catch((error: unknown) => error)
    }),
  )
  deepEqual(refusals.map(codeOf), ['unknown_root', 'unknown_root'])
  equal(await latestSnapshot(sql, fleet, server.id), undefined)
  await close()
})

test('commits follow one another, and a marked branch may leave the head', async () => {
  const { ingest, sql, close } = await enrolled()
  const tree = await sampleTree(random)
  const first = await backUp(ingest, laptop, tree)
  const publish = async (options: Parameters<typeof sampleCommit>[3]) => {
    const { stored } = await sampleCommit(sampleFleet, laptop, tree.root, options)
    return (await ingest.publish(laptop.id, stored)).id
  }
  await rejects(publish({ sequence: 3, previous: first }), { code: 'stale_head' })
  await rejects(publish({ sequence: 2, previous: objectId(random.bytes(32)) }), { code: 'stale_head' })
  await rejects(publish({ sequence: 1, epoch: 1, complete: false }), { code: 'stale_head' })
  const second = await publish({ sequence: 2, previous: first })
  const branch = random.bytes(16)
  await rejects(publish({ sequence: 2, previous: first, branch }), { code: 'stale_head' })
  const fifth = await publish({ sequence: 5, previous: objectId(random.bytes(32)), branch })
  const sixth = await publish({ sequence: 6, previous: fifth, branch })
  deepEqual(
    (await listSnapshots(sql, fleet, laptop.id)).map(row => row.id),
    [sixth, fifth, second, first],
  )
  await close()
})

test('publishing the same commit again answers the same and changes nothing', async () => {
  const { ingest, sql, clock, close } = await enrolled()
  const tree = await sampleTree(random)
  await putTree(ingest, laptop, tree)
  const { stored } = await sampleCommit(sampleFleet, laptop, tree.root)
  const once = await ingest.publish(laptop.id, stored)
  clock.nowMs += 5000
  deepEqual(await ingest.publish(laptop.id, stored), once)
  equal((await listSnapshots(sql, fleet, laptop.id)).length, 1)
  await close()
})

test('a commit that is not the device’s own word is refused', async () => {
  const { ingest, close } = await enrolled()
  const tree = await sampleTree(random)
  await putTree(ingest, laptop, tree)
  await putTree(ingest, server, tree)
  const mine = await sampleCommit(sampleFleet, laptop, tree.root)
  await rejects(ingest.publish(server.id, mine.stored), { code: 'bad_commit' })
  const forged = await sampleCommit(sampleFleet, server, tree.root, { device: laptop.id })
  await rejects(ingest.publish(laptop.id, forged.stored), { code: 'bad_commit' })
  const torn = mine.stored.slice()
  torn[200] = (torn[200] ?? 0) ^ 1
  await rejects(ingest.publish(laptop.id, torn as Sealed), { code: 'bad_commit' })
  const child = tree.objects[0]?.id ?? tree.root
  const envelope = mine.stored.subarray(17 + 32)
  const lies = [encodeRecord(envelope), encodeRecord(envelope, [idToBytes(child)])]
  for (const lie of lies) await rejects(ingest.publish(laptop.id, lie as Sealed), { code: 'bad_commit' })
  const stranger = await testDevice(p, sampleFleet, 'stranger')
  const theirs = await sampleCommit(sampleFleet, stranger, tree.root)
  await rejects(ingest.publish(stranger.id, theirs.stored), { code: 'unknown_device' })
  await rejects(ingest.publish(laptop.id, tree.objects[0]?.stored ?? mine.stored), { code: 'wrong_type' })
  await rejects(ingest.putRecord(laptop.id, envelope), { code: 'wrong_type' })
  await close()
})

test('what a commit names beside its root must be there too, and is kept with it', async () => {
  const { ingest, sql, close } = await enrolled()
  const tree = await sampleTree(random)
  await putTree(ingest, laptop, tree)
  const names = await sampleObject(random, 'names')
  const { stored } = await sampleCommit(sampleFleet, laptop, tree.root, { names: names.id })
  await rejects(ingest.publish(laptop.id, stored), { code: 'unknown_root' })
  const envelope = decodeWhole(stored).body
  const lie = encodeRecord(envelope, [idToBytes(tree.root)])
  await rejects(ingest.publish(laptop.id, lie as Sealed), { code: 'bad_commit' })
  await ingest.put(laptop.id, names.stored)
  await ingest.publish(laptop.id, stored)
  equal((await listSnapshots(sql, sampleFleet.trust.fleet, laptop.id)).length, 1)
  await close()
})

test('no commit of an epoch counts before its keys are escrowed', async () => {
  const { ingest, close } = await enrolled()
  const tree = await sampleTree(random)
  await putTree(ingest, laptop, tree)
  const { stored } = await sampleCommit(sampleFleet, laptop, tree.root, { epoch: 2 })
  await rejects(ingest.publish(laptop.id, stored), { code: 'no_escrow' })
  await rejects(ingest.putRecord(server.id, await sampleEscrow(sampleFleet, laptop, 2)), {
    code: 'bad_signature',
  })
  await ingest.putRecord(laptop.id, await sampleEscrow(sampleFleet, laptop, 2))
  await ingest.publish(laptop.id, stored)
  await close()
})

test('a revoked device commits nothing more', async () => {
  const { ingest, sql, close } = await enrolled()
  const tree = await sampleTree(random)
  await backUp(ingest, laptop, tree)
  const order = newOrder(p, sampleFleet.trust, testNowMs)
  const revoke = { order, device: laptop.id, grantId: undefined, reason: 'stolen' }
  await ingest.putRecord('fleet', await signRevoke(p, revoke, sampleFleet.admin))
  ok((await deviceById(sql, fleet, laptop.id))?.revokedAtMs)
  const { stored } = await sampleCommit(sampleFleet, laptop, tree.root, { sequence: 2, previous: tree.root })
  await rejects(ingest.publish(laptop.id, stored), { code: 'unknown_device' })
  await close()
})

test('a device that commits too often is told when to try again', async () => {
  const limits = { packBytesMax: 64 * 1024, reserveBytes: 0, commitBurst: 2, commitRefillMs: 30_000 }
  const { ingest, clock, close } = await enrolled({ limits })
  const tree = await sampleTree(random)
  const first = await backUp(ingest, laptop, tree)
  const second = await backUp(ingest, laptop, tree, { sequence: 2, previous: first })
  const third = { sequence: 3, previous: second }
  await rejects(backUp(ingest, laptop, tree, third), error => {
    equal(retryAfterMs(error), 30_000)
    return isFailure(error, 'too_many_commits') && error.remedy === 'retry'
  })
  clock.nowMs += 29_999
  await rejects(backUp(ingest, laptop, tree, third), { code: 'too_many_commits' })
  clock.nowMs += 1
  await backUp(ingest, laptop, tree, third)
  await close()
})

test('records: nothing before the fleet is founded, nothing of another fleet, each once', async () => {
  const { ingest, sql, close } = await sampleVault()
  const policy = await testPolicy(p, sampleFleet)
  await rejects(ingest.putRecord('fleet', policy), { code: 'not_founded' })
  const together = await Promise.all(
    [sampleFleet.trust.envelope, policy, policy].map(one => ingest.putRecord('fleet', one)),
  )
  equal(together[1], together[2])
  equal((await recordsOf(sql, fleet, 'policy')).length, 1)
  const other = await testTrustDocument(p, { fleetName: 'another', salt: new Uint8Array(16) })
  await rejects(ingest.putRecord('fleet', await signTrust(p, other, [sampleFleet.owner])), {
    code: 'wrong_fleet',
  })
  await rejects(ingest.putRecord('fleet', random.bytes(30)), { code: 'bad_envelope' })
  await rejects(ingest.putRecord(server.id, laptop.certificateEnvelope), { code: 'wrong_domain' })
  await close()
})

test('bytes that wait for the disk are bounded for each device', async () => {
  const limits = { packBytesMax: 64 * 1024, reserveBytes: 0, deviceBytesMax: 1000, totalBytesMax: 1500 }
  const { ingest, close } = await sampleVault({ limits })
  const objects = await Promise.all(Array.from({ length: 8 }, () => sampleObject(random, 'segment', [], 300)))
  const puts = objects.map(object => ingest.put(laptop.id, object.stored).catch(codeOf))
  const others = objects.slice(0, 3).map(object => ingest.put(server.id, object.stored))
  let resumed = false
  const room = ingest.room().then(() => {
    resumed = true
  })
  await rejects(ingest.room(AbortSignal.abort(new Error('gone'))), /gone/)
  equal(resumed, false)
  const answers = await Promise.all(puts)
  equal(answers.filter(answer => answer === 'too_much_in_flight').length, 5)
  await Promise.all(others)
  await room
  await ingest.put(laptop.id, objects[7]?.stored ?? fail())
  await close()
})

test('a closed vault takes nothing more', async () => {
  const { ingest, close } = await enrolled()
  const { stored } = await sampleObject(random, 'segment')
  const put = ingest.put(laptop.id, stored)
  await close()
  await put
  await rejects(ingest.put(laptop.id, stored), { code: 'closed' })
})

function codeOf(error: unknown): string {
  if (isFailure(error)) return error.code
  throw error
}

function notEqualIds(a: string, b: string): void {
  ok(a !== b)
}

function fail(): never {
  throw new Error('the sample is too small')
}
