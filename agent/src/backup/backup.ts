/**
 * One backup: what the merge of disk and memory finds new or changed is read, sealed and sent, children first, and all
 * else taken over by reference; out comes the root of a new map.
 *
 *     walk → merge with memory → read small files ahead → entry → map builder
 *                                                           ↘ segments → sealed → sent
 *
 * The caller publishes the root as a commit and only then finishes the change of the memory.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { makeChunker } from '@backstay/proto/content/chunker'
import type { Entry, UnreadReason } from '@backstay/proto/content/entry'
import type { EpochKeys } from '@backstay/proto/content/keys'
import {
  type Built,
  type BuiltLeaf,
  buildOverLeaves,
  type EarlierLeaf,
  type MapLeaf,
  mapBuilder,
  newLeaf,
  type Origin,
} from '@backstay/proto/content/map/build'
import { type MapItem, type PlainPage, pageTypes, type Tree } from '@backstay/proto/content/map/page'
import type { PageSource } from '@backstay/proto/content/map/read'
import { sealObject } from '@backstay/proto/content/seal'
import { Failure } from '@backstay/proto/failure'
import type { ObjectId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { Memory, MemoryChange } from '../memory/memory.ts'
import { encodeSheet, type SheetRow, type Trace, unknownTrace } from '../memory/sheet.ts'
import type { FileReader } from '../reading/read-batch.ts'
import type { FolderLister } from '../scan/listing.ts'
import type { RootNode } from '../scan/roots.ts'
import { type WalkOptions, walk } from '../scan/walk.ts'
import type { StatBuffer, System } from '../system/system.ts'
import { ahead } from './ahead.ts'
import { blockFileBytesMin } from './blocks.ts'
import { contentIndex } from './content-index.ts'
import { contentPrefix, missedEntry, staleRootEntry, unreadEntry } from './describe.ts'
import { lastSnapshot } from './last-snapshot.ts'
import { leafList } from './leaf-list.ts'
import { type Merged, merge, type ToRead } from './merge.ts'
import { type ObjectSink, outgoing } from './outgoing.ts'
import { cursorOver, type Place, previousIndex, type TracedLeaf } from './previous.ts'
import { entryReader } from './read-entry.ts'
import { type Sealer, segmentWriter } from './segments.ts'
import { isSettled, settleEntry } from './settle-entry.ts'
import { goneUnlessBlocked, keptUnlessListed } from './unmet.ts'
import { findWornSegments, noneWorn, relayEveryMs, type WornSegments } from './worn-segments.ts'

export interface BackupOptions {
  readonly system: System
  readonly primitives: Primitives
  readonly clock: Clock
  readonly keys: EpochKeys
  readonly roots: readonly RootNode[]
  /** `roots` lead to some folders only: what lies elsewhere is as it was. */
  readonly isPartial?: boolean
  readonly skip?: WalkOptions['skip']
  readonly memory: Memory
  readonly change: MemoryChange
  readonly sink: ObjectSink
  readonly sealer: Sealer
  /** Reads small files ahead; without it everything is read when its turn comes. */
  readonly reader?: FileReader
  /** Lists folders ahead; without it each is listed when the walk comes to it. */
  readonly lister?: FolderLister
  /** Opens pages of the last snapshot that memory does not hold: extent trees. */
  readonly pages: PageSource
  /** Told of names that the last snapshot does not have, or has and this one does not, in order of keys. */
  readonly names?: { came(key: Bytes): void; went(key: Bytes): void }
  readonly onProgress?: (progress: BackupProgress) => void
  /** Called now and then during a long backup with a map of what was read so far, all of it durable. */
  readonly onCheckpoint?: (built: Built) => Promise<void>
  readonly checkpointMs?: number
  readonly signal?: AbortSignal
}

export interface BackupProgress {
  readonly entries: number
  readonly readBytes: number
  readonly sentBytes: number
}

export interface BackupResult {
  readonly built: Built
  readonly changed: number
  readonly readBytes: number
  readonly sentObjects: number
  readonly sentBytes: number
  /** Files and folders that were not read, by reason. */
  readonly unread: ReadonlyMap<UnreadReason, number>
}

/** Code of the failure of a partial backup that cannot know enough; nothing was wrong. */
export const allNeeded = 'all_needed'
/** A file touched so short ago might be touched again within the same tick of its file system's clock. */
const settledMs = 1000
/** The loop gives way to the link this often, since reading is synchronous. */
const turnMs = 8
const stepsBetweenLooks = 64
/** What passing over a page of untouched files takes, in steps. */
const pageSteps = 16
export const checkpointMsDefault = 10 * 60 * 1000

