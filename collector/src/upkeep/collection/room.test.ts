/** How much room is left over: small packs, dead bytes, a full disk. SEED=… repeats the random part. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { frameHeaderBytes } from '@backstay/proto/object/pack'
import { listDamage } from '../../catalog/damage.ts'
import { firstVault } from '../../catalog/vaults.ts'
import { seededRandom } from '../../packs/seeded-random.ts'
import { backUpNext, collectFrom, dayMs, overheadOf, requireReachable } from '../../testing/collecting.ts'
import { oldVault } from '../../testing/old-vault.ts'
import { type SampleTree, sampleTree } from '../../testing/sample-objects.ts'
import {
  countReadable,
  enrol,
  laptop,
  reopened,
  type SampleVault,
  sampleVault,
} from '../../testing/sample-vault.ts'
import { rebuilt } from '../../testing/stored-vault.ts'
import { collectionLimits } from './limits.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
console.log(`SEED=${seed}`)
const random = seededRandom(seed)

test('a vault of many small packs ends with few, in bounded runs, and loses nothing', async () => {
  const vault = await sampleVault()
  await enrol(vault.ingest, laptop)
  const trees: SampleTree[] = []
  let { ingest } = vault
  let opened: Pick<SampleVault, 'ingest' | 'retention' | 'retrieve' | 'close'> = vault
  for (let day = 0; day < 40; day++) {
    const tree = await sampleTree(random, { leaves: 1, segments: 1, bodyBytes: 300 })
    trees.push(tree)
    await backUpNext(ingest, vault.sql, laptop, tree)
    await opened.close()
    vault.clock.nowMs += dayMs
    opened = await reopened(vault.store, vault.sql, vault.clock)
    ingest = opened.ingest
  }
  const before = vault.store.packs.size
  ok(before >= 80)
  const limits = { packBytesMax: 64 * 1024, mergePacksMax: 50 }
  const first = await collectFrom(opened, vault, { limits })
  ok(first.merged > 30 && first.merged <= 50, String(first.merged))
  for (let run = 0; run < 4; run++) await collectFrom(opened, vault, { limits })
  ok(vault.store.packs.size <= 20, String(vault.store.packs.size))
  const rests = await collectFrom(opened, vault, { limits })
  deepEqual([rests.merged, rests.freedBytes], [0, 0], 'it comes to rest')
  for (const tree of trees) equal(await countReadable(opened.retrieve, laptop, tree.objects), 3)
  await opened.close()
  await requireReachable(vault.store)
  equal((await rebuilt(vault.store)).report.snapshots, 40)
})

test('a reader whose object moves meanwhile gets it all the same', async () => {
  const { vault, trees } = await oldVault(random)
  await collectFrom(vault, vault)
  vault.clock.nowMs += 15 * dayMs
  await vault.close()
  const again = await reopened(vault.store, vault.sql, vault.clock)
  const [tree] = trees.slice(-1)
  const reading = again.retrieve.get(laptop.id, tree?.objects.map(object => object.id) ?? [])
  const reader = reading[Symbol.asyncIterator]()
  ok((await reader.next()).value.stored)
  await collectFrom(again, vault)
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) ok(next.value.stored)
  deepEqual(await listDamage(vault.sql, firstVault), [])
  await again.close()
})

test('the bytes left are those of what stays, and one open pack', async () => {
  const { vault } = await oldVault(random)
  await collectFrom(vault, vault)
  vault.clock.nowMs += 15 * dayMs
  // Its packs of today are open while the collection runs.
  await backUpNext(vault.ingest, vault.sql, laptop, await sampleTree(random, { leaves: 1 }))
  await collectFrom(vault, vault)
  const before = await bytesOf(vault.store)
  await vault.close()
  const again = await reopened(vault.store, vault.sql, vault.clock)
  await collectFrom(again, vault)
  await again.close()
  await requireReachable(vault.store)
  const rows = await vault.sql.query<{ bytes: number }>(
    `select sum(length + ${frameHeaderBytes}) as bytes from objects`,
  )
  // Also what is condemned and waits for its grace.
  const after = await bytesOf(vault.store)
  equal(after, (rows[0]?.bytes ?? 0) + (await overheadOf(vault.store)))
  ok(Math.abs(before - after) < 16 * 1024, 'more than an open pack was left')
})

test('as a collector runs, at most a tenth of what is stored stays dead', async () => {
  const { vault } = await oldVault(random)
  const limits = { wasteMax: collectionLimits.wasteMax }
  await collectFrom(vault, vault, { limits })
  vault.clock.nowMs += 15 * dayMs
  await vault.close()
  const again = await reopened(vault.store, vault.sql, vault.clock)
  await collectFrom(again, vault, { limits })
  await again.close()
  const [row] = await vault.sql.query<{ live: number }>(
    `select sum(length + ${frameHeaderBytes}) as live from objects`,
  )
  const stored = await bytesOf(vault.store)
  const needed = (row?.live ?? 0) + (await overheadOf(vault.store))
  equal(limits.wasteMax, 0.1)
  ok(needed <= stored && needed >= stored * (1 - limits.wasteMax), `${needed} of ${stored} bytes are needed`)
})

test('a full disk is collected with what the reserve leaves', async () => {
  const { vault } = await oldVault(random)
  await vault.close()
  const limits = { packBytesMax: 16 * 1024, reserveBytes: 8 * 1024 }
  const again = await reopened(vault.store, vault.sql, vault.clock, { limits })
  vault.store.capacityBytes = (await bytesOf(vault.store)) + 6 * 1024
  const tree = await sampleTree(random)
  await rejects(backUpNext(again.ingest, vault.sql, laptop, tree), { code: 'store_full' })
  equal((await collectFrom(again, vault)).forgotten, 3)
  vault.clock.nowMs += 15 * dayMs
  const report = await collectFrom(again, vault)
  ok(report.deleted > 0)
  ok(report.freedBytes > 8 * 1024)
  await backUpNext(again.ingest, vault.sql, laptop, tree)
  await again.close()
})

async function bytesOf(store: SampleVault['store']): Promise<number> {
  let bytes = 0
  for await (const pack of store.list()) bytes += pack.bytes
  return bytes
}
