/**
 * Packs with much dead in them are written anew: what lives is copied into another pack, made durable, and only when the
 * catalog that points there is durable too the old pack is deleted. A stop at any moment leaves one of the two whole:
 *
 *     copy | fsync | catalog: rows move, what was condemned long enough leaves, pack "replaced" | fsync | delete
 *
 * It needs room for one pack, which the reserve of a full disk has; packs in which nothing lives go first and need none.
 */
import { isFailure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import { frameHeaderBytes, type Packed, packHeaderBytes } from '@backstay/proto/object/pack'
import { liveByPack, moveObjects, rowsOf, sweepObjects } from '../../catalog/condemned.ts'
import { isMissed } from '../../catalog/damage.ts'
import { allPacks, dropPack, type PackRow, savePack } from '../../catalog/packs.ts'
import type { Sql } from '../../catalog/sql.ts'
import { readPackEnd } from '../../packs/pack-index.ts'
import type { PackStore } from '../../packs/pack-store.ts'
import { scanFrames } from '../../packs/scan.ts'
import { type CopiedPack, type CopyWriter, copyWriter } from './copy-writer.ts'
import type { CollectionLimits } from './limits.ts'
import type { CollectionOptions } from './options.ts'
import { smallPacks } from './small-packs.ts'

export interface Compacted {
  /** Packs that were written anew, and those that were only deleted. */
  readonly rewritten: number
  readonly deleted: number
  /** Of pack files: what went, less what was written for it. */
  readonly freedBytes: number
  /** Small packs that became part of larger ones. */
  readonly merged: number
  /** Packs that had to stay because something in them is damaged, or the disk has no room for a copy. */
  readonly left: number
}

interface Candidate {
  readonly pack: PackRow
  readonly liveBytes: number
}

/** What becomes of the objects of one pack. */
interface Sorted {
  readonly lives: readonly Packed[]
  readonly goes: readonly Packed[]
  /** Condemned long enough, lying elsewhere as well, or torn by a crash: what no living frame takes. */
  readonly deadBytes: number
}

/** Of protobuf for two ids, two short numbers and a type. */
const indexRowBytesMin = 60

export async function compact(
  options: CollectionOptions,
  fleet: FleetId,
  limits: CollectionLimits,
): Promise<Compacted> {
  const { sql, vault, signal, retention } = options
  await deleteReplaced(options)
  const cutoffMs = retention.now() - limits.graceMs
  const done = { rewritten: 0, deleted: 0, merged: 0, freedBytes: 0, left: 0 }
  const writer = copyWriter(options, limits)

  /** What is worth it is said by `asWhat`. */
  async function rewrite(
    pack: PackRow,
    asWhat: (sorted: Sorted) => 'rewritten' | 'deleted' | 'merged' | undefined,
  ): Promise<void> {
    const isDamaged = await isMissed(sql, vault, pack.name)
    const sorted = isDamaged ? undefined : await sortPack(options, pack, cutoffMs)
    const deed = sorted && asWhat(sorted)
    if (!isDamaged && deed === undefined) return
    const copied = sorted && (await copyAll(writer, pack, sorted.lives))
    if (sorted === undefined || deed === undefined || copied === undefined) {
      done.left++
      return
    }
    await exchange(options, fleet, { pack, sorted, copied, cutoffMs })
    done.freedBytes += pack.bytes
    done[deed]++
  }

  try {
    for (const { pack } of await candidates(options, cutoffMs, limits.wasteMax)) {
      signal?.throwIfAborted()
      await rewrite(pack, ({ lives, deadBytes }) => {
        const dead = deadBytes / Math.max(1, pack.bytes - packHeaderBytes)
        if (deadBytes === 0 || (lives.length > 0 && dead < limits.wasteMax)) return undefined
        return lives.length > 0 ? 'rewritten' : 'deleted'
      })
    }
    for (const pack of await smallPacks(sql, vault, limits)) {
      signal?.throwIfAborted()
      await rewrite(pack, () => 'merged')
    }
  } finally {
    await writer.close()
  }
  return { ...done, freedBytes: done.freedBytes - writer.writtenBytes }
}

/** Packs of which all that stays lies elsewhere, when the program stopped before their files were deleted. */
export async function deleteReplaced({
  sql,
  vault,
  store,
}: {
  readonly sql: Sql
  readonly vault: number
  readonly store: PackStore
}): Promise<void> {
  for await (const pack of allPacks(sql, vault)) {
    if (pack.state !== 'replaced') continue
    await sql.sync()
    await store.delete(pack.name)
    await dropPack(sql, vault, pack.pack)
  }
}

/** Least alive first: they free the most and need the least room. */
async function candidates(
  { sql, vault }: CollectionOptions,
  cutoffMs: number,
  wasteMax: number,
): Promise<Candidate[]> {
  const live = await liveByPack(sql, vault, cutoffMs)
  const found: Candidate[] = []
  for await (const pack of allPacks(sql, vault)) {
    const { bytes: liveBytes, objects } = live.get(pack.pack) ?? { bytes: 0, objects: 0 }
    // At least: a row of the index takes a little more.
    const neededBytes = packHeaderBytes + liveBytes + objects * (frameHeaderBytes + indexRowBytesMin)
    const slack = (pack.bytes - neededBytes) / pack.bytes
    if (pack.state === 'sealed' && slack >= wasteMax) found.push({ pack, liveBytes })
  }
  return found.sort((a, b) => a.liveBytes - b.liveBytes || a.pack.pack - b.pack.pack)
}

/** Undefined for a pack without a good index: it is damaged, and scrub names it. */
async function sortPack(
  { p, store, sql, vault }: CollectionOptions,
  pack: PackRow,
  cutoffMs: number,
): Promise<Sorted | undefined> {
  let end: Awaited<ReturnType<typeof readPackEnd>>
  try {
    end = await readPackEnd(p, store, pack.name, pack.bytes)
  } catch (error) {
    if (isFailure(error, 'pack_missing') || isFailure(error, 'pack_unreadable')) return undefined
    throw error
  }
  if (end.state === 'open') return undefined
  const objects = end.state === 'sealed' ? end.objects : await wholeFrames(p, store, pack.name, end.framesEnd)
  if (objects === undefined) return undefined
  const rows = await rowsOf(sql, vault, objects)
  const lives: Packed[] = []
  const goes: Packed[] = []
  // An index that was torn when the pack was sealed is reason enough.
  let deadBytes = end.state === 'sealed' ? end.framesEnd - packHeaderBytes : Number.POSITIVE_INFINITY
  for (const [index, object] of objects.entries()) {
    const row = rows[index]
    const here = row !== undefined && row.pack === pack.pack && row.offset === object.offset
    const expired = row?.condemnedMs !== undefined && row.condemnedMs <= cutoffMs
    if (here && !expired) {
      lives.push(object)
      deadBytes -= frameHeaderBytes + object.length
    } else if (here) {
      goes.push(object)
    }
  }
  return { lives, goes, deadBytes }
}

/** By their own bytes; undefined when one of them is broken. */
async function wholeFrames(
  p: CollectionOptions['p'],
  store: PackStore,
  name: string,
  to: number,
): Promise<Packed[] | undefined> {
  const objects: Packed[] = []
  for await (const found of scanFrames(p, store, name, { from: packHeaderBytes, to })) {
    if (found.state === 'damaged') return undefined
    if (found.state === 'gap') continue
    const { domain, id, offset, length, header } = found
    objects.push({ domain, id, offset, length, type: header.type })
  }
  return objects
}

/** Undefined when the pack has to stay as it is. */
async function copyAll(
  writer: CopyWriter,
  pack: PackRow,
  lives: readonly Packed[],
): Promise<CopiedPack | undefined> {
  try {
    return await writer.copy(pack.name, lives)
  } catch (error) {
    const stays = ['store_full', 'pack_unreadable', 'pack_missing', 'object_damaged']
    if (isFailure(error) && stays.includes(error.code)) return undefined
    throw error
  }
}

async function exchange(
  { sql, vault, store, retention }: CollectionOptions,
  fleet: FleetId,
  change: {
    readonly pack: PackRow
    readonly sorted: Sorted
    readonly copied: CopiedPack
    readonly cutoffMs: number
  },
): Promise<void> {
  const { pack, sorted, copied, cutoffMs } = change
  await sql.transaction(async tx => {
    for (const row of copied.packs) {
      const to = await savePack(tx, vault, row, retention.now())
      const there = copied.copied.filter(one => one.pack === row.name)
      await moveObjects(tx, vault, pack.pack, to, there)
    }
    await sweepObjects(tx, { vault, fleet }, pack.pack, cutoffMs, sorted.goes)
    await savePack(tx, vault, { ...pack, state: 'replaced' })
  })
  await sql.sync()
  await store.delete(pack.name)
  await dropPack(sql, vault, pack.pack)
}
