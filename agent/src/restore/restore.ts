/**
 * Restores a snapshot, or a part of it, from wherever its objects are into a target folder.
 *
 * The map is read in order, some leaf pages ahead; of the files that come next the segments are fetched and opened
 * while the ones before are written. What is missing or damaged in the store is listed, and all else is restored.
 */
import { createHash, hash } from 'node:crypto'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import type { Entry, Extent, Reference } from '@backstay/proto/content/entry'
import { keyOf, type Path, pathOf, subtreeRange, wholeMap } from '@backstay/proto/content/map/key'
import type { MapItem } from '@backstay/proto/content/map/page'
import { lookup, type PageSource, scanExtents, scanMap } from '@backstay/proto/content/map/read'
import { Failure } from '@backstay/proto/failure'
import type { ObjectSource } from './object-pages.ts'
import { isDamage, type SegmentOpener, type SegmentsAhead, segmentsAhead } from './segments-ahead.ts'
import type { ContentRun, Report, Target } from './target.ts'

export interface RestoreOptions {
  readonly source: ObjectSource
  readonly pages: PageSource
  readonly opener: SegmentOpener
  readonly root: Reference
  /** Path components from the volume down; undefined restores the whole snapshot. */
  readonly path: Path | undefined
  readonly target: Target
  readonly onProgress?: (progress: { readonly entries: number; readonly bytes: number }) => void
  readonly signal?: AbortSignal
}

export interface Damage {
  readonly path: Path
  readonly code: string
}

export interface RestoreResult {
  readonly report: Report
  /** Files whose content is missing or damaged in the store, up to `damageMax` of them. */
  readonly damaged: readonly Damage[]
  readonly damagedCount: number
  readonly entries: number
  readonly bytes: number
}

const damageMax = 10_000
/** Files up to here are put together in memory and written at once. */
const smallBytesMax = 4 * 1024 * 1024
/** Of a stream, this many extents are fetched ahead. */
const extentsAhead = 12
/** Segments fetched for the files of one step. */
const stepSegmentsMax = 16
const stepEntriesMax = 1024

export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { target } = options
  const segments = segmentsAhead(options.source, options.opener)
  const damaged: Damage[] = []
  let [damagedCount, entries, bytes] = [0, 0, 0]

  for await (const step of ahead(steps(options), step => segments.want(step.segments))) {
    options.signal?.throwIfAborted()
    for (const { components, entry } of step.files) {
      await restoreOne(components, entry)
      entries++
      bytes += entry.size
    }
    options.onProgress?.({ entries, bytes })
  }
  return { report: target.finish(), damaged, damagedCount, entries, bytes }

  async function restoreOne(components: Path, entry: Entry): Promise<void> {
    try {
      if (entry.content === undefined) target.writeSmall(components, entry)
      else if (isSmall(entry)) target.writeSmall(components, entry, await wholeContent(entry, segments))
      else await target.write(components, entry, verified(entry, streamed(entry, segments, options.pages)))
    } catch (error) {
      if (!isDamage(error)) throw error
      damagedCount++
      if (damaged.length < damageMax) damaged.push({ path: components, code: (error as Failure).code })
    }
  }
}

interface Step {
  readonly files: readonly { readonly components: Path; readonly entry: Entry }[]
  readonly segments: readonly Reference[]
}

/** Entries in the order of the map, in groups whose segments are fetched together. */
async function* steps(options: RestoreOptions): AsyncGenerator<Step> {
  let files: { components: Path; entry: Entry }[] = []
  let segments = new Map<string, Reference>()
  for await (const { components, entry } of selected(options)) {
    files.push({ components, entry })
    if (isSmall(entry)) for (const segment of segmentsOf(entry)) segments.set(segment.id, segment)
    if (segments.size < stepSegmentsMax && files.length < stepEntriesMax) continue
    yield { files, segments: [...segments.values()] }
    files = []
    segments = new Map()
  }
  if (files.length > 0) yield { files, segments: [...segments.values()] }
}

/** What is to be restored, with paths relative to the target. */
async function* selected(options: RestoreOptions): AsyncGenerator<{ components: Path; entry: Entry }> {
  const { pages, root, path } = options
  if (path === undefined) {
    // The volume itself is the target; what is below `/` lies below it.
    for await (const items of scanMap(pages, root, wholeMap)) yield* relative(items, 1)
    return
  }
  const entry = await lookup(pages, root, keyOf(path))
  if (entry === undefined) throw notInSnapshot(path)
  const isFolder = entry.kind === 'folder' || entry.unread?.kind === 'folder'
  yield { components: isFolder ? [] : path.slice(-1), entry }
  if (!isFolder) return
  for await (const items of scanMap(pages, root, subtreeRange(path))) yield* relative(items, path.length)
}

