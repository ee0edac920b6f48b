/**
 * A basket as one zip, made while it is read: of any size, in the same little memory. Files are stored, not compressed: what
 * could be was, and opening it is the slower part. At the end stands a report of all that is not in it, and why.
 */

import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { ahead } from '@backstay/proto/content/archive/ahead'
import type { OpenedArchive } from '@backstay/proto/content/archive/opened'
import {
  type SegmentOpener,
  segmentsAhead,
  type Wanted as WantedSegments,
} from '@backstay/proto/content/archive/segments-ahead'
import { nameText } from '@backstay/proto/content/archive/shown-text'
import type { Entry } from '@backstay/proto/content/entry'
import type { Path } from '@backstay/proto/content/map/key'
import { isFailure } from '@backstay/proto/failure'
import { entriesOf, isFolder, type Wanted, type Wish } from './basket.ts'
import { isSmall, largeContent, segmentsOf, smallContent } from './content.ts'
import { type ZipInput, zipStream } from './zip-stream.ts'

export interface ZipProgress {
  readonly entries: number
  readonly bytes: number
}

export interface LeftOut {
  readonly path: string
  readonly why: string
}

export interface ZipReport extends ZipProgress {
  readonly files: number
  /** Names in the zip of those that are whole; the first of them. */
  readonly restored: readonly string[]
  /** Not in the zip, or not whole. */
  readonly leftOut: readonly LeftOut[]
  readonly leftOutCount: number
}

export interface ZipOptions {
  readonly opener: SegmentOpener
  readonly onProgress?: (progress: ZipProgress) => void
  readonly signal: AbortSignal
  readonly done: (report: ZipReport) => void
}

/** Names of a report; more would fill memory and nobody reads them. */
const namesMax = 10_000
/** Entries whose segments are fetched together, ahead of those that are being read. */
const stepEntries = 256
const stepSegments = 12
const filesAhead = 8
/** What a path may be made of in a zip that anybody unpacks: its own parts only. */
const unsafe = new Set(['', '.', '..'])

export function zipOf(
  archive: OpenedArchive,
  wishes: readonly Wish[],
  options: ZipOptions,
): AsyncGenerator<Bytes> {
  return zipStream(zipEntries(archive, wishes, options))
}

