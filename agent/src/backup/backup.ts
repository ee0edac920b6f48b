/**
 * One backup: a merge of the disk walk with the agent's memory of the last snapshot. What was not touched is taken over
 * by reference, what is new or changed is read, sealed and sent, children first; out comes the root of a new map.
 *
 *     for each step of the walk, in map order
 *       pass what is remembered and no longer there
 *       unchanged → the old place on the old page;  else → read it
 *     cut the last segment, finish the map, wait until all is durable
 *
 * The caller publishes the root as a commit and only then finishes the change of the memory.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { makeChunker } from '@backstay/proto/content/chunker'
import type { Entry, Extent, NodeKind, Reference, UnreadReason } from '@backstay/proto/content/entry'
import type { EpochKeys } from '@backstay/proto/content/keys'
import {
  type Built,
  type BuiltLeaf,
  buildExtentTree,
  buildOverLeaves,
  extentsInEntryMax,
  type MapLeaf,
  mapBuilder,
  newLeaf,
} from '@backstay/proto/content/map/build'
import {
  type Child,
  decodePage,
  type MapItem,
  type PlainPage,
  pageTypes,
  type Tree,
} from '@backstay/proto/content/map/page'
import { type PageSource, scanExtents } from '@backstay/proto/content/map/read'
import { openObject, type SealedObject, sealObject } from '@backstay/proto/content/seal'
import type { Primitives } from '@backstay/proto/primitives'
import type { Memory, MemoryChange } from '../memory/memory.ts'
import { encodeSheet, type SheetRow, type Trace, unknownTrace } from '../memory/sheet.ts'
import type { RootNode } from '../scan/roots.ts'
import { type Found, type Refusal, type Step, type WalkOptions, walk } from '../scan/walk.ts'
import type { Sealer } from '../sealing/sealing.ts'
import type { System } from '../system/system.ts'
import { blockFileBytesMin } from './blocks.ts'
import { contentIndex } from './content-index.ts'
import { contentPrefix, unknownEntry, unreadEntry } from './describe.ts'
import { type ObjectSink, outgoing } from './outgoing.ts'
import { cursorOver, keptSubtrees, previousIndex } from './previous.ts'
import { entryReader } from './read-entry.ts'
import { segmentWriter, settleExtents } from './segments.ts'

export interface BackupOptions {
  readonly system: System
  readonly primitives: Primitives
  readonly clock: Clock
  readonly keys: EpochKeys
  readonly roots: RootNode
  readonly skip?: WalkOptions['skip']
  readonly memory: Memory
  readonly change: MemoryChange
  readonly sink: ObjectSink
  readonly sealer: Sealer
  /** Opens pages of the last snapshot that memory does not hold: extent trees. */
  readonly pages: PageSource
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

/** A leaf with what its sheet will remember. */
interface TracedLeaf extends MapLeaf {
  readonly row: SheetRow
}

/** A file touched so short ago might be touched again within the same tick of its file system's clock. */
const settledMs = 1000
/** The loop gives way to the link this often, since reading is synchronous. */
const turnMs = 8
const stepsBetweenLooks = 64
/** Files are fetched ahead while about half of the last so many had to be read. */
const readingMax = 16
export const checkpointMsDefault = 10 * 60 * 1000

