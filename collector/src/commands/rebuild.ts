import { rename, rm } from 'node:fs/promises'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock as clock } from '@backstay/proto/system-clock'
import { Command } from 'commander'
import { bytesText, countText, secondsText } from '../amounts.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { DataFolder } from '../data-folder.ts'
import { filesystemPackStore } from '../packs/filesystem.ts'
import { syncFolder } from '../packs/folder.ts'
import { systemCode } from '../packs/store-failure.ts'
import type { RestoredRows } from '../upkeep/keep-rows.ts'
import { type Rebuilt, rebuild } from '../upkeep/rebuild.ts'
import { openExistingFolder } from './existing-folder.ts'
import { progressLines } from './progress.ts'
import { type Flags, readSettings, withSettings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

export function rebuildCommand(around: Surroundings): Command {
  const command = new Command('rebuild')
    .description('make the catalog anew from the packs; the collector must not run')
    .option('--json', 'print the report as JSON')
  return withSettings(command, ['data']).action((flags: Flags) => rebuildCatalog(flags, around))
}

async function rebuildCatalog(flags: Flags, around: Surroundings): Promise<void> {
  const { data } = readSettings(flags, around.environment)
  using folder = await openExistingFolder(data)
  const fresh = `${folder.catalog}.new`
  await removeDatabase(fresh)
  const report = await fill(folder, fresh, around)
  await replaceCatalog(folder, fresh)
  around.print(flags.json === true ? JSON.stringify(report) : reportText(report))
  if (report.incomplete.length === 0 && troubles(report).length === 0) return
  throw new Failure('packs_incomplete', 'the catalog was made, but not everything is in the packs', {
    hint: 'agents bring what they still have with their next backups; run: backstay-collector scrub',
  })
}

async function fill(folder: DataFolder, fresh: string, around: Surroundings): Promise<Rebuilt> {
  const sql = openSqlite(fresh)
  try {
    return await rebuild({
      p,
      store: filesystemPackStore(folder.packs),
      sql,
      clock,
      vault: firstVault,
      signal: around.signal,
      monotonic: () => clock.monotonic(),
      onProgress: progressLines(around, () => clock.monotonic()),
    })
  } finally {
    await sql.close()
  }
}

/** The old one is kept under another name: it knows when devices were last seen, which no pack does. */
async function replaceCatalog(folder: DataFolder, fresh: string): Promise<void> {
  const old = `${folder.catalog}.old`
  await removeDatabase(old)
  for (const ending of databaseEndings) await renameIfThere(folder.catalog + ending, old + ending)
  for (const ending of databaseEndings) await renameIfThere(fresh + ending, folder.catalog + ending)
  await syncFolder(folder.path)
}

/** SQLite keeps a database in up to three files. */
const databaseEndings = ['', '-wal', '-shm']

async function removeDatabase(path: string): Promise<void> {
  for (const ending of databaseEndings) await rm(path + ending, { force: true })
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

function reportText(report: Rebuilt): string {
  const { packs, bytes, ms, devices, snapshots, objects } = report
  const lines = [
    `catalog made anew from ${countText(packs, 'pack')} (${bytesText(bytes)}) in ${secondsText(ms)}`,
    `${countText(devices, 'device')}, ${countText(snapshots, 'snapshot')}, ${countText(objects, 'object')}`,
    keptText(report.restored),
    ...report.incomplete.map(
      ({ device, sequence, missing }) =>
        `incomplete: snapshot ${sequence} of device ${device} misses at least ${countText(missing.length, 'object')}: ${missing.join(' ')}`,
    ),
    ...troubles(report),
  ]
  return lines.join('\n')
}

function keptText(restored: RestoredRows | undefined): string {
  const lost = 'times of last contact, when packs were read last, known damage of packs that are gone'
  if (restored === undefined) return `lost with the old catalog, for no daily copy is in the packs: ${lost}`
  const { clockMs, found, parts } = restored
  const part = found === parts ? '' : `, ${found} of ${parts} parts of it`
  return `from the daily copy of ${new Date(clockMs).toISOString()}${part}: ${lost}; what changed since is lost`
}

function troubles(report: Rebuilt): string[] {
  return [
    ...report.read
      .filter(pack => pack.trouble !== undefined)
      .map(pack => `pack ${pack.name}: ${pack.trouble}`),
    ...report.read
      .filter(pack => pack.gaps > 0 || (pack.damagedObjects > 0 && report.damaged > 0))
      .map(
        pack =>
          `pack ${pack.name}: ${countText(pack.damagedObjects, 'damaged object')}, ${countText(pack.gaps, 'gap')}`,
      ),
    ...[...report.refused, ...report.waiting].map(record => `${record.kind} ${record.id}: ${record.why}`),
    ...report.unproven.map(device => `device ${device}: the grant of its enrolment is lost`),
  ]
}
