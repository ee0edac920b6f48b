/**
 * Reads everything again and says what is no longer as it was: which objects, and which snapshots need them. It holds no
 * key and needs none. What it finds broken counts as missing from then on, so the next put of it heals; what is whole
 * though the catalog thought otherwise is taken back.
 */
import type { Clock } from '@backstay/proto/clock'
import type { ObjectId } from '@backstay/proto/object/id'
import { type DamageReason, isMissed, notePackDamage } from '../catalog/damage.ts'
import { allPacks, type PackRow, savePack } from '../catalog/packs.ts'
import { readPosition, savePosition } from '../catalog/positions.ts'
import { markVerified } from '../catalog/rotation.ts'
import type { TouchedSnapshot } from '../catalog/touched.ts'
import { type Domain, fleetOfVault } from '../catalog/vaults.ts'
import { comparePackNames, packKindNamed } from '../packs/pack-name.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { forgetAgain } from './forget-again.ts'
import { pacer } from './pacer.ts'
import { type PackRecord, reconcileLeftovers } from './reconcile.ts'
import type { RetentionClock } from './retention-clock.ts'
import { scrubOne } from './scrub-one.ts'
import type { SettleOptions } from './settle.ts'
import { settle } from './settle.ts'
import { touchedSnapshots } from './touched.ts'

export interface ScrubOptions extends SettleOptions {
  readonly store: PackStore
  readonly clock: Clock
  /** Goes on behind the pack where an earlier scrub stopped. */
  readonly resume?: boolean
  /** Undefined: as fast as it goes. */
  readonly bytesPerSecond?: number
  /** Packs that are being written to. */
  readonly isOpen?: (name: string) => boolean
  /** By which packs count as read now. */
  readonly retention?: Pick<RetentionClock, 'now'>
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
  readonly onFinding?: (finding: Finding) => void
}

export type Finding =
  | {
      readonly kind: 'object'
      readonly pack: string
      readonly domain: Domain
      readonly id: ObjectId
      readonly reason: DamageReason
    }
  | { readonly kind: 'pack'; readonly pack: string; readonly why: string; readonly offset: number }

export interface ScrubReport {
  readonly packs: number
  readonly bytes: number
  /** Whole ones. */
  readonly objects: number
  /** At most `findingsMax` of them; `found` counts all. */
  readonly findings: readonly Finding[]
  readonly found: number
  /** Objects that were thought damaged, or were not known, and are whole. */
  readonly takenBack: number
  /** Broken objects that were put again since and lie whole elsewhere: no loss, and no findings. */
  readonly healed: number
  readonly snapshots: readonly TouchedSnapshot[]
  readonly ms: number
}

const findingsMax = 10_000
const position = 'scrub'

export async function scrub(options: ScrubOptions): Promise<ScrubReport> {
  const { sql, vault, clock } = options
  const begun = clock.monotonic()
  const findings: Finding[] = []
  let found = 0
  const report = (finding: Finding) => {
    found++
    if (findings.length < findingsMax) findings.push(finding)
    options.onFinding?.(finding)
  }
  await noteMissingPacks(options, report)
  const packs = await packsToRead(options)
  const total = packs.reduce((sum, pack) => sum + pack.bytes, 0)
  const pace = pacer(clock, options.bytesPerSecond, options.signal)
  const read: PackRecord[] = []
  let done = 0
  for (const pack of packs) {
    const one = await scrubOne(options, pack, { report, pace, onBadSectors: 'note' })
    const nowMs = options.retention?.now()
    if (one.badSectors !== undefined && nowMs !== undefined) await markVerified(sql, vault, pack.name, nowMs)
    read.push(one)
    done += pack.bytes
    await savePosition(sql, vault, position, pack.name)
    options.onProgress?.(done, total)
  }
  await reconcileLeftovers(options, read, report)
  await savePosition(sql, vault, position, '')
  const fleet = await fleetOfVault(sql, vault)
  if (fleet !== undefined) await forgetAgain(sql, fleet)
  await settle(options)
  return {
    packs: packs.length,
    bytes: total,
    objects: read.reduce((sum, pack) => sum + pack.whole, 0),
    findings,
    found,
    takenBack: read.reduce((sum, pack) => sum + pack.takenBack, 0),
    healed: read.reduce((sum, pack) => sum + pack.healed, 0),
    snapshots: fleet === undefined ? [] : await touchedSnapshots(options, fleet),
    ms: clock.monotonic() - begun,
  }
}

/** Segments first, so that what is broken among them is known when the pages that name them are read. */
async function packsToRead({ store, sql, vault, resume, isOpen }: ScrubOptions) {
  const packs: { readonly name: string; readonly bytes: number }[] = []
  for await (const pack of store.list()) if (isOpen?.(pack.name) !== true) packs.push(pack)
  packs.sort((a, b) => compare(a.name, b.name))
  const last = resume === true ? await readPosition(sql, vault, position) : undefined
  return last ? packs.filter(pack => compare(pack.name, last) > 0) : packs
}

function compare(a: string, b: string): number {
  const kinds = Number(packKindNamed(a) === 'pages') - Number(packKindNamed(b) === 'pages')
  return kinds || comparePackNames(a, b)
}

/** All that lay in it is missed from now on. */
export async function noteMissingPack(
  { sql, vault, clock }: Pick<ScrubOptions, 'sql' | 'vault' | 'clock'>,
  row: PackRow,
): Promise<void> {
  await sql.transaction(async tx => {
    await savePack(tx, vault, { ...row, state: 'missing' })
    await notePackDamage(tx, vault, row, 0, 'missing', clock.now())
  })
}

async function noteMissingPacks(options: ScrubOptions, report: (finding: Finding) => void): Promise<void> {
  const { store, sql, vault } = options
  for await (const row of allPacks(sql, vault)) {
    if (row.state === 'replaced') continue
    if (row.state !== 'missing') {
      if ((await store.size(row.name)) !== undefined) continue
      await noteMissingPack(options, row)
    }
    // When all that lay in it was put again, nobody misses it.
    if (!(await isMissed(sql, vault, row.name))) continue
    report({ kind: 'pack', pack: row.name, why: 'it is gone', offset: 0 })
  }
}