export async function backup(options: BackupOptions): Promise<BackupResult> {
  const { system, primitives, clock, keys, memory, change, sealer } = options
  const sending = outgoing(options.sink)
  const segments = segmentWriter({ sealer, onSealed: sending.send, room: sending.ready })
  const leaves: Child[] = []
  const unread = new Map<UnreadReason, number>()
  const sealedLeaves = new Map<string, SealedObject>()
  let [entries, changed, readBytes] = [0, 0, 0]

  const seal = (tree: Tree) => async (plain: PlainPage) => {
    const object = await sealObject(primitives, keys, { type: pageTypes[tree], ...plain })
    sending.send(object)
    if (tree === 'map') sealedLeaves.set(object.reference.id, object)
    return object.reference
  }
  const builder = mapBuilder({ borderKey: keys.borderKey, seal: seal('map'), settle, onLeaf: rememberLeaf })
  const cursor = cursorOver(memory)
  const kept = keptSubtrees()
  const reader = entryReader({
    system,
    keys,
    segments,
    memory,
    change,
    extentsOf,
    chunker: await makeChunker(primitives, keys.chunkerKey),
    stored: contentIndex(),
    previous: previousIndex(memory, loadLeaf),
  })

  let lastTurn = clock.monotonic()
  let lastCheckpoint = lastTurn
  let steps = 0
  let reading = memory.commit === undefined ? readingMax : 0
  const walking: WalkOptions = { system, roots: options.roots, willRead: () => reading >= readingMax / 2 }
  for (const step of walk({ ...walking, ...(options.skip && { skip: options.skip }) })) {
    await take(step)
    if (++steps % stepsBetweenLooks === 0) await giveWay()
  }
  cursor.moveToEnd(passRemembered)
  segments.cut()
  const built = await builder.finish()
  await sending.drain()
  const { objects: sentObjects, bytes: sentBytes } = sending.sent
  return { built, changed, readBytes, sentObjects, sentBytes, unread }

  async function take(step: Step): Promise<void> {
    if (step.kind === 'border') {
      segments.cut()
      return
    }
    if (step.kind === 'lost') {
      kept.add(step.prefix)
      count(step.reason)
      return
    }
    entries++
    const known = cursor.moveTo(step.key, passRemembered)
    switch (step.kind) {
      case 'found':
        if (known && cursor.matches(step.stat) && !cursor.row().unread) {
          takeOver()
          if (reading > 0) reading--
        } else {
          if (reading < readingMax) reading++
          await read(step)
        }
        break
      case 'blocked':
        kept.add(step.prefix)
        add(step.key, unreadEntry(system, step, step, undefined), unknownTrace, step)
        break
      case 'unread':
        add(step.key, await unreadNow(step.key, step.node, step), unknownTrace, step)
        break
      case 'missing_root':
        kept.add(step.prefix)
        add(step.key, await staleRoot(step.key), unknownTrace, { reason: 'missing_root' })
    }
    // An entry of the last snapshot under this key has been replaced.
    if (known) cursor.moveTo(after(step.key), () => undefined)
  }

  /** What the last snapshot has and the walk did not come by: gone, unless it could not be looked at. */
  function passRemembered(): void {
    if (!kept.covers(cursor.key)) return
    entries++
    takeOver()
  }

  function takeOver(): void {
    const row = cursor.row()
    const leaf: TracedLeaf = { ...cursor.asLeaf(), row }
    if (row.size >= blockFileBytesMin && row.content !== '') change.keepBlocks(row.content)
    builder.add(leaf)
  }

  async function read(found: Found): Promise<void> {
    const entry = await reader.read(found, earlier(found.key))
    if (entry === undefined) return
    changed++
    readBytes += entry.size
    const settled = clock.now() - (found.stat.ctimeS * 1000 + found.stat.ctimeNs / 1e6) >= settledMs
    const trace = settled && entry.kind !== 'unread' ? found.stat : unknownTrace
    add(found.key, entry, trace, entry.unread)
  }

  function add(
    key: Bytes,
    entry: Entry,
    trace: Trace,
    problem: { readonly reason: UnreadReason } | undefined,
  ): void {
    if (problem !== undefined) count(problem.reason)
    const leaf = newLeaf(key, entry)
    const { inode, ctimeS, ctimeNs, mtimeS, mtimeNs } = trace
    const content = contentPrefix(entry.sha256)
    const stat = {
      inode,
      ctimeS,
      ctimeNs,
      mtimeS,
      mtimeNs,
      size: trace === unknownTrace ? entry.size : trace.size,
    }
    const row: SheetRow = { key, ...stat, pageSize: leaf.size, unread: leaf.unread, content }
    const traced: TracedLeaf = { ...leaf, row }
    builder.add(traced)
  }

  function count(reason: UnreadReason): void {
    unread.set(reason, (unread.get(reason) ?? 0) + 1)
  }

  /** Loads the entry that stands under this key in the last snapshot, which the cursor has just come to. */
  function earlier(key: Bytes): () => Promise<Entry | undefined> {
    let loaded: Promise<Entry | undefined> | undefined
    return () => {
      loaded ??= load()
      return loaded
    }
    async function load() {
      if (!cursor.moveTo(key, () => undefined)) return undefined
      const { origin, index } = cursor.asLeaf()
      return origin === undefined ? undefined : (await loadLeaf(origin.reference))[index]?.entry
    }
  }

  /** A name that cannot be looked at keeps what the last snapshot knows of it. */
  async function unreadNow(key: Bytes, node: NodeKind | undefined, refusal: Refusal): Promise<Entry> {
    const before = await earlier(key)()
    const { reason, detail } = refusal
    const unread = { kind: node ?? before?.unread?.kind ?? kindOf(before), reason, detail }
    return before === undefined ? unknownEntry(unread) : { ...before, kind: 'unread', unread }
  }

  async function staleRoot(key: Bytes): Promise<Entry> {
    const before = await earlier(key)()
    const unread = {
      kind: before?.unread?.kind ?? kindOf(before) ?? 'folder',
      reason: 'missing_root',
      detail: 'ENOENT',
    } as const
    if (before === undefined) return unknownEntry(unread)
    const staleSinceS = before.staleSinceS ?? Math.floor(clock.now() / 1000)
    return { ...before, kind: 'unread', unread, staleSinceS }
  }

  /** Waits where something upstream is full, lets the link work, and commits on the way of a long backup. */
  async function giveWay(): Promise<void> {
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
    if (options.onCheckpoint === undefined || leaves.length === 0) return
    lastCheckpoint = now
    const built = await buildOverLeaves(keys.borderKey, seal('map'), leaves)
    await sending.drain()
    await options.onCheckpoint(built)
  }

  /** Decodes what was taken over from pages that must be written anew, and waits for segments. */
  async function settle(page: readonly MapLeaf[]): Promise<readonly MapItem[]> {
    const items: MapItem[] = []
    const loaded = new Map<string, readonly MapItem[]>()
    for (const { key, entry, origin, index } of page) {
      if (entry !== undefined) {
        items.push({ key, entry: await settleEntry(entry) })
      } else if (origin !== undefined) {
        const from = loaded.get(origin.reference.id) ?? (await loadLeaf(origin.reference))
        loaded.set(origin.reference.id, from)
        items.push(from[index] as MapItem)
      }
    }
    return items
  }

  async function settleEntry(entry: Entry): Promise<Entry> {
    if (entry.content?.form !== 'extents') return entry
    const { extents } = entry.content
    await settleExtents(extents)
    if (extents.length <= extentsInEntryMax) return entry
    const root = await buildExtentTree(keys.borderKey, seal('extents'), placed(extents))
    return { ...entry, content: { form: 'tree', root, extents: extents.length } }
  }

  function rememberLeaf({ child, leaves: added, kept }: BuiltLeaf): void {
    leaves.push(child)
    const { reference, firstKey } = child
    if (kept) change.keep(reference.id)
    else {
      const stored = sealedLeaves.get(reference.id)?.stored
      if (stored === undefined) throw new Error('assertion failed: a new leaf was sealed')
      const sheet = encodeSheet((added as readonly TracedLeaf[]).map(leaf => leaf.row))
      change.leaf({ reference, firstKey, sheet, stored })
    }
    sealedLeaves.delete(reference.id)
  }

  async function loadLeaf(reference: Reference): Promise<readonly MapItem[]> {
    const stored = memory.leafPage(reference.id)
    if (stored === undefined) throw new Error('assertion failed: a remembered leaf has its page')
    const object = await openObject(primitives, reference, 'page', stored)
    const page = decodePage('map', object.bytes, object.children)
    return page.kind === 'entries' ? page.items : []
  }

  async function* extentsOf(entry: Entry): AsyncGenerator<Extent> {
    if (entry.content?.form === 'extents') yield* entry.content.extents
    if (entry.content?.form !== 'tree') return
    for await (const items of scanExtents(options.pages, entry.content.root)) {
      for (const { extent } of items) yield extent
    }
  }
}

function kindOf(entry: Entry | undefined): NodeKind | undefined {
  return entry === undefined || entry.kind === 'unread' ? undefined : entry.kind
}

function* placed(extents: readonly Extent[]) {
  let offset = 0
  for (const extent of extents) {
    yield { offset, extent }
    offset += extent.length
  }
}

/** The smallest key above this one. */
function after(key: Bytes): Bytes {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
