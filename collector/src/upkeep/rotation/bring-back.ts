/** A pack that could not be read when it was to be brought in is brought in as soon as the disk gives it. */
import { isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { PackRow } from '../../catalog/packs.ts'
import { fleetOfVault } from '../../catalog/vaults.ts'
import { packCreatedMs } from '../../packs/pack-name.ts'
import { forgetAgain } from '../forget-again.ts'
import { judgeRecords } from '../judge.ts'
import { replayPack } from '../replay-pack.ts'
import { settle } from '../settle.ts'
import type { VerifyOptions } from './verify-next.ts'

export interface BroughtBack {
  readonly objects: number
  /** Of which commits became complete by it. */
  readonly devices: readonly DeviceId[]
}

/** Undefined when the disk fails still. */
export async function bringBack(options: VerifyOptions, row: PackRow): Promise<BroughtBack | undefined> {
  const { p, sql, vault, clock, retention } = options
  const fleet = await fleetOfVault(sql, vault)
  const times = { from: packCreatedMs(row.name), until: clock.now() }
  const context = { ...options, fleet, bornMs: retention.now() }
  try {
    const { objects } = await replayPack(context, { name: row.name, bytes: row.bytes, row }, times)
    if (fleet === undefined) return { objects, devices: [] }
    await judgeRecords(p, sql, { fleet, vault })
    await forgetAgain(sql, fleet)
    const { published } = await settle(options)
    return { objects, devices: [...new Set(published.map(snapshot => snapshot.device))] }
  } catch (error) {
    if (isFailure(error, 'pack_unreadable')) return undefined
    throw error
  }
}
