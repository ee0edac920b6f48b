/**
 * Restores a snapshot, or a part of it, from wherever its objects are into a target folder.
 *
 * The map is read in order, some leaf pages ahead; of the files that come next the segments are fetched and opened
 * while the ones before are written. What is missing or damaged in the store is listed, and all else is restored.
 */
import type { Entry, Reference } from '@backstay/proto/content/entry'
import { keyOf, type Path, pathOf, subtreeRange, wholeMap } from '@backstay/proto/content/map/key'
import type { MapItem } from '@backstay/proto/content/map/page'
import { lookup, type OnLost, type PageSource, scanMap } from '@backstay/proto/content/map/read'
import { Failure, isFailure } from '@backstay/proto/failure'
import { checkedContent, wholeContent } from './content.ts'
import type { ObjectSource } from './object-pages.ts'
import { isDamage, type SegmentOpener, segmentsAhead } from './segments-ahead.ts'
import type { Report, Target } from './target.ts'

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

export interface LostPart {
  /** Of the first entry that is lost, as far as it is known. */
  readonly from: Path
  readonly entries: number | undefined
  readonly code: string
}

export interface RestoreResult {
  readonly report: Report
  /** Files whose content is missing or damaged in the store, up to `damageMax` of them. */
  readonly damaged: readonly Damage[]
  readonly damagedCount: number
  /** Parts of the map that are missing or damaged: what stood there is not even known by name. */
  readonly lost: readonly LostPart[]
  readonly entries: number
  readonly bytes: number
}

const damageMax = 10_000
/** Files up to here are put together in memory and written at once. */
const smallBytesMax = 4 * 1024 * 1024
/** Segments fetched for the files of one step. */
const stepSegmentsMax = 16
const stepEntriesMax = 1024

export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { target } = options
  const segments = segmentsAhead(options.source, options.opener)
  const damaged: Damage[] = []
  const lost: LostPart[] = []
  let [damagedCount, entries, bytes] = [0, 0, 0]
  const onLost: OnLost = ({ firstKey, entries, failure }) => {
    lost.push({ from: firstKey === undefined ? [] : pathOf(firstKey), entries, code: failure.code })
  }

  for await (const step of ahead(steps(selected(options, onLost)), step => segments.want(step.segments))) {
    options.signal?.throwIfAborted()
    for (const { components, entry } of step.files) {
      await restoreOne(components, entry)
      entries++
      bytes += entry.size
    }
    options.onProgress?.({ entries, bytes })
  }
  return { report: target.finish(), damaged, damagedCount, lost, entries, bytes }

  async function restoreOne(components: Path, entry: Entry): Promise<void> {
    try {
      if (entry.content === undefined) target.writeSmall(components, entry)
      else if (isSmall(entry)) target.writeSmall(components, entry, await wholeContent(entry, segments))
      else await target.write(components, entry, checkedContent(entry, segments, options.pages))
    } catch (error) {
      // A full target is to be mended too, but nothing in the store is lost.
      if (!isDamage(error) || isFailure(error, 'disk_full')) throw error
      damagedCount++
      if (damaged.length < damageMax) damaged.push({ path: components, code: (error as Failure).code })
    }
  }
}

interface Selected {
  readonly components: Path
  readonly entry: Entry
}

interface Step {
  readonly files: readonly Selected[]
  readonly segments: readonly Reference[]
}

/** Entries in the order of the map, in groups whose segments are fetched together. */
async function* steps(all: AsyncIterable<Selected>): AsyncGenerator<Step> {
  let files: Selected[] = []
  let segments = new Map<string, Reference>()
  for await (const { components, entry } of all) {
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
async function* selected(options: RestoreOptions, onLost: OnLost): AsyncGenerator<Selected> {
  const { pages, root, path } = options
  if (path === undefined) {
    // The volume itself is the target; what is below `/` lies below it.
    for await (const items of scanMap(pages, root, wholeMap, onLost)) yield* relative(items, 1)
    return
  }
  const entry = await lookup(pages, root, keyOf(path))
  if (entry === undefined) throw notInSnapshot(path)
  const isFolder = entry.kind === 'folder' || entry.unread?.kind === 'folder'
  yield { components: isFolder ? [] : path.slice(-1), entry }
  if (!isFolder) return
  for await (const items of scanMap(pages, root, subtreeRange(path), onLost))
    yield* relative(items, path.length)
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

function notInSnapshot(path: Path): Failure {
  const shown = new TextDecoder().decode(path.at(-1))
  return new Failure('not_in_snapshot', `"${shown}" is not in the snapshot at this path`, {
    hint: 'list what is there with: ls',
  })
}
