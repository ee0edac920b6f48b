/**
 * Restores a snapshot, or a part of it, from wherever its objects are into a target folder.
 *
 * The map is read in order, some leaf pages ahead, and cut into steps: of the files of the next step the segments are
 * fetched and opened while those of this one are written, a few hundred small ones at a time. What is missing or damaged in the store is listed, and all else is restored.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { ahead } from '@backstay/proto/content/archive/ahead'
import type { ObjectSource } from '@backstay/proto/content/archive/object-pages'
import {
  addWanted,
  isDamage,
  type SegmentOpener,
  segmentsAhead,
  type Wanted,
} from '@backstay/proto/content/archive/segments-ahead'
import type { Entry, Extent, Reference } from '@backstay/proto/content/entry'
import { keyOf, type Path, pathOf, subtreeRange, wholeMap } from '@backstay/proto/content/map/key'
import type { MapItem } from '@backstay/proto/content/map/page'
import { lookup, type OnLost, type PageSource, scanMap } from '@backstay/proto/content/map/read'
import { Failure, isFailure } from '@backstay/proto/failure'
import { checkedContent, piecesOf, wholeContent } from './content.ts'
import type { Report, Target } from './target.ts'

export interface RestoreOptions {
  readonly source: ObjectSource
  readonly pages: PageSource
  readonly opener: SegmentOpener
  readonly root: Reference
  /** Path components from the volume down; undefined restores the whole snapshot. */
  readonly path: Path | undefined
  /** How many components of the path the target stands for; all of a folder's, when not given. */
  readonly targetDepth?: number
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
  /** The first entries, up to `firstMax`, whatever became of them. */
  readonly first: readonly Path[]
}

const damageMax = 10_000
/** Whoever looks at a report reads some names, to know that it is the right folder. */
const firstMax = 200
/** Files up to here are put together in memory and written at once, when they have come to their turn. */
const smallBytesMax = 4 * 1024 * 1024
/** Of a file that is not put together, so much is fetched before its turn. */
const beginBytes = 2 * 1024 * 1024
/** Segments fetched for the files of one step. */
const stepSegmentsMax = 6
const stepEntriesMax = 512

export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { target } = options
  const segments = segmentsAhead(options.source, options.opener)
  const damaged: Damage[] = []
  const lost: LostPart[] = []
  const first: Path[] = []
  let [damagedCount, entries, bytes] = [0, 0, 0]
  const onLost: OnLost = ({ firstKey, entries, failure }) => {
    lost.push({ from: firstKey === undefined ? [] : pathOf(firstKey), entries, code: failure.code })
  }

  try {
    let before = Promise.resolve()
    for await (const step of ahead(steps(found(selected(options, onLost), options)), step =>
      segments.want(step.segments),
    )) {
      options.signal?.throwIfAborted()
      await segments.ready(step.segments)
      for (const selected of step.files) {
        if (selected.there !== undefined) target.keep(selected.components, selected.entry, selected.there)
        else if (isSmall(selected.entry)) restoreSmall(selected)
        else await restoreLarge(selected)
        if (first.length < firstMax) first.push(selected.components)
        entries++
        bytes += selected.entry.size
      }
      options.onProgress?.({ entries, bytes })
      await before
      before = settle(step)
      // Met when the next step is done.
      before.catch(() => undefined)
    }
    await before
    return { report: target.finish(), damaged, damagedCount, lost, entries, bytes, first }
  } finally {
    // Nobody writes any more when this is over, however it ended.
    await target.settled().catch(() => undefined)
  }

  function restoreSmall({ components, entry }: Selected): void {
    const { content, kind, linkGroup } = entry
    try {
      if (content === undefined) target.writeSmall(components, entry)
      else if (kind === 'file' && linkGroup === undefined)
        target.writeLater(components, entry, piecesOf(entry, segments))
      else target.writeSmall(components, entry, wholeContent(entry, segments))
    } catch (error) {
      loseOrThrow(components, error)
    }
  }

  async function restoreLarge({ components, entry }: Selected): Promise<void> {
    const content = checkedContent(entry, segments, options.pages, options.signal)
    try {
      await target.write(components, entry, content)
    } catch (error) {
      loseOrThrow(components, error)
    }
  }

  async function settle(step: Step): Promise<void> {
    for (const path of await target.settled()) lose(path, 'wrong_content')
    segments.letGo(step.segments)
  }

  function loseOrThrow(path: Path, error: unknown): void {
    // A full target is to be mended too, but nothing in the store is lost.
    if (!isDamage(error) || isFailure(error, 'disk_full')) throw error
    lose(path, (error as Failure).code)
  }

  function lose(path: Path, code: string): void {
    damagedCount++
    if (damaged.length < damageMax) damaged.push({ path, code })
  }
}