function* relative(items: readonly MapItem[], depth: number) {
  for (const { key, entry } of items) yield { components: pathOf(key).slice(depth), entry }
}

/** Takes one step more than is being worked on, and says so as soon as it is known. */
async function* ahead(all: AsyncIterable<Step>, announce: (step: Step) => void): AsyncGenerator<Step> {
  const iterator = all[Symbol.asyncIterator]()
  const take = async () => {
    const { done, value } = await iterator.next()
    if (!done) announce(value)
    return done ? undefined : value
  }
  let next = take()
  for (;;) {
    const step = await next
    if (step === undefined) return
    next = take()
    // A failure of the step ahead is met when its turn comes.
    next.catch(() => undefined)
    yield step
  }
}

function isSmall(entry: Entry): boolean {
  return entry.size <= smallBytesMax && !entry.sparse && entry.content?.form !== 'tree'
}

function* segmentsOf({ content }: Entry): Generator<Reference> {
  if (content?.form !== 'extents') return
  for (const { segment } of content.extents) if (segment !== undefined) yield segment
}

async function wholeContent(entry: Entry, segments: SegmentsAhead): Promise<Bytes> {
  const bytes = await joined(entry, segments)
  const sha256 = hash('sha256', bytes, 'buffer')
  if (entry.sha256 === undefined || !equalBytes(sha256, entry.sha256)) throw wrongContent()
  return bytes
}

async function joined({ content, size }: Entry, segments: SegmentsAhead): Promise<Bytes> {
  if (content?.form === 'inline') return content.bytes
  const extents = content?.form === 'extents' ? content.extents : []
  const [only] = extents
  if (extents.length === 1 && only?.segment !== undefined) return segments.bytes(only)
  const whole = new Uint8Array(size)
  let at = 0
  for (const extent of extents) {
    if (extent.segment !== undefined) whole.set(await segments.bytes(extent), at)
    at += extent.length
  }
  return whole
}

/** The content of a large file, some extents ahead. */
async function* streamed(
  entry: Entry,
  segments: SegmentsAhead,
  pages: PageSource,
): AsyncGenerator<ContentRun> {
  if (entry.content?.form === 'inline') {
    yield { data: entry.content.bytes }
    return
  }
  const queue: Extent[] = []
  for await (const extent of extentsOf(entry, pages)) {
    queue.push(extent)
    if (extent.segment !== undefined) segments.want([extent.segment])
    if (queue.length > extentsAhead) yield run(queue.shift() as Extent)
  }
  for (const extent of queue) yield run(extent)

  async function run(extent: Extent): Promise<ContentRun> {
    return extent.segment === undefined ? { zeros: extent.length } : { data: await segments.bytes(extent) }
  }
}

async function* extentsOf({ content }: Entry, pages: PageSource): AsyncGenerator<Extent> {
  if (content?.form === 'extents') yield* content.extents
  if (content?.form !== 'tree') return
  for await (const items of scanExtents(pages, content.root)) for (const { extent } of items) yield extent
}

const zeros = new Uint8Array(256 * 1024)

/** Hashes what passes; at the end it throws unless it was what the entry says, so that no wrong file is left. */
async function* verified(entry: Entry, runs: AsyncIterable<ContentRun>): AsyncGenerator<ContentRun> {
  const hasher = createHash('sha256')
  for await (const run of runs) {
    if ('data' in run) hasher.update(run.data)
    else
      for (let left = run.zeros; left > 0; left -= zeros.length)
        hasher.update(zeros.subarray(0, Math.min(left, zeros.length)))
    yield run
  }
  if (entry.sha256 === undefined || !equalBytes(hasher.digest(), entry.sha256)) throw wrongContent()
}

function wrongContent(): Failure {
  return new Failure('wrong_content', 'the content does not have the hash that the snapshot says', {
    remedy: 'repair',
  })
}

function notInSnapshot(path: Path): Failure {
  const shown = new TextDecoder().decode(path.at(-1))
  return new Failure('not_in_snapshot', `"${shown}" is not in the snapshot at this path`, {
    hint: 'list what is there with: ls',
  })
}
