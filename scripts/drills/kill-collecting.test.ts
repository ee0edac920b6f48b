// A real collector process is killed (SIGKILL) at random moments of a collection that rewrites, merges and deletes packs.
// Whatever the moment, the next one opens, every snapshot that stays restores, and the work comes to its end. Effect by
// effect, and with power cuts, the same stands in collector/src/upkeep/collection/crash.test.ts. SEED=…, SLOW=1: 200 kills.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { listSnapshots } from '@backstay/collector/catalog/snapshots'
import { openSqlite } from '@backstay/collector/catalog/sqlite'
import { firstVault } from '@backstay/collector/catalog/vaults'
import { selfSigned } from '@backstay/collector/link/self-signed'
import { filesystemPackStore } from '@backstay/collector/packs/filesystem'
import { seededRandom as seededObjects } from '@backstay/collector/packs/seeded-random'
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
import type { CollectionReport } from '@backstay/collector/upkeep/collection/collection'
import { openVault } from '@backstay/collector/upkeep/open-vault'
import { scrub } from '@backstay/collector/upkeep/scrub'
import { hex, utf8 } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { seededRandom } from '../testing/random.ts'
import { runHere } from './here.ts'
import { jsonOf, run, start } from './processes.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const kills = process.env.SLOW === '1' ? 200 : 10
const top = mkdtempSync(join(tmpdir(), 'backstay-kill-collecting-'))
after(() => rmSync(top, { recursive: true }))
const limits = { packBytesMax: 200_000, reserveBytes: 0, commitRefillMs: 1 }
const days = 40
const stays = 3

/** Forty days of one device, of which all but three are condemned, long enough ago, in packs of several sizes. */
async function makeVault(data: string): Promise<readonly SampleTree[]> {
  mkdirSync(join(data, 'packs'), { recursive: true, mode: 0o700 })
  const random = seededObjects(seed)
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
  // Nothing is old enough yet for its bytes to go.
  assert.equal(
    (await collectFrom(vault, { store, sql, clock }, { limits: { mergeMin: 0 } })).forgotten,
    days - stays,
  )
  clock.nowMs += 20 * dayMs
  await vault.close()
  await sql.close()
  const { key, certificate } = selfSigned(Date.now())
  const seedOfCollector = await p.sha256(utf8('collector'))
  const keys = { version: 1, seed: hex(seedOfCollector), tlsKey: key, tlsCertificate: certificate }
  await writeSecret(join(data, 'identity', 'collector-keys.json'), JSON.stringify(keys))
  return trees
}

function packsIn(data: string): number {
  return readdirSync(join(data, 'packs'), { recursive: true }).length
}

const good = join(top, 'good')
const trees = await makeVault(good)
const words = (data: string) => ['collect', '--all', '--json', '--data', data]

/** What must be so whenever the folder is opened after the work is done. */
async function requireDone(data: string): Promise<void> {
  const sql = openSqlite(join(data, 'catalog.sqlite'))
  const store = filesystemPackStore(join(data, 'packs'))
  const clock = testClock(Date.now())
  const vault = await openVault({ p, store, sql, clock, limits })
  const rows = await listSnapshots(sql, sampleFleet.trust.fleet, laptop.id)
  assert.deepEqual(
    rows.map(row => row.sequence),
    [days, days - 1, days - 2],
  )
  for (const { objects } of trees.slice(-stays))
    assert.equal(await countReadable(vault.retrieve, laptop, objects), objects.length)
  await vault.close()
  const report = await scrub({ p, store, sql, clock, vault: firstVault })
  assert.deepEqual([report.found, report.takenBack], [0, 0])
  await sql.close()
  await requireReachable(store)
}

test('whenever a collecting process is killed, nothing that stays is lost and the next one ends its work', async t => {
  t.diagnostic(`SEED=${seed}`)
  const random = seededRandom(seed)
  const data = join(top, 'data')
  const renew = () => {
    rmSync(data, { recursive: true, force: true })
    cpSync(good, data, { recursive: true })
  }
  renew()
  const whole = jsonOf<CollectionReport>(await run('collector', words(data)))
  assert(whole.deleted + whole.rewritten > 10 && whole.freedBytes > 1_000_000, JSON.stringify(whole))
  await requireDone(data)
  let hits = 0
  for (let kill = 0; kill < kills; kill++) {
    renew()
    const process = start('collector', words(data))
    // From the first pack on that it deletes; before that it only starts.
    const all = packsIn(data)
    while (process.isAlive() && packsIn(data) === all) await delay(1)
    await Promise.race([delay((whole.ms * random.below(1000)) / 1000), process.ended])
    const { code } = await process.end('SIGKILL')
    if (code === null) hits++
    const ran = await runHere('collector', words(data))
    assert.equal(ran.code, 0, ran.err)
    await requireDone(data)
  }
  t.diagnostic(`${hits} of ${kills} kills fell while it worked`)
  assert(hits > 0)
})
