/**
 * Seals a part of one archive again under other keys, while it is read: nothing in clear is ever on a disk, and memory holds a few
 * segments of either side, however large the part. Each content is checked against its hash before it counts.
 *
 *     map of the source → steps, their segments ahead → content → segments, chunks → pages → sink
 */
import { type ChunkWriter, chunkWriter } from '@backstay/agent/backup/chunk-writer'
import { contentIndex } from '@backstay/agent/backup/content-index'
import { holeBytesMin, inlineBytesMax, largeFileBytesMin } from '@backstay/agent/backup/file-content'
import { type ObjectSink, outgoing } from '@backstay/agent/backup/outgoing'
import { type Sealer, segmentWriter } from '@backstay/agent/backup/segments'
import { settleEntry } from '@backstay/agent/backup/settle-entry'
import type { Bytes } from '@backstay/proto/bytes'
import { ahead } from '@backstay/proto/content/archive/ahead'
import type { ObjectSource } from '@backstay/proto/content/archive/object-pages'
import {
  isDamage,
  type SegmentOpener,
  segmentsAhead,
  type Wanted,
} from '@backstay/proto/content/archive/segments-ahead'
import { makeChunker } from '@backstay/proto/content/chunker'
import type { Content, Entry, Extent } from '@backstay/proto/content/entry'
import type { EpochKeys } from '@backstay/proto/content/keys'
import { type Built, mapBuilder, newLeaf } from '@backstay/proto/content/map/build'
import { type MapItem, type PlainPage, pageTypes, type Tree } from '@backstay/proto/content/map/page'
import type { PageSource } from '@backstay/proto/content/map/read'
import { sealObject } from '@backstay/proto/content/seal'
import type { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { isSmall, largeContent, segmentsOf, smallContent } from '../archive/content.ts'

export interface ResealOptions {
  readonly primitives: Primitives
  /** Of the archive that is read. */
  readonly source: ObjectSource
  readonly pages: PageSource
  readonly opener: SegmentOpener
  /** In the order of the map. */
  readonly items: AsyncIterable<MapItem>
  /** Of what is written. */
  readonly keys: EpochKeys
  readonly sealer: Sealer
  readonly sink: ObjectSink
  readonly onProgress?: (progress: ResealProgress) => void
  readonly signal?: AbortSignal
}

export interface ResealProgress {
  readonly entries: number
  readonly bytes: number
}

export interface Resealed {
  readonly built: Built
  readonly sentBytes: number
  /** Files whose content is lost in the source: they are entries that could not be read. */
  readonly lost: number
}

/** Entries whose segments are fetched together, ahead of those that are being sealed. */
const stepEntries = 256
const stepSegments = 12

export async function reseal(options: ResealOptions): Promise<Resealed> {
  const { primitives: p, keys, pages, sealer, signal } = options
  const sending = outgoing(options.sink)
  const writer = segmentWriter({ sealer, onSealed: sending.send, sending })
  const reading = segmentsAhead(options.source, options.opener)
  const contents = contentIndex()
  const chunker = await makeChunker(p, keys.chunkerKey)
  const progress = { entries: 0, bytes: 0 }
  let lost = 0

  const seal = (tree: Tree) => async (plain: PlainPage) => {
    const object = await sealObject(p, keys, { type: pageTypes[tree], ...plain })
    sending.send(object)
    return object.reference
  }
  const builder = mapBuilder({
    borderKey: keys.borderKey,
    seal: seal('map'),
    async settle(leaves) {
      const items: MapItem[] = []
      for (const { key, entry } of leaves) {
        if (entry === undefined) throw new Error('assertion failed: every entry of a parcel is new')
        items.push({ key, entry: await settleEntry(keys.borderKey, seal('extents'), entry) })
      }
      return items
    },
  })

  for await (const step of ahead(stepsOf(options.items), one => reading.want(one.segments))) {
    signal?.throwIfAborted()
    await reading.ready(step.segments)
    for (const { key, entry } of step.items) {
      builder.add(newLeaf(key, await resealed(entry)))
      // Pages may wait for the very segment that waits for more files.
      if (builder.pressure > 0.5) writer.cut()
      if (writer.isFull) await writer.ready()
      await builder.ready()
      progress.entries++
      progress.bytes += entry.size
    }
    reading.letGo(step.segments)
    options.onProgress?.(progress)
  }
  writer.cut()
  const built = await builder.finish()
  await sending.drain()
  return { built, sentBytes: sending.sent.bytes, lost }

  async function resealed(entry: Entry): Promise<Entry> {
    if (entry.content === undefined) return entry
    try {
      return { ...entry, content: await contentOf(entry) }
    } catch (error) {
      if (!isDamage(error)) throw error
      lost++
      return lostEntry(entry, error as Failure)
    }
  }

  async function contentOf(entry: Entry): Promise<Content> {
    const known = entry.sha256 && contents.find(entry.sha256)
    if (known?.length === entry.size) return { form: 'extents', extents: [known] }
    if (!isSmall(entry))
      return { form: 'extents', extents: await cut(largeContent(p, entry, reading, pages), entry) }
    const bytes = await smallContent(p, entry, reading)
    if (bytes.length <= inlineBytesMax) return { form: 'inline', bytes }
    if (bytes.length >= largeFileBytesMin) return { form: 'extents', extents: await cut([bytes], entry) }
    const extents = writer.append(bytes)
    const [only, another] = extents
    if (only !== undefined && another === undefined && entry.sha256) contents.add(entry.sha256, only)
    return { form: 'extents', extents }
  }

  /** Cut by content; what was all zeros in a file with holes is a hole again. */
  async function cut(pieces: AsyncIterable<Bytes> | Iterable<Bytes>, { sparse }: Entry): Promise<Extent[]> {
    using chunks = chunkWriter(chunker, writer)
    for await (const piece of pieces) {
      signal?.throwIfAborted()
      if (sparse && piece.length >= holeBytesMin && isZero(piece)) chunks.hole(piece.length)
      else await addAll(chunks, piece)
    }
    const extents = chunks.finish()
    await writer.ready()
    return extents
  }
}

interface Step {
  readonly items: readonly MapItem[]
  readonly segments: Wanted
}

async function* stepsOf(all: AsyncIterable<MapItem>): AsyncGenerator<Step> {
  let items: MapItem[] = []
  let segments: Wanted = new Map()
  for await (const item of all) {
    items.push(item)
    if (isSmall(item.entry)) for (const [id, one] of segmentsOf(item.entry)) segments.set(id, one)
    if (items.length < stepEntries && segments.size < stepSegments) continue
    yield { items, segments }
    items = []
    segments = new Map()
  }
  if (items.length > 0) yield { items, segments }
}

/** What is known of it stays; what it held does not come back. */
function lostEntry(entry: Entry, { code }: Failure): Entry {
  const kind = entry.kind === 'unread' ? entry.unread?.kind : entry.kind
  const unread = { kind, reason: 'io', detail: code } as const
  return { ...entry, kind: 'unread', content: undefined, sha256: undefined, sparse: false, unread }
}

async function addAll(chunks: ChunkWriter, bytes: Bytes): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const room = chunks.room()
    const part = bytes.subarray(at, at + room.length)
    room.set(part)
    at += part.length
    await chunks.took(part.length)
  }
}

function isZero(bytes: Bytes): boolean {
  return bytes.every(byte => byte === 0)
}
