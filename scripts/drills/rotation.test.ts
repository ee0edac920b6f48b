// A running collector finds by itself what its disk has damaged, the next backup sends it again, and older snapshots are
// whole again with it. What the device has no more is named, and stays named until no snapshot needs it.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { memoryKeychain } from '@backstay/agent/keys/memory-keychain'
import { loadSystem } from '@backstay/agent/system/load'
import { openSqlite } from '@backstay/collector/catalog/sqlite'
import { firstVault } from '@backstay/collector/catalog/vaults'
import { openLog } from '@backstay/collector/log'
import { filesystemPackStore } from '@backstay/collector/packs/filesystem'
import { rotationSchedule } from '@backstay/collector/upkeep/rotation/schedule'
import { rotationStatus } from '@backstay/collector/upkeep/rotation/status'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testFleet, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { memoryTransport } from '@backstay/proto/wire/memory-transport'
import { collectorInProcess } from '../testing/in-process/collector.ts'
import { backUpFolders, enrolledAgent, restoreFolder } from '../testing/in-process/device.ts'
import { passingClock } from '../testing/in-process/passing-clock.ts'
import { seededRandom } from '../testing/random.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const periodMs = 30 * dayMs
const random = seededRandom(4)
const top = mkdtempSync(join(tmpdir(), 'backstay-rotation-'))
after(() => rmSync(top, { recursive: true }))

/** A collector on real files with the rotation running, and a device of it. */
async function world(name: string) {
  const folder = join(top, name)
  const home = join(folder, 'home')
  for (const path of [home, join(folder, 'packs')]) mkdirSync(path, { recursive: true })
  const clock = passingClock(testNowMs)
  const sql = openSqlite(join(folder, 'catalog.sqlite'))
  const store = filesystemPackStore(join(folder, 'packs'))
  const fleet = await testFleet(p)
  const collector = await collectorInProcess({ p, store, sql, clock, fleet, limits: { reserveBytes: 0 } })
  const transport = memoryTransport(collector.accept, () => ({ channelBinding: p.random(32) }))
  const agent = await enrolledAgent({
    ...{ primitives: p, clock, transport, fleet, name, state: join(folder, 'state') },
    system: await loadSystem(),
    keychain: memoryKeychain(),
  })
  const lines: string[] = []
  const log = openLog('debug', { write: line => void lines.push(line) })
  const stop = new AbortController()
  const rotation = rotationSchedule({
    p,
    store,
    sql,
    clock,
    vault: firstVault,
    opened: collector.vault,
    periodMs,
    log,
  })
  const rotating = rotation.run(stop.signal).catch(() => undefined)
  return {
    ...{ home, agent, store, path: (...names: string[]) => join(folder, ...names) },
    write: (name: string, bytes: Uint8Array) => writeFileSync(join(home, name), bytes),
    /** Lets hours pass until it is so; the disk has its own time. */
    async until(isSo: () => Promise<boolean>) {
      while (!(await isSo())) {
        clock.pass(6 * hourMs)
        await delay(5)
      }
    },
    errors: () => lines.filter(line => line.includes('"level":"error"')),
    async status() {
      await collector.vault.retention.save()
      return rotationStatus(sql, firstVault)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await rotating
      await collector.close()
      await sql.close()
    },
  }
}

type World = Awaited<ReturnType<typeof world>>

/** Turns a bit in the middle of all file bytes: content of the film. */
async function damage({ store, path }: World): Promise<void> {
  for await (const { name } of store.list()) {
    if (!name.endsWith('.segments')) continue
    const file = path('packs', name.slice(0, 2), name)
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }
}

test('a damaged segment is found, the next backup sends it again, and every snapshot restores', async () => {
  await using one = await world('heals')
  const film = random.bytes(3_000_000)
  one.write('film', film)
  const first = await backUpFolders(one.agent, [one.home])
  one.write('note', random.bytes(300))
  const second = await backUpFolders(one.agent, [one.home])
  assert.deepEqual([first.sequence, second.sequence], [1, 2])
  await damage(one)
  await one.until(async () => ((await one.status()).damage[0]?.snapshots.length ?? 0) > 0)
  const [found] = (await one.status()).damage
  assert.deepEqual(
    found?.snapshots.map(({ sequence, heals }) => [sequence, heals]),
    [
      [1, 'backup'],
      [2, 'backup'],
    ],
  )
  const third = await backUpFolders(one.agent, [one.home])
  assert(third.sentBytes > 250_000, 'what was lost is sent again')
  await one.until(async () => (await one.status()).damage.length === 0)
  for (const sequence of [1, 2, 3]) {
    const to = one.path(`restored-${sequence}`)
    const { damaged } = await restoreFolder(one.agent, sequence, one.home, to)
    assert.deepEqual(damaged, [])
    assert.deepEqual(new Uint8Array(readFileSync(join(to, 'film'))), film)
  }
})

test('content that the device has no more is named with its snapshot, and stays named', async () => {
  await using one = await world('named')
  const film = random.bytes(3_000_000)
  one.write('film', film)
  await backUpFolders(one.agent, [one.home])
  rmSync(join(one.home, 'film'))
  one.write('other', random.bytes(5000))
  await backUpFolders(one.agent, [one.home])
  await damage(one)
  await one.until(async () => ((await one.status()).damage[0]?.snapshots.length ?? 0) > 0)
  for (let again = 0; again < 2; again++) {
    const [found] = (await one.status()).damage
    assert.deepEqual(
      found?.snapshots.map(({ sequence, heals }) => [sequence, heals]),
      [[1, 'copy']],
    )
    assert((found?.bytes ?? 0) > 250_000)
    await backUpFolders(one.agent, [one.home])
    const told = one.errors().length
    await one.until(async () => one.errors().length > told)
  }
})