interface Selected {
  readonly components: Path
  readonly entry: Entry
  /** The name under which it is in the target already. */
  readonly there?: Bytes | undefined
}

/** What is there already is not fetched. */
async function* found(
  pages: AsyncIterable<readonly Selected[]>,
  { target, signal }: RestoreOptions,
): AsyncGenerator<readonly Selected[]> {
  if (!target.mayGoOn) return yield* pages
  for await (const page of pages) {
    const looked: Selected[] = []
    for (const one of page) {
      const { components, entry } = one
      const there = entry.kind === 'file' ? await target.findThere(components, entry, signal) : undefined
      looked.push(there === undefined ? one : { ...one, there })
    }
    yield looked
  }
}

interface Step {
  readonly files: readonly Selected[]
  readonly segments: Wanted
}

/** Entries in the order of the map, in groups whose segments are fetched together. */
async function* steps(pages: AsyncIterable<readonly Selected[]>): AsyncGenerator<Step> {
  let files: Selected[] = []
  let segments: Wanted = new Map()
  for await (const page of pages) {
    for (const selected of page) {
      const { entry, there } = selected
      files.push(selected)
      if (there === undefined) for (const extent of firstExtents(entry)) addWanted(segments, extent)
      if (segments.size < stepSegmentsMax && files.length < stepEntriesMax) continue
      yield { files, segments }
      files = []
      segments = new Map()
    }
  }
  if (files.length > 0) yield { files, segments }
}

/** All of a small file; of a large one enough for it to begin with, and the rest comes while it is written. */
function firstExtents(entry: Entry): readonly Extent[] {
  if (entry.content?.form !== 'extents') return []
  const { extents } = entry.content
  if (isSmall(entry)) return extents
  let bytes = 0
  const enough = extents.findIndex(({ segment, length }) => {
    if (segment !== undefined) bytes += length
    return bytes >= beginBytes
  })
  return enough < 0 ? extents : extents.slice(0, enough + 1)
}

/** What is to be restored, with paths relative to the target. */
async function* selected(options: RestoreOptions, onLost: OnLost): AsyncGenerator<readonly Selected[]> {
  const { pages, root, path } = options
  if (path === undefined) {
    for await (const items of scanMap(pages, root, wholeMap, onLost)) yield wholly(items)
    return
  }
  const entry = await lookup(pages, root, keyOf(path))
  if (entry === undefined) throw notInSnapshot(path)
  const isFolder = entry.kind === 'folder' || entry.unread?.kind === 'folder'
  const depth = options.targetDepth ?? (isFolder ? path.length : path.length - 1)
  yield [{ components: path.slice(depth), entry }]
  if (!isFolder) return
  for await (const items of scanMap(pages, root, subtreeRange(path), onLost)) yield relative(items, depth)
}

/**
 * What is below `/` lies below the target, which stands for that volume; there are several of Windows, so what is below
 * `C:` lies below a folder `C`.
 */
function wholly(items: readonly MapItem[]): readonly Selected[] {
  const [first] = items
  if (first === undefined || pathOf(first.key)[0]?.[0] === slash) return relative(items, 1)
  return relative(items, 0).map(one => {
    const [volume, ...names] = one.components
    return { ...one, components: volume === undefined ? [] : [volume.subarray(0, 1), ...names] }
  })
}

const slash = 0x2f

/** Entries of one folder follow one another and share its components. */
function relative(items: readonly MapItem[], depth: number): readonly Selected[] {
  let folderKey: Bytes = new Uint8Array()
  let folder: Path | undefined = []
  return items.map(({ key, entry }) => {
    const nameAt = key.lastIndexOf(0) + 1
    if (!isFolderOf(folderKey, key, nameAt)) {
      folderKey = key.subarray(0, nameAt)
      const path = pathOf(key)
      // What stands above all is the target itself.
      folder = path.length > depth ? path.slice(depth, -1) : undefined
    }
    return { components: folder === undefined ? [] : folder.concat([key.subarray(nameAt)]), entry }
  })
}

function isFolderOf(folderKey: Bytes, key: Bytes, nameAt: number): boolean {
  if (folderKey.length !== nameAt) return false
  for (let at = nameAt - 1; at >= 0; at--) if (folderKey[at] !== key[at]) return false
  return true
}

function isSmall(entry: Entry): boolean {
  return entry.size <= smallBytesMax && !entry.sparse && entry.content?.form !== 'tree'
}

function notInSnapshot(path: Path): Failure {
  const shown = new TextDecoder().decode(path.at(-1))
  return new Failure('not_in_snapshot', `"${shown}" is not in the snapshot at this path`, {
    hint: 'list what is there with: ls',
  })
}
