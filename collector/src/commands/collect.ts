import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock as clock } from '@backstay/proto/system-clock'
import { Command } from 'commander'
import { bytesText, countText, secondsText } from '../amounts.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { DataFolder } from '../data-folder.ts'
import { openIdentity } from '../link/own-identity.ts'
import { filesystemPackStore } from '../packs/filesystem.ts'
import { type CollectionReport, collect } from '../upkeep/collection/collection.ts'
import { openVault } from '../upkeep/open-vault.ts'
import { openExistingFolder } from './existing-folder.ts'
import { type Flags, readSettings, withSettings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

export function collectCommand(around: Surroundings): Command {
  const command = new Command('collect')
    .description(
      'forget the snapshots that policies let go, and free their bytes; the collector must not run',
    )
    .option('--dry-run', 'only say what would go')
    .option('--all', 'write packs anew for every dead byte, not only those that are a tenth dead')
    .option('--json', 'print the report as JSON')
  return withSettings(command, ['data']).action((flags: Flags) => collectStore(flags, around))
}

async function collectStore(flags: Flags, around: Surroundings): Promise<void> {
  const { data } = readSettings(flags, around.environment)
  using folder = await openExistingFolder(data)
  const dryRun = flags.dryRun === true
  const report = await collectFolder(folder, around, dryRun, flags.all === true)
  around.print(flags.json === true ? JSON.stringify(report) : reportText(report, dryRun))
}

async function collectFolder(
  folder: DataFolder,
  around: Surroundings,
  dryRun: boolean,
  all: boolean,
): Promise<CollectionReport> {
  const { signal } = around
  const store = filesystemPackStore(folder.packs)
  const { key } = await openIdentity(p, folder.identity, clock.now())
  const sql = openSqlite(folder.catalog)
  const onTrouble = (error: unknown) => around.say(error instanceof Error ? error.message : String(error))
  try {
    const opened = await openVault({ p, store, sql, clock, signal, onTrouble })
    try {
      const { ingest, retention } = opened
      const limits = all ? { wasteMax: 0 } : {}
      const options = { p, store, sql, clock, vault: firstVault, ingest, retention, key, signal }
      return await collect({ ...options, limits, dryRun })
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Failure('stopped', 'the collection was stopped', { hint: 'run it again; nothing is lost' })
  } finally {
    await sql.close()
  }
}

function reportText(report: CollectionReport, dryRun: boolean): string {
  const { haltedUntilMs, snapshots, forgotten, condemned, condemnedBytes, blocked, ms } = report
  const would = dryRun ? 'would be ' : ''
  const lines = [
    `${countText(forgotten, 'snapshot')} of ${snapshots} ${would}forgotten`,
    `${countText(condemned, 'object')} (${bytesText(condemnedBytes)}) ${would}condemned: their bytes go 14 days later`,
  ]
  if (!dryRun) {
    const { rewritten, deleted, merged, freedBytes, left } = report
    const packs = `${countText(rewritten, 'pack')} written anew, ${deleted} deleted, ${merged} merged, ${left} left as they are`
    lines.push(`${bytesText(Math.max(0, freedBytes))} freed: ${packs}, in ${secondsText(ms)}`)
  }
  if (haltedUntilMs !== undefined) {
    lines.push('the clock of this machine jumped: nothing is deleted for three quiet days; check it')
  }
  for (const { device, unreadable } of blocked) {
    lines.push(
      `device ${device}: nothing condemned, ${countText(unreadable, 'object')} cannot be read; run a scrub`,
    )
  }
  return lines.join('\n')
}
