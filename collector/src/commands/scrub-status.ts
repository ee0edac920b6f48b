/** `scrub --status`: how old the oldest unread byte is, and what is damaged. Works beside a running collector. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { bytesText, countText } from '../amounts.ts'
import { requireCatalog } from '../catalog/catalog.ts'
import { openSqliteToRead } from '../catalog/sqlite.ts'
import { firstVault, fleetDomain } from '../catalog/vaults.ts'
import { type DeviceDamage, type RotationStatus, rotationStatus } from '../upkeep/rotation/status.ts'
import type { Surroundings } from './surroundings.ts'

const dayMs = 86_400_000

/** Throws `no_data_folder`, `damage_found`, `scrub_late`. */
export async function showScrubStatus(data: string, asJson: boolean, around: Surroundings): Promise<void> {
  const status = await readStatus(join(data, 'catalog.sqlite'), data)
  around.print(asJson ? JSON.stringify(status) : statusText(status))
  if (status.damage.length > 0 || status.unreadable.length > 0) {
    throw new Failure('damage_found', 'not everything is as it was stored', {
      hint: 'check the disk; run a backup on the devices named; what only a copy heals: put its pack back from one',
    })
  }
  if (status.isLate) {
    throw new Failure('scrub_late', 'stored bytes were not read again in time', {
      hint: 'let the collector run, on a faster disk or with more days: --scrub-days',
    })
  }
}

async function readStatus(file: string, data: string): Promise<RotationStatus> {
  if (!existsSync(file)) {
    throw new Failure(
      'no_data_folder',
      `"${data}" is not the data folder of a collector: it has no catalog`,
      {
        hint: 'is its disk mounted?',
      },
    )
  }
  const sql = openSqliteToRead(file)
  try {
    await requireCatalog(sql)
    return await rotationStatus(sql, firstVault)
  } finally {
    await sql.close()
  }
}

function statusText(status: RotationStatus): string {
  const { periodMs, packs, bytes, oldestAgeMs, unknownPacks, unknownBytes, unreadable, damage } = status
  const stored = `${countText(packs, 'pack')} (${bytesText(bytes)})`
  return [
    periodText(periodMs),
    packs === 0
      ? 'nothing is stored yet'
      : `oldest unread byte: ${(oldestAgeMs / dayMs).toFixed(1)} days, of ${stored}`,
    ...(unknownPacks > 0
      ? [
          `${countText(unknownPacks, 'pack')} (${bytesText(unknownBytes)}) not read since this catalog was made`,
        ]
      : []),
    ...unreadable.map(pack => `pack ${pack.name}: the disk cannot read it, tried ${pack.failedReads} times`),
    ...damage.flatMap(damageText),
    ...(damage.length === 0 && unreadable.length === 0 ? ['nothing is known to be damaged'] : []),
  ].join('\n')
}

function periodText(periodMs: number | undefined): string {
  if (periodMs === undefined) return 'no collector of this version ran here yet'
  if (periodMs === 0) return 'stored bytes are not read again (--scrub-days 0)'
  return `stored bytes are read again within ${countText(periodMs / dayMs, 'day')}`
}

function damageText({ device, objects, bytes, snapshots }: DeviceDamage): string[] {
  const whose = device === fleetDomain ? 'records of the fleet' : `device ${device}`
  return [
    `${whose}: ${countText(objects, 'damaged object')} (${bytesText(bytes)})`,
    ...snapshots.map(
      ({ sequence, objects, bytes, heals }) =>
        `  #${sequence} needs at least ${objects.length} (${bytesText(bytes)}): ${healsText[heals]}`,
    ),
    ...(snapshots.length === 0 ? ['  no snapshot is known that needs them'] : []),
  ]
}

const healsText = {
  backup: 'the next backup of the device sends again what it still has',
  copy: 'only a copy of the pack heals all of it',
} as const