export async function backup(options: BackupOptions): Promise<BackupResult> {
  const { system, primitives, clock, keys, memory, change, sealer } = options
  const sending = outgoing(options.sink)
  const segments = segmentWriter({ sealer, onSealed: sending.send, sending })
  const leaves = leafList()
  const unread = new Map<UnreadReason, number>()
  /** For memory; what is sent is the sink's. */
  const sealedLeaves = new Map<string, Bytes>()
  let [entries, changed, readBytes] = [0, 0, 0]

  const seal = (tree: Tree) => async (plain: PlainPage) => {
    const object = await sealObject(primitives, keys, { type: pageTypes[tree], ...plain })
    if (tree === 'map') sealedLeaves.set(object.reference.id, object.stored.slice())
    sending.send(object)
    return object.reference
  }
  const builder = mapBuilder({ borderKey: keys.borderKey, seal: seal('map'), settle, onLeaf: rememberLeaf })
  const last = lastSnapshot(primitives, memory, options.pages)
  const previous = previousIndex(memory, last.entry)
  const worn = await wornNow()
  const reader = entryReader({
    ...{ system, keys, segments, memory, change, previous, last, worn },
    chunker: await makeChunker(primitives, keys.chunkerKey),
    stored: contentIndex(),
  })

  let lastTurn = clock.monotonic()
  let lastCheckpoint = lastTurn
  let steps = 0
  const { roots, skip, lister, isPartial = false } = options
  const walked = walk({ system, roots, ...(skip && { skip }), ...(lister && { lister }) })
  const unmet = isPartial ? keptUnlessListed() : goneUnlessBlocked()
  const merged = merge(walked, cursorOver(memory, { wholePages: isPartial, worn }), unmet, isAtRest)
  for (const one of ahead(merged, { system, reader: options.reader, isSpared: reader.isUntouched })) {
    if (isPartial && one.kind === 'read' && isLinked(one)) throw otherNames()
    if (one.kind === 'same') {
      takeOver(one.leaf)
      if (one.leaf.unread) await countAgain(one.leaf.origin, one.leaf.index)
    } else if (one.kind === 'same_page') await keepPage(one.page)
    else if (!readAtOnce(one)) await take(one)
    if (segments.isFull) await segments.ready()
    steps += one.kind === 'same_page' ? pageSteps : 1
    if (steps >= stepsBetweenLooks) await giveWay()
  }
  segments.cut()
  const built = await builder.finish()
  await sending.drain()
  const { objects: sentObjects, bytes: sentBytes } = sending.sent
  return { built, changed, readBytes, sentObjects, sentBytes, unread }

  /** Once a day; a backup of some folders has no time for it. */
  async function wornNow(): Promise<WornSegments> {
    const nowMs = clock.now()
    if (options.isPartial || Math.abs(nowMs - memory.relaidAtMs) < relayEveryMs) return noneWorn
    change.relaid(nowMs)
    return findWornSegments(memory, last)
  }

  /** Nearly all files of a first backup, without the cost of a wait; false for everything else. */
  function readAtOnce(one: Merged): boolean {
    const entry = one.kind === 'read' ? reader.readAtOnce(one) : undefined
    if (one.kind !== 'read' || entry === undefined) return false
    entries++
    addRead(one, entry)
    return true
  }

  async function take(one: Exclude<Merged, { readonly kind: 'same' | 'same_page' }>): Promise<void> {
    if (one.kind === 'gone') return options.names?.went(one.key)
    if ('key' in one) entries++
    switch (one.kind) {
      case 'wait':
        await one.until
        return
      case 'read':
        return read(one)
      case 'border':
        return segments.cut()
      case 'lost':
        return count(one.reason)
      case 'blocked':
        return add(one, unreadEntry(system, one, one, undefined), unknownTrace, one)
      case 'unread':
        return add(one, missedEntry(one.node, one, await earlier(one.before)), unknownTrace, one)
      case 'missing_root': {
        const stale = staleRootEntry(await earlier(one.before), clock.now())
        add(one, stale, unknownTrace, { reason: 'missing_root' })
      }
    }
  }

  function takeOver(leaf: TracedLeaf): void {
    entries++
    builder.add(leaf)
  }

  async function keepPage(page: EarlierLeaf): Promise<void> {
    entries += page.child.entries
    builder.keep(page)
    if (page.child.unread === 0) return
    for (const { index, unread, origin } of page.items()) if (unread) await countAgain(origin, index)
  }

  /** What was not read last time, and not tried this time, is still not read. */
  async function countAgain(origin: Origin | undefined, index: number): Promise<void> {
    const entry = origin && (await last.entry({ leaf: origin.reference, index }))
    if (entry?.unread) count(entry.unread.reason)
  }

  async function read(found: ToRead): Promise<void> {
    const entry = await reader.read(found)
    if (entry !== undefined) addRead(found, entry)
    else if (found.before !== undefined) options.names?.went(found.key)
  }

  function addRead(found: ToRead, entry: Entry): void {
    if (!found.isUntouched) changed++
    readBytes += entry.size
    const trace = found.isAtRest ? found.stat : { ...unknownTrace, inode: found.stat.inode, size: entry.size }
    add(found, entry, entry.kind === 'unread' ? unknownTrace : trace, entry.unread)
  }

  /** Asked before a file is read: once it was read, a second change may have come within one tick of its clock. */
  function isAtRest({ ctimeS, ctimeNs }: StatBuffer): boolean {
    return clock.now() - (ctimeS * 1000 + ctimeNs / 1e6) >= settledMs
  }

  async function earlier(place: Place | undefined): Promise<Entry | undefined> {
    return place === undefined ? undefined : last.entry(place)
  }

  function add(
    { key, before }: { readonly key: Bytes; readonly before: Place | undefined },
    entry: Entry,
    trace: Trace,
    problem: { readonly reason: UnreadReason } | undefined,
  ): void {
    if (problem !== undefined) count(problem.reason)
    if (before === undefined) options.names?.came(key)
    const leaf = newLeaf(key, entry)
    const { size: pageSize, unread } = leaf
    const { inode, ctimeS, ctimeNs, mtimeS, mtimeNs } = trace
    const size = trace === unknownTrace ? entry.size : trace.size
    const content = contentPrefix(entry.sha256)
    const row: SheetRow = { key, inode, ctimeS, ctimeNs, mtimeS, mtimeNs, size, pageSize, unread, content }
    const traced: TracedLeaf = { ...leaf, row }
    builder.add(traced)
  }

  function count(reason: UnreadReason): void {
    unread.set(reason, (unread.get(reason) ?? 0) + 1)
  }

  /** Waits where something upstream is full, lets the link work, and commits on the way of a long backup. */
  async function giveWay(): Promise<void> {
    steps = 0
    options.signal?.throwIfAborted()
    // Pages may wait for the very segment that waits for more files.
    if (builder.pressure > 0.5) segments.cut()
    await segments.ready()
    await builder.ready()
    const now = clock.monotonic()
    if (now - lastTurn < turnMs) return
    await new Promise(resolve => setImmediate(resolve))
    lastTurn = clock.monotonic()
    options.onProgress?.({ entries, readBytes, sentBytes: sending.sent.bytes })
    if (now - lastCheckpoint < (options.checkpointMs ?? checkpointMsDefault)) return
    if (options.onCheckpoint === undefined || leaves.count === 0) return
    lastCheckpoint = now
    const built = await buildOverLeaves(keys.borderKey, seal('map'), leaves)
    await sending.drain()
    await options.onCheckpoint(built)
  }

  /** Decodes what was taken over from pages that must be written anew, and waits for segments. */
  async function settle(page: readonly MapLeaf[]): Promise<readonly MapItem[]> {
    const items: MapItem[] = []
    // Pages are settled many at a time: each holds on to the few that it takes entries from.
    const opened = new Map<ObjectId, readonly MapItem[]>()
    for (const { key, entry, origin, index } of page) {
      if (entry !== undefined) {
        items.push({
          key,
          entry: isSettled(entry) ? entry : await settleEntry(keys.borderKey, seal('extents'), entry),
        })
      } else if (origin !== undefined) {
        const { reference } = origin
        const from = opened.get(reference.id) ?? (await last.items(reference))
        opened.set(reference.id, from)
        items.push(from[index] as MapItem)
      }
    }
    return items
  }

  function rememberLeaf(leaf: BuiltLeaf): void {
    const { child } = leaf
    const { id } = child.reference
    leaves.add(child)
    if (leaf.kept) change.keep(id)
    else {
      const stored = sealedLeaves.get(id)
      if (stored === undefined) throw new Error('assertion failed: a new leaf was sealed')
      const rows = (leaf.leaves as readonly TracedLeaf[]).map(one => one.row)
      change.leaf({ child, stored, sheet: encodeSheet(rows), large: rows.filter(isLarge).map(contentOf) })
    }
    sealedLeaves.delete(id)
  }
}

const isLinked = ({ stat }: ToRead) => stat.kind !== 'folder' && stat.links > 1

/** A file that changed has other names, which nobody saw change. */
function otherNames(): Failure {
  return new Failure(allNeeded, 'a changed file has other names, wherever they are', { remedy: 'retry' })
}

const isLarge = ({ size, content }: SheetRow) => size >= blockFileBytesMin && content !== ''
const contentOf = ({ content }: SheetRow) => content
