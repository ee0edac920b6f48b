/**
 * Reads everything again and says what is no longer as it was: which objects, and which snapshots need them. It holds no
 * key and needs none. What it finds broken counts as missing from then on, so the next put of it heals; what is whole
 * though the catalog thought otherwise is taken back.
 */
import type { Clock } from '@backstay/proto/clock'
import { isFailure } from '@backstay/proto/failure'
import type { ObjectId } from '@backstay/proto/object/id'
import { type DamageReason, isMissed, notePackDamage } from '../catalog/damage.ts'
import { allPacks, packByName, savePack } from '../catalog/packs.ts'
import { readPosition, savePosition } from '../catalog/positions.ts'
import type { TouchedSnapshot } from '../catalog/touched.ts'
import { type Domain, fleetOfVault } from '../catalog/vaults.ts'
import { aroundBadSectors } from '../packs/around-bad-sectors.ts'
import { comparePackNames, packKindNamed } from '../packs/pack-name.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { forgetAgain } from './forget-again.ts'
import { pacer } from './pacer.ts'
import { type PackRecord, reconcile, reconcileLeftovers } from './reconcile.ts'
import { scrubPack } from './scrub-pack.ts'
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
  for (const { name, bytes } of packs) {
    read.push(await scrubOne(options, name, bytes, report, pace))
    done += bytes
    await savePosition(sql, vault, position, name)
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

async function scrubOne(
  options: ScrubOptions,
  name: string,
  bytes: number,
  report: (finding: Finding) => void,
  pace: (bytes: number) => Promise<void>,
): Promise<PackRecord> {
  const row = await packByName(options.sql, name)
  const state = row?.state === 'sealed' ? row : undefined
  if (state !== undefined && bytes !== state.bytes) {
    const why = `it has ${bytes} bytes and had ${state.bytes}`
    report({ kind: 'pack', pack: name, why, offset: Math.min(bytes, state.bytes) })
  }
  const book = reconcile(options, name, row, report)
  const sectors = aroundBadSectors(options.store)
  try {
    for await (const finding of scrubPack(options.p, sectors.store, name, bytes)) {
      options.signal?.throwIfAborted()
      if (finding.kind === 'flaw') {
        report({ kind: 'pack', pack: name, why: finding.why, offset: finding.offset })
      } else if (finding.kind === 'broken') {
        await book.broken(finding.object, 'damaged')
      } else {
        await book.whole(finding.frame)
        await pace(finding.frame.length)
      }
    }
  } catch (error) {
    if (!isFailure(error, 'pack_unreadable') && !isFailure(error, 'pack_missing')) throw error
    report({ kind: 'pack', pack: name, why: error.message, offset: 0 })
    return book.close('unfinished')
  }
  if (sectors.count > 0) {
    report({
      kind: 'pack',
      pack: name,
      why: `the disk cannot read ${sectors.count} of its sectors`,
      offset: 0,
    })
  }
  return book.close('finished')
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

async function noteMissingPacks(
  { store, sql, vault, clock }: ScrubOptions,
  report: (finding: Finding) => void,
): Promise<void> {
  for await (const row of allPacks(sql, vault)) {
    if (row.state === 'replaced') continue
    if (row.state !== 'missing') {
      if ((await store.size(row.name)) !== undefined) continue
      await savePack(sql, vault, { ...row, state: 'missing' })
      await notePackDamage(sql, vault, row, 0, 'missing', clock.now())
    }
    // When all that lay in it was put again, nobody misses it.
    if (!(await isMissed(sql, vault, row.name))) continue
    report({ kind: 'pack', pack: row.name, why: 'it is gone', offset: 0 })
  }
}
