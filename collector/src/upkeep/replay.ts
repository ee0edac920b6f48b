/**
 * Makes the catalog agree with the packs, which are the truth. Run at every start: most packs are known and cost one
 * look-up; what the catalog has not seen yet is read, however much that is. An empty catalog is filled from nothing, so a
 * rebuild is the same deed.
 *
 * 1. packs that are gone take their objects with them, into `damage`
 * 2. unknown and longer packs: sealed ones by their index, torn ones frame by frame (replay-pack.ts)
 * 3. signed records become facts (judge.ts), then whole commits become snapshots (settle.ts)
 */
import type { Clock } from '@backstay/proto/clock'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { notePackDamage } from '../catalog/damage.ts'
import { allPacks, type PackRow, packByName, savePack } from '../catalog/packs.ts'
import type { Sql } from '../catalog/sql.ts'
import { fleetOfVault, foundVault } from '../catalog/vaults.ts'
import { comparePackNames, packCreatedMs, packKindNamed } from '../packs/pack-name.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { deleteReplaced } from './collection/compact.ts'
import { findFleet } from './find-fleet.ts'
import { forgetAgain } from './forget-again.ts'
import { type Judged, judgeRecords } from './judge.ts'
import { type RestoredRows, restoreRows } from './keep-rows.ts'
import { recordedClock } from './recorded-clock.ts'
import { type PackContext, type PackNews, type PackTimes, replayPack } from './replay-pack.ts'
import { readClock } from './retention-clock.ts'
import { settle } from './settle.ts'

export interface ReplayOptions {
  readonly p: Primitives
  readonly store: PackStore
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now'>
  readonly vault: number
  /** Of the retention clock, where it began in this catalog before: what is brought in counts as acknowledged now. */
  readonly bornMs?: number | undefined
  readonly signal?: AbortSignal
  /** Bytes of the packs that are done, of all that must be read. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface Replayed extends Judged {
  readonly packs: number
  readonly bytes: number
  /** Packs that had to be read. */
  readonly read: readonly PackNews[]
  readonly missingPacks: readonly string[]
  /** Objects that the catalog knew and that are gone. */
  readonly lostObjects: number
  /** Commits that became visible. */
  readonly published: number
  /** Commits that their device did not sign. */
  readonly refusedCommits: number
  /** In a catalog that is new: what the packs kept of the one before. */
  readonly restored: RestoredRows | undefined
}

interface Listed {
  readonly name: string
  readonly bytes: number
  readonly row: PackRow | undefined
}

/** Throws `packs_gone`, `store_missing`. */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { p, sql, vault, clock } = options
  await deleteReplaced(options)
  const listed = await listPacks(options)
  const { missingPacks, lostObjects } = await noteMissing(options, listed.seen)
  const work = listed.work.sort(childrenFirst)
  const fleet = await ensureFleet(options, work)
  const total = work.reduce((sum, pack) => sum + pack.bytes, 0)
  const read: PackNews[] = []
  let done = 0
  for (const pack of work) {
    options.signal?.throwIfAborted()
    const until = listed.pagesBegun.find(ms => ms > packCreatedMs(pack.name)) ?? clock.now()
    read.push(await replayOrSkip({ ...options, fleet }, pack, { from: packCreatedMs(pack.name), until }))
    done += pack.bytes
    options.onProgress?.(done, total)
  }
  const judged: Judged =
    fleet === undefined
      ? { refused: [], waiting: [], unproven: [] }
      : await judgeRecords(p, sql, { fleet, vault })
  if (fleet !== undefined) await forgetAgain(sql, fleet)
  const settled = await settle(options)
  const isNew = (await readClock(sql, vault)) === undefined
  const restored =
    fleet !== undefined && isNew
      ? await restoreRows(options, fleet, await recordedClock(sql, vault), clock.now())
      : undefined
  return {
    ...judged,
    packs: listed.packs,
    bytes: listed.bytes,
    read,
    missingPacks,
    lostObjects: lostObjects + read.reduce((sum, one) => sum + one.lostObjects, 0),
    published: settled.published.length,
    refusedCommits: settled.refused.length,
    restored,
  }
}

/** One pack that cannot be read must not keep the collector from serving all others. */
async function replayOrSkip(context: PackContext, pack: Listed, times: PackTimes): Promise<PackNews> {
  try {
    return await replayPack(context, pack, times)
  } catch (error) {
    if (!isFailure(error, 'pack_unreadable') && !isFailure(error, 'pack_missing')) throw error
    const { sql, vault } = context
    const indexedBytes = pack.row?.indexedBytes ?? 0
    // The rotation tries it again (rotation/bring-back.ts), and so does the next start.
    if (error.code === 'pack_unreadable') {
      await savePack(sql, vault, { name: pack.name, bytes: pack.bytes, indexedBytes, state: 'unread' })
    }
    const none = { objects: 0, cutBytes: 0, damagedObjects: 0, gaps: 0, lostObjects: 0 }
    return { name: pack.name, bytes: pack.bytes, ...none, trouble: error.message }
  }
}

async function listPacks({ store, sql }: ReplayOptions) {
  const work: Listed[] = []
  const seen = new Set<number>()
  const pagesBegun: number[] = []
  let packs = 0
  let bytes = 0
  for await (const pack of store.list()) {
    packs++
    bytes += pack.bytes
    if (packKindNamed(pack.name) === 'pages') pagesBegun.push(packCreatedMs(pack.name))
    const row = await packByName(sql, pack.name)
    if (row?.state === 'replaced') continue
    if (row !== undefined) seen.add(row.pack)
    const known = row?.state === 'sealed' && row.bytes === pack.bytes
    if (!known) work.push({ ...pack, row })
  }
  pagesBegun.sort((a, b) => a - b)
  return { work, seen, pagesBegun, packs, bytes }
}

/** Packs that the catalog names and the store does not have. */
async function noteMissing({ sql, vault, clock }: ReplayOptions, seen: ReadonlySet<number>) {
  const missing: PackRow[] = []
  let known = 0
  for await (const row of allPacks(sql, vault)) {
    if (row.state === 'missing' || row.state === 'replaced') continue
    known++
    if (!seen.has(row.pack)) missing.push(row)
  }
  if (known > 0 && missing.length === known) {
    throw new Failure('packs_gone', `none of the ${known} packs that the catalog names is there`, {
      remedy: 'repair',
      hint: 'is the disk with the packs mounted? if they are lost, run: backstay-collector rebuild',
    })
  }
  let lostObjects = 0
  for (const row of missing) {
    lostObjects += await sql.transaction(async tx => {
      await savePack(tx, vault, { ...row, state: 'missing' })
      return notePackDamage(tx, vault, row, 0, 'missing', clock.now())
    })
  }
  return { missingPacks: missing.map(row => row.name), lostObjects }
}

async function ensureFleet(options: ReplayOptions, work: readonly Listed[]) {
  const known = await fleetOfVault(options.sql, options.vault)
  if (known !== undefined) return known
  const pages = work.filter(pack => packKindNamed(pack.name) === 'pages')
  const found = await findFleet(
    options.p,
    options.store,
    pages.map(pack => pack.name),
  )
  if (found !== undefined) await foundVault(options.sql, options.vault, found)
  return found
}

/** Segments before the pages that name them, old packs before new ones. */
function childrenFirst(a: Listed, b: Listed): number {
  const kinds = Number(packKindNamed(a.name) === 'pages') - Number(packKindNamed(b.name) === 'pages')
  return kinds || comparePackNames(a.name, b.name)
}
