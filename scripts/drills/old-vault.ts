/**
 * The data folder of a collector in which much is to be done: twenty-four days of one device in packs of several sizes, of which the policy
 * keeps three. What a process makes of it, killed or on a full disk, is compared with what must be so in the end.
 */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { listSnapshots } from '@backstay/collector/catalog/snapshots'
import { openSqlite } from '@backstay/collector/catalog/sqlite'
import { firstVault } from '@backstay/collector/catalog/vaults'
import { selfSigned } from '@backstay/collector/link/self-signed'
import { filesystemPackStore } from '@backstay/collector/packs/filesystem'
import { seededRandom } from '@backstay/collector/packs/seeded-random'
import { writeSecret } from '@backstay/collector/secret-file'
import {
  backUpNext,
  collectFrom,
  dayMs,
  putPolicy,
  requireReachable,
  shortRetention,
} from '@backstay/collector/testing/collecting'
import { type SampleTree, sampleTree } from '@backstay/collector/testing/sample-objects'
import { countReadable, enrol, laptop, sampleFleet } from '@backstay/collector/testing/sample-vault'
import { testClock } from '@backstay/collector/testing/test-clock'
import { openVault } from '@backstay/collector/upkeep/open-vault'
import { scrub } from '@backstay/collector/upkeep/scrub'
import { hex, utf8 } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'

const limits = { packBytesMax: 200_000, reserveBytes: 0, commitRefillMs: 1 }
const days = 24
const stays = 3

/** `forgets`: a collection has to forget all but three; else that is done, and their bytes may go. Returns the trees that stay. */
export async function makeOldVault(
  data: string,
  seed: number,
  forgets: boolean,
): Promise<readonly SampleTree[]> {
  mkdirSync(join(data, 'packs'), { recursive: true, mode: 0o700 })
  const random = seededRandom(seed)
  // It ends today, or the real collector would take the difference for a clock that jumped.
  const clock = testClock(Date.now() - (days + 80) * dayMs)
  const sql = openSqlite(join(data, 'catalog.sqlite'))
  const store = filesystemPackStore(join(data, 'packs'))
  const trees: SampleTree[] = []
  const open = () => openVault({ p, store, sql, clock, limits })
  let vault = await open()
  await enrol(vault.ingest, laptop)
  await putPolicy(vault.ingest, shortRetention)
  for (let day = 0; day < days; day++) {
    const tree = await sampleTree(random, { leaves: 3, segments: 4, bodyBytes: 10_000 })
    await backUpNext(vault.ingest, sql, laptop, tree)
    trees.push(tree)
    if (day % 8 === 7) {
      await vault.close()
      vault = await open()
    }
    clock.nowMs += dayMs
  }
  clock.nowMs += 60 * dayMs
  if (!forgets) {
    // Nothing is old enough yet for its bytes to go.
    const { forgotten } = await collectFrom(vault, { store, sql, clock }, { limits: { mergeMin: 0 } })
    assert.equal(forgotten, days - stays)
  }
  clock.nowMs += 20 * dayMs
  await vault.retention.save()
  await vault.close()
  await sql.close()
  const { key, certificate } = selfSigned(Date.now())
  const seedOfCollector = await p.sha256(utf8('collector'))
  const keys = { version: 1, seed: hex(seedOfCollector), tlsKey: key, tlsCertificate: certificate }
  await writeSecret(join(data, 'identity', 'collector-keys.json'), JSON.stringify(keys))
  return trees.slice(-stays)
}

/** What must be so whenever the folder is opened after the work is done. */
export async function requireDone(data: string, trees: readonly SampleTree[]): Promise<void> {
  const sql = openSqlite(join(data, 'catalog.sqlite'))
  const store = filesystemPackStore(join(data, 'packs'))
  const clock = testClock(Date.now())
  const vault = await openVault({ p, store, sql, clock, limits })
  const rows = await listSnapshots(sql, sampleFleet.trust.fleet, laptop.id)
  assert.deepEqual(
    rows.map(row => row.sequence),
    [days, days - 1, days - 2],
  )
  for (const { objects } of trees)
    assert.equal(await countReadable(vault.retrieve, laptop, objects), objects.length)
  await vault.close()
  const report = await scrub({ p, store, sql, clock, vault: firstVault })
  assert.deepEqual([report.found, report.takenBack], [0, 0])
  await sql.close()
  await requireReachable(store)
}
