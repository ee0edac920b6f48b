/**
 * What of one domain is needed: everything that is reached from the snapshots that stay, from its other records, and from
 * what the device was told is here a short time ago. Ids of children stand in the clear, so no key is needed. What was
 * marked lies in the catalog; in memory are a few hundred pages.
 *
 * The rule that all of it serves: **an object that is admitted has all its children admitted.** So what is condemned is
 * closed upwards, nothing that is not condemned leads to it, and a device that builds on it is told `unknown_child`.
 */

import { isFailure } from '@backstay/proto/failure'
import { childIds, decodeWhole } from '@backstay/proto/object/header'
import { type FleetId, type ObjectId, objectId } from '@backstay/proto/object/id'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeReceipt } from '@backstay/proto/trust/receipt'
import { pardonObjects } from '../../catalog/condemned.ts'
import { segmentsAmongDamage } from '../../catalog/damage.ts'
import {
  addMarks,
  looseObjects,
  markExpanded,
  recordsIn,
  type Waiting,
  waitingMarks,
} from '../../catalog/marks.ts'
import { findPlaces } from '../../catalog/objects.ts'
import { recordsOf } from '../../catalog/records.ts'
import { forgottenSnapshots, listSnapshots } from '../../catalog/snapshots.ts'
import type { Domain } from '../../catalog/vaults.ts'
import { readRuns } from '../../retrieve/read-runs.ts'
import { neededChildren } from '../needed-children.ts'
import type { CollectionLimits } from './limits.ts'
import type { CollectionOptions } from './options.ts'

export interface Marking {
  readonly options: CollectionOptions
  readonly fleet: FleetId
  readonly domain: Domain
  readonly limits: CollectionLimits
  readonly nowMs: number
  /** Commits and receipts that are no roots. */
  readonly dead: ReadonlySet<ObjectId>
}

/** What stands in the way of condemning anything: below these nobody can tell what is needed. */
export interface Marked {
  readonly unreadable: number
  /** Until then nothing loses its lease that no record reaches; infinite when there is no such thing. */
  readonly leasedUntilMs: number
}

const rowsAtOnce = 5000
const pagesAtOnce = 256

/** `also`: commits that would be forgotten, for whoever only wants to know. */
export async function beginMarking(
  options: CollectionOptions,
  fleet: FleetId,
  domain: Domain,
  limits: CollectionLimits,
  also: readonly ObjectId[] = [],
): Promise<Marking> {
  const { sql, retention } = options
  const dead = new Set([...(await forgottenSnapshots(sql, fleet, domain)), ...also])
  const rows = await listSnapshots(sql, fleet, domain, { unpublished: true, limit: 1_000_000 })
  const stays = new Set(rows.map(row => row.id).filter(id => !dead.has(id)))
  for (const { id, envelope } of await recordsOf(sql, fleet, 'receipt', domain)) {
    const { received } = decodeReceipt(decodeEnvelope(envelope).payload)
    if (!received.some(one => stays.has(one.snapshot))) dead.add(id)
  }
  return { options, fleet, domain, limits, nowMs: retention.now(), dead }
}

/** Marks what is needed now; called again it adds what came meanwhile. */
export async function mark(marking: Marking): Promise<Marked> {
  await markRecords(marking)
  const below = await spread(marking)
  const leasedUntilMs = await markLeased(marking)
  return { unreadable: below + (await spread(marking)), leasedUntilMs }
}

async function markRecords({ options, domain, dead }: Marking): Promise<void> {
  const { sql, vault, signal } = options
  for (let after: ObjectId | undefined; ; ) {
    signal?.throwIfAborted()
    const page = await recordsIn(sql, vault, domain, after, rowsAtOnce)
    const roots = page.filter(id => !dead.has(id)).map(id => ({ id, type: 'record' as const }))
    if (roots.length > 0) await addMarks(sql, vault, domain, roots)
    after = page.at(-1)
    if (after === undefined) return
  }
}

