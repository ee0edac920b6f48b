/**
 * How fast the store is on this disk: `node collector/src/testing/store-bench.ts [MiB] [folder]`. Puts are acknowledged
 * after an fsync, 16 at a time; one page for 64 segments and a commit at the end of each snapshot.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concat } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeHeader, tagBytes } from '@backstay/proto/object/header'
import { idToBytes, type ObjectId, type Sealed } from '@backstay/proto/object/id'
import { systemClock as clock } from '@backstay/proto/system-clock'
import { openSqlite } from '../catalog/sqlite.ts'
import { firstVault } from '../catalog/vaults.ts'
import { filesystemPackStore } from '../packs/filesystem.ts'
import { openVault } from '../upkeep/open-vault.ts'
import { rebuild } from '../upkeep/rebuild.ts'
import { scrub } from '../upkeep/scrub.ts'
import { sampleCommit } from './sample-objects.ts'
import { enrol, laptop, sampleFleet } from './sample-vault.ts'

const mebibyte = 1024 * 1024
const total = Number(process.argv[2] ?? 1024)
const inFlight = 16
const bodies = p.random(mebibyte)

function objectOf(type: 'segment' | 'page', children: readonly ObjectId[], bodyBytes: number): Sealed {
  const sorted = [...children].sort().map(idToBytes)
  const header = encodeHeader({ type, alg: 1, domain: 0, epoch: 1, bodyBytes, children: sorted })
  const stored = concat(header, bodies.subarray(0, bodyBytes), new Uint8Array(tagBytes))
  stored.set(p.random(16), header.length)
  return stored as Sealed
}

async function timed<T>(what: string, bytes: number, work: () => Promise<T>): Promise<T> {
  const begun = clock.monotonic()
  const cpuBegun = process.cpuUsage()
  const result = await work()
  const seconds = (clock.monotonic() - begun) / 1000
  const cpu = process.cpuUsage(cpuBegun)
  const cpuSeconds = (cpu.user + cpu.system) / 1e6
  const rate = (bytes / mebibyte / seconds).toFixed(0)
  console.log(`${what}: ${seconds.toFixed(2)} s, ${rate} MiB/s, ${cpuSeconds.toFixed(2)} s of CPU`)
  return result
}

const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'backstay-bench-'))
try {
  mkdirSync(join(folder, 'packs'))
  const store = filesystemPackStore(join(folder, 'packs'))
  const sql = openSqlite(join(folder, 'catalog.sqlite'))
  const vault = await openVault({ p, store, sql, clock })
  await enrol(vault.ingest, laptop)
  const ids: ObjectId[] = []
  await timed(`${total} puts of 1 MiB, ${inFlight} in flight`, total * mebibyte, async () => {
    let left = total
    const worker = async () => {
      while (left-- > 0) ids.push(await vault.ingest.put(laptop.id, objectOf('segment', [], mebibyte)))
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
  })
  const pages: ObjectId[] = []
  const begun = clock.monotonic()
  const pageCount = 64 * Math.ceil(ids.length / 64)
  for (let first = 0; first < pageCount; first += 64) {
    const puts = Array.from({ length: 64 }, (_, n) =>
      vault.ingest.put(laptop.id, objectOf('page', ids.slice(0, 64), 8000 - n)),
    )
    pages.push(...(await Promise.all(puts)))
  }
  const perSecond = (1000 * pages.length) / (clock.monotonic() - begun)
  console.log(`puts of 8 KiB pages, 64 in flight: ${perSecond.toFixed(0)}/s`)
  const root = await vault.ingest.put(laptop.id, objectOf('page', pages, 4000))
  const once = clock.monotonic()
  const commit = await sampleCommit(sampleFleet, laptop, root)
  await vault.ingest.publish(laptop.id, commit.stored)
  console.log(`one commit: ${(clock.monotonic() - once).toFixed(1)} ms`)
  await timed('read all back, checked', total * mebibyte, async () => {
    for await (const { stored } of vault.retrieve.get(laptop.id, ids)) if (!stored) throw new Error('lost')
  })
  await vault.close()
  const options = { p, store, sql, clock, vault: firstVault }
  const report = await scrub(options)
  console.log(
    `scrub: ${(report.bytes / mebibyte / (report.ms / 1000)).toFixed(0)} MiB/s, ${report.found} findings`,
  )
  const fresh = openSqlite(join(folder, 'rebuilt.sqlite'))
  const anew = await rebuild({ ...options, sql: fresh, monotonic: () => clock.monotonic() })
  const covered = anew.bytes / 1e9 / (anew.ms / 1000)
  console.log(
    `rebuild: ${anew.objects} objects in ${anew.ms.toFixed(0)} ms, ${covered.toFixed(1)} GB/s of packs covered`,
  )
  console.log(`${anew.snapshots} snapshot, RSS ${(process.memoryUsage().rss / mebibyte).toFixed(0)} MiB`)
  await fresh.close()
  await sql.close()
} finally {
  rmSync(folder, { recursive: true })
}
