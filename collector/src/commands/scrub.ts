import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock as clock } from '@backstay/proto/system-clock'
import { Command } from 'commander'
import { bytesText, countText, secondsText } from '../amounts.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { firstVault } from '../catalog/vaults.ts'
import type { DataFolder } from '../data-folder.ts'
import { filesystemPackStore } from '../packs/filesystem.ts'
import { healRecords } from '../upkeep/heal-records.ts'
import { openVault } from '../upkeep/open-vault.ts'
import { type Finding, type ScrubReport, scrub } from '../upkeep/scrub.ts'
import { openExistingFolder } from './existing-folder.ts'
import { progressLines } from './progress.ts'
import { showScrubStatus } from './scrub-status.ts'
import { type Flags, readSettings, withSettings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

export function scrubCommand(around: Surroundings): Command {
  const command = new Command('scrub')
    .description('read every byte again and name what is damaged; the collector must not run')
    .option(
      '--status',
      'only say how old the oldest unread byte is and what is damaged; the collector may run',
    )
    .option('--resume', 'go on behind the pack where the last scrub was stopped')
    .option('--rate <MiB/s>', 'read no faster than this')
    .option('--json', 'print the report as JSON')
  return withSettings(command, ['data']).action((flags: Flags) => scrubStore(flags, around))
}

async function scrubStore(flags: Flags, around: Surroundings): Promise<void> {
  const { data } = readSettings(flags, around.environment)
  if (flags.status === true) return showScrubStatus(data, flags.json === true, around)
  const bytesPerSecond = rateOf(flags.rate)
  using folder = await openExistingFolder(data)
  const report = await scrubFolder(folder, flags.resume === true, bytesPerSecond, around)
  around.print(flags.json === true ? JSON.stringify(report) : reportText(report))
  if (report.found === 0 && report.snapshots.length === 0) return
  throw new Failure(
    'damage_found',
    `${countText(report.found, 'finding')}: not everything is as it was stored`,
    {
      hint: 'check the disk; agents put again what they still have, older snapshots heal from a copy',
    },
  )
}

async function scrubFolder(
  folder: DataFolder,
  resume: boolean,
  bytesPerSecond: number | undefined,
  around: Surroundings,
): Promise<ScrubReport> {
  const { signal } = around
  const store = filesystemPackStore(folder.packs)
  const sql = openSqlite(folder.catalog)
  const onProgress = progressLines(around, () => clock.monotonic())
  try {
    const vault = await openVault({ p, store, sql, clock, signal })
    try {
      const rate = bytesPerSecond === undefined ? {} : { bytesPerSecond }
      const { retention } = vault
      const options = {
        p,
        store,
        sql,
        clock,
        vault: firstVault,
        retention,
        resume,
        signal,
        onProgress,
        ...rate,
      }
      const report = await scrub(options)
      await healRecords(sql, firstVault, vault.ingest)
      return report
    } finally {
      await vault.close()
    }
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Failure('stopped', 'the scrub was stopped', {
      hint: 'go on with: backstay-collector scrub --resume',
    })
  } finally {
    await sql.close()
  }
}

function rateOf(flag: unknown): number | undefined {
  if (flag === undefined) return undefined
  const mebibytes = Number(flag)
  if (Number.isFinite(mebibytes) && mebibytes > 0) return mebibytes * 1024 * 1024
  throw new Failure('bad_settings', `--rate must be a number of MiB a second above 0, not "${flag}"`)
}

function reportText(report: ScrubReport): string {
  const { packs, bytes, ms, objects, takenBack, healed, findings, found, snapshots } = report
  const lines = [
    `read ${countText(packs, 'pack')} (${bytesText(bytes)}) in ${secondsText(ms)}: ${countText(objects, 'whole object')}`,
    ...findings.map(findingText),
    ...(found > findings.length ? [`and ${countText(found - findings.length, 'more finding')}`] : []),
    ...(takenBack > 0 ? [`${countText(takenBack, 'object')} turned out whole and were taken back`] : []),
    ...(healed > 0 ? [`${countText(healed, 'broken object')} were put again since`] : []),
    ...snapshots.map(
      ({ device, sequence, damaged }) =>
        `snapshot ${sequence} of device ${device} needs at least ${countText(damaged.length, 'damaged object')}: ${damaged.join(' ')}`,
    ),
  ]
  return lines.join('\n')
}

function findingText(finding: Finding): string {
  if (finding.kind === 'pack') return `pack ${finding.pack}, byte ${finding.offset}: ${finding.why}`
  return `pack ${finding.pack}: object ${finding.id} of device ${finding.domain} is ${finding.reason}`
}