async function* zipEntries(
  archive: OpenedArchive,
  wishes: readonly Wish[],
  options: ZipOptions,
): AsyncGenerator<ZipInput> {
  const { primitives: p, pages, source } = archive
  const { signal } = options
  const segments = segmentsAhead(source, options.opener)
  const leftOut: LeftOut[] = []
  const restored: string[] = []
  let [leftOutCount, entries, bytes, files] = [0, 0, 0, 0]
  const leave = (path: string, why: string) => {
    leftOutCount++
    if (leftOut.length < namesMax) leftOut.push({ path, why })
  }
  const all = entriesOf(archive, wishes, ({ entries, failure }) =>
    leave(`${entries ?? 'some'} entries`, `a page of the snapshot is lost (${failure.code})`),
  )

  for await (const step of ahead(stepsOf(all), one => segments.want(one.segments))) {
    signal.throwIfAborted()
    await segments.ready(step.segments)
    const contents = aheadOf(step.wanted)
    for (const [index, { place, entry }] of step.wanted.entries()) {
      const name = zipName(place)
      entries++
      if (name === undefined) leave(place.map(nameText).join('/'), 'its name cannot stand in a zip')
      else yield* inputOf(name, entry, contents(index))
      bytes += entry.size
      options.onProgress?.({ entries, bytes })
    }
    segments.letGo(step.segments)
  }
  const report: ZipReport = { entries, bytes, files, restored, leftOut, leftOutCount }
  if (leftOutCount > 0)
    yield { name: 'NOT RESTORED.txt', lastModified: new Date(), input: utf8(reportText(report)) }
  options.done(report)

  /** Small files are put together and hashed some ahead: each hash is a way to another thread and back. */
  function aheadOf(wanted: readonly Wanted[]): (index: number) => Promise<Bytes> | undefined {
    const begun: (Promise<Bytes> | undefined)[] = []
    return index => {
      for (let next = begun.length; next < Math.min(wanted.length, index + 1 + filesAhead); next++) {
        const { entry } = wanted[next] as Wanted
        begun[next] = hasSmallContent(entry) ? smallContent(p, entry, segments) : undefined
        // A failure is met when its turn comes.
        begun[next]?.catch(() => undefined)
      }
      const content = begun[index]
      begun[index] = undefined
      return content
    }
  }

  async function* inputOf(
    name: string,
    entry: Entry,
    content: Promise<Bytes> | undefined,
  ): AsyncGenerator<ZipInput> {
    const about = { lastModified: timeOf(entry), mode: entry.mode & 0o777 }
    if (isFolder(entry)) {
      if (entry.unread !== undefined) leave(name, `the folder could not be read (${entry.unread.reason})`)
      yield { name: `${name}/`, ...about }
      return
    }
    if (entry.unread !== undefined) {
      leave(name, `it could not be read when it was backed up (${entry.unread.reason})`)
      if (entry.content === undefined) return
    }
    if (entry.kind !== 'file' && entry.unread === undefined)
      return leave(name, `a ${entry.kind.replace('_', ' ')}: only a restore on a device brings it back`)
    const leftBefore = leftOutCount
    try {
      if (entry.content === undefined && entry.size > 0)
        return leave(name, 'the snapshot has no content of it')
      if (content !== undefined) yield { name, ...about, input: await content }
      else yield { name, ...about, size: entry.size, input: named(name, entry) }
      // A large file may have turned out to be damaged on its way.
      if (leftOutCount > leftBefore) return
      files++
      if (restored.length < namesMax) restored.push(name)
    } catch (error) {
      if (!isFailure(error) || error.remedy !== 'repair') throw error
      leave(name, `its content is missing or damaged in the store (${error.code})`)
    }
  }

  /** What was sent cannot be taken back: a large file that turns out to be wrong is filled up and named. */
  async function* named(name: string, entry: Entry): AsyncGenerator<Bytes> {
    let sent = 0
    try {
      for await (const piece of largeContent(p, entry, segments, pages)) {
        signal.throwIfAborted()
        sent += piece.length
        yield piece
      }
    } catch (error) {
      if (!isFailure(error) || error.remedy !== 'repair') throw error
      leave(name, `DAMAGED from byte ${sent} on, do not use it (${error.code})`)
      for (let left = entry.size - sent; left > 0; left -= 65_536)
        yield new Uint8Array(Math.min(left, 65_536))
    }
  }
}

function hasSmallContent(entry: Entry): boolean {
  return !isFolder(entry) && entry.content !== undefined && isSmall(entry)
}

interface Step {
  readonly wanted: readonly Wanted[]
  readonly segments: WantedSegments
}

async function* stepsOf(all: AsyncIterable<Wanted>): AsyncGenerator<Step> {
  let wanted: Wanted[] = []
  let segments: WantedSegments = new Map()
  for await (const one of all) {
    wanted.push(one)
    if (isSmall(one.entry)) for (const [id, segment] of segmentsOf(one.entry)) segments.set(id, segment)
    if (wanted.length < stepEntries && segments.size < stepSegments) continue
    yield { wanted, segments }
    wanted = []
    segments = new Map()
  }
  if (wanted.length > 0) yield { wanted, segments }
}

/** Undefined for a path that would lead elsewhere when it is unpacked. Backslashes are folders to some programs. */
export function zipName(place: Path): string | undefined {
  const parts = place.map(part => nameText(part).replaceAll('\\', '_').replaceAll('/', '_'))
  return parts.some(part => unsafe.has(part)) ? undefined : parts.join('/')
}

/** A zip knows the years 1980 to 2107. */
function timeOf({ mtimeS }: Entry): Date {
  const first = Date.UTC(1980, 0, 2) / 1000
  const last = Date.UTC(2107, 11, 30) / 1000
  return new Date(1000 * Math.min(Math.max(mtimeS, first), last))
}

function reportText({ files, leftOut, leftOutCount }: ZipReport): string {
  const more = leftOutCount - leftOut.length
  return [
    `${files} files are in this archive. ${leftOutCount} entries are not, or not whole:`,
    '',
    ...leftOut.map(({ path, why }) => `${path}: ${why}`),
    ...(more > 0 ? [`… and ${more} more`] : []),
    '',
  ].join('\r\n')
}