/** What no record reaches but the device was told is here. Returns when the first of these leases ends. */
async function markLeased({ options, domain, limits, nowMs, dead }: Marking): Promise<number> {
  const { sql, vault, signal, retention } = options
  const sinceMs = nowMs - limits.leaseMs
  let untilMs = Number.POSITIVE_INFINITY
  for (let after: ObjectId | undefined; ; ) {
    signal?.throwIfAborted()
    const query = { sinceMs, unknownMs: retention.begunMs, after, limit: rowsAtOnce }
    const page = await looseObjects(sql, vault, domain, query)
    const roots = page.filter(({ id }) => !dead.has(id))
    if (roots.length > 0) await addMarks(sql, vault, domain, roots)
    for (const { bornMs } of roots) untilMs = Math.min(untilMs, bornMs + limits.leaseMs)
    after = page.at(-1)?.id
    if (after === undefined) return untilMs
  }
}

/** Follows children until nothing is new; returns how many objects could not be looked at. */
async function spread(marking: Marking): Promise<number> {
  const { sql, vault, signal } = marking.options
  let unreadable = 0
  for (;;) {
    signal?.throwIfAborted()
    const pages = await waitingMarks(sql, vault, marking.domain, pagesAtOnce)
    if (pages.length === 0) return unreadable
    const children = new Set<ObjectId>()
    const needed = new Set<ObjectId>()
    for await (const below of childrenOf(marking, pages)) {
      if (below === undefined) unreadable++
      for (const id of below?.all ?? []) children.add(id)
      for (const id of below?.needed ?? []) needed.add(id)
    }
    unreadable += await markChildren(marking, [...children], needed)
    await markExpanded(
      sql,
      vault,
      marking.domain,
      pages.map(page => page.id),
    )
  }
}

/** Undefined for a page whose bytes are not what its id says. */
async function* childrenOf(
  { options: { p, store } }: Marking,
  pages: readonly Waiting[],
): AsyncIterable<Below | undefined> {
  for (const run of readRuns(pages)) {
    const bytes = await store.read(run.pack, run.offset, run.length).catch(() => undefined)
    for (const page of run.objects) {
      const start = page.offset - run.offset
      const stored =
        bytes?.subarray(start, start + page.length) ??
        (await store.read(page.pack, page.offset, page.length).catch(() => undefined))
      const whole = stored !== undefined && objectId(await p.sha256(stored)) === page.id
      yield whole ? childrenIn(stored) : undefined
    }
  }
}

interface Below {
  readonly all: readonly ObjectId[]
  /** Without these a snapshot is not whole; lists of names are the others. */
  readonly needed: readonly ObjectId[]
}

function childrenIn(stored: Uint8Array): Below | undefined {
  try {
    const { header } = decodeWhole(Uint8Array.from(stored))
    return { all: childIds(header), needed: header.type === 'names' ? [] : neededChildren(header, stored) }
  } catch (error) {
    if (isFailure(error, 'bad_object')) return undefined
    throw error
  }
}

/** Returns how many are not here and may have children of their own. */
async function markChildren(
  { options, domain }: Marking,
  ids: readonly ObjectId[],
  needed: ReadonlySet<ObjectId>,
): Promise<number> {
  const { sql, vault } = options
  const rows = await findPlaces(sql, vault, domain, ids)
  const found = ids.flatMap((id, index) => {
    const row = rows[index]
    return row === undefined ? [] : [{ id, type: row.type, length: row.length }]
  })
  const absent = ids.filter((_, index) => rows[index] === undefined)
  await sql.transaction(async tx => {
    await addMarks(tx, vault, domain, found)
    // Marked all the same: what is missed is no loss when nothing needs it. Nothing can be read below it.
    await addMarks(
      tx,
      vault,
      domain,
      absent.map(id => ({ id, type: 'segment' })),
    )
    // Only after a loss: something that stays leads to what was condemned.
    await pardonObjects(tx, vault, domain, found)
  })
  const missed = absent.filter(id => needed.has(id))
  return missed.length - (await segmentsAmongDamage(sql, vault, domain, missed))
}
