/** What people may know of the rotation and of damage, from the catalog alone: with or without a running collector. */
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { damageByDomain } from '../../catalog/damage.ts'
import { readPosition, savePosition } from '../../catalog/positions.ts'
import { rotationFigures, type UnreadablePack, unreadablePacks } from '../../catalog/rotation.ts'
import type { Sql } from '../../catalog/sql.ts'
import { type DamagedSnapshot, damagedSnapshots } from '../../catalog/touched.ts'
import { fleetOfVault } from '../../catalog/vaults.ts'
import { readClock } from '../retention-clock.ts'
import { isLate } from './rule.ts'
import { failedReadsMax } from './verify-next.ts'

export interface RotationStatus {
  /** As the collector runs or ran last; 0: it reads nothing again. Undefined: it never ran. */
  readonly periodMs: number | undefined
  readonly packs: number
  readonly bytes: number
  /** How long ago the bytes that wait longest were known to be whole; never negative. 0 when nothing is stored. */
  readonly oldestAgeMs: number
  readonly isLate: boolean
  /** What was not read or written in the time of this catalog; its age counts from then. */
  readonly unknownPacks: number
  readonly unknownBytes: number
  readonly unreadable: readonly UnreadablePack[]
  readonly damage: readonly DeviceDamage[]
}

export interface DeviceDamage {
  readonly device: DeviceId
  readonly objects: number
  readonly bytes: number
  /** By sequence. */
  readonly snapshots: readonly SnapshotDamage[]
}

export interface SnapshotDamage {
  readonly id: ObjectId
  readonly sequence: number
  /** At least; of at most eight of them. */
  readonly objects: readonly ObjectId[]
  readonly bytes: number
  /**
   * backup: the device's newest complete snapshot needs the same, so its next backup sends again what the device still
   * has. copy: the device has no need of some of it any more; put the pack back from a copy.
   */
  readonly heals: 'backup' | 'copy'
}

const position = 'scrub period'

export async function savePeriod(sql: Sql, vault: number, periodMs: number): Promise<void> {
  await savePosition(sql, vault, position, String(periodMs))
}

export async function rotationStatus(sql: Sql, vault: number): Promise<RotationStatus> {
  const clock = await readClock(sql, vault)
  const period = await readPosition(sql, vault, position)
  const periodMs = period === undefined ? undefined : Number(period)
  const { oldestMs, ...figures } = await rotationFigures(sql, vault, clock?.begunMs ?? 0)
  const oldestAgeMs = oldestMs === undefined ? 0 : Math.max(0, Math.floor((clock?.ms ?? 0) - oldestMs))
  return {
    periodMs,
    ...figures,
    oldestAgeMs,
    isLate: periodMs !== undefined && periodMs > 0 && isLate(oldestAgeMs, periodMs),
    unreadable: await unreadablePacks(sql, vault, failedReadsMax),
    damage: await damageOf(sql, vault),
  }
}

async function damageOf(sql: Sql, vault: number): Promise<DeviceDamage[]> {
  const fleet = await fleetOfVault(sql, vault)
  const touched = fleet === undefined ? [] : await damagedSnapshots(sql, fleet, vault)
  const ofDevice = Map.groupBy(touched, one => one.device)
  return (await damageByDomain(sql, vault)).map(({ domain, objects, bytes }) => ({
    device: domain,
    objects,
    bytes,
    snapshots: snapshotsOf(ofDevice.get(domain) ?? []),
  }))
}

/** `touched`: of one device. */
function snapshotsOf(touched: readonly DamagedSnapshot[]): SnapshotDamage[] {
  const wanted = new Set(touched.filter(one => one.isNewest).map(one => one.object))
  return [...Map.groupBy(touched, one => one.id)].map(([id, rows]) => ({
    id,
    sequence: rows[0]?.sequence ?? 0,
    objects: rows.map(row => row.object),
    bytes: rows.reduce((sum, row) => sum + row.bytes, 0),
    heals: rows.every(row => wanted.has(row.object)) ? 'backup' : 'copy',
  }))
}
