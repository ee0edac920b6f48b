// Forget, compact, lose the catalog: a rebuild and a recovery from packs and kit find exactly what stayed, pin and hold
// included, and what was forgotten comes back only for who asks for it.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { memoryKeychain } from '@backstay/agent/keys/memory-keychain'
import { loadSystem } from '@backstay/agent/system/load'
import { listSnapshots } from '@backstay/collector/catalog/snapshots'
import { openSqlite } from '@backstay/collector/catalog/sqlite'
import { firstVault } from '@backstay/collector/catalog/vaults'
import { filesystemPackStore } from '@backstay/collector/packs/filesystem'
import { collect } from '@backstay/collector/upkeep/collection/collection'
import { keepRowsDaily } from '@backstay/collector/upkeep/keep-rows'
import { rebuild } from '@backstay/collector/upkeep/rebuild'
import { utf8 } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodeWhole } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import { decodeCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { signHold } from '@backstay/proto/trust/hold'
import { newOrder } from '@backstay/proto/trust/order'
import { testFleet, testLayer, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { memoryTransport } from '@backstay/proto/wire/memory-transport'
import { openPackFolder } from '../../collector/console/pack-folder.ts'
import { recoverFleet } from '../../collector/console/recovering.ts'
import { collectorInProcess } from '../testing/in-process/collector.ts'
import { backUpFolders, enrolledAgent, restoreFolder } from '../testing/in-process/device.ts'
import { passingClock } from '../testing/in-process/passing-clock.ts'
import { seededRandom } from '../testing/random.ts'

const dayMs = 86_400_000
const top = mkdtempSync(join(tmpdir(), 'backstay-forgotten-'))
after(() => rmSync(top, { recursive: true }))
const path = (...names: readonly string[]) => join(top, ...names)

test('what was forgotten stays forgotten, whatever is lost, and what stays restores', async () => {
  const random = seededRandom(9)
  for (const name of ['home', 'packs']) mkdirSync(path(name))
  const clock = passingClock(testNowMs)
  const fleet = await testFleet(p)
  const store = filesystemPackStore(path('packs'))
  let sql = openSqlite(path('catalog.sqlite'))
  const options = { p, store, clock, fleet, limits: { reserveBytes: 0 } }
  let collector = await collectorInProcess({ ...options, sql })
  const transport = memoryTransport(
    connection => collector.accept(connection),
    () => ({ channelBinding: p.random(32) }),
  )
  const agent = await enrolledAgent({
    ...{ primitives: p, clock, transport, fleet, name: 'laptop', state: path('state') },
    system: await loadSystem(),
    keychain: memoryKeychain(),
  })
  const { device } = agent.identity
  const retention = { keepWithinDays: 0, keepDaily: 1, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 }
  const layer = await testLayer(p, fleet, [{ kind: 'retention', value: retention, locked: false }], {
    sequence: 1,
  })
  const order = (ms: number) => newOrder(p, fleet.trust, ms, { sequence: 1 })
  await collector.vault.ingest.putRecord('fleet', layer)

  const commits: ObjectId[] = []
  const films: Uint8Array[] = []
  for (let day = 0; day < 7; day++) {
    films.push(random.bytes(400_000))
    writeFileSync(path('home', 'film'), films[day] ?? '')
    commits.push((await backUpFolders(agent, [path('home')])).commit)
    clock.pass(dayMs)
  }
  const pin = { order: order(clock.now()), device, snapshot: commits[0], reason: '', releases: undefined }
  await collector.vault.ingest.putRecord('fleet', await signHold(p, pin, fleet.admin))
  const collected = async (passMs: number) => {
    clock.pass(passMs)
    const { ingest, retention } = collector.vault
    const work = { p, sql, clock, vault: firstVault, ingest, retention, key: fleet.collector }
    await keepRowsDaily(work)
    return collect({ ...work, store, limits: { wasteMax: 0 } })
  }
  const stays = [1, 5, 6, 7]
  assert.equal((await collected(60 * dayMs)).forgotten, 3)
  await requireSame(['2', '3', '4'])
  await reopen()
  assert((await collected(15 * dayMs)).freedBytes > 1_000_000)
  await requireSame([])

  for (const sequence of stays) {
    const to = path(`restored-${sequence}`)
    assert.deepEqual((await restoreFolder(agent, sequence, path('home'), to)).damaged, [])
  }
  await collector.close()
  await sql.close()

  async function reopen(): Promise<void> {
    await collector.close()
    await sql.close()
    sql = openSqlite(path('catalog.sqlite'))
    collector = await collectorInProcess({ ...options, sql })
  }

  /** A new catalog, and packs with the kit, agree; `more`: what else is there for who asks for all. */
  async function requireSame(more: readonly string[]): Promise<void> {
    await collector.close()
    const anew = openSqlite(':memory:')
    const monotonic = () => clock.monotonic()
    const report = await rebuild({ p, store, sql: anew, clock, vault: firstVault, monotonic })
    assert.deepEqual([report.incomplete, report.refused, report.waiting], [[], [], []])
    assert(report.restored)
    const rows = await listSnapshots(anew, fleet.trust.fleet, device)
    assert.deepEqual(rows.map(row => row.sequence).toReversed(), stays)
    await anew.close()
    assert.deepEqual(await recovered(false), stays)
    assert.deepEqual(await recovered(true), [...stays, ...more.map(Number)].toSorted())
    collector = await collectorInProcess({ ...options, sql })
  }

  async function recovered(all: boolean): Promise<number[]> {
    const kit = {
      fleet: fleet.trust.fleet,
      ownerSeed: await p.sha256(utf8('owner')),
      identity: fleet.kitIdentity,
    }
    const { devices } = await recoverFleet(p, await openPackFolder(p, path('packs')), kit, { all })
    const sequences: number[] = []
    for await (const { stored } of devices[0]?.archive?.records() ?? []) {
      sequences.push(decodeCommit(decodeEnvelope(decodeWhole(stored).body).payload).sequence)
    }
    return sequences.toSorted()
  }
})
