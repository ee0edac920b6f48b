/** The bytes of a file from its extents, checked against the hash that the snapshot says. */
import { createHash, hash } from 'node:crypto'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { addWanted, type SegmentsAhead, type Wanted } from '@backstay/proto/content/archive/segments-ahead'
import type { Entry, Extent } from '@backstay/proto/content/entry'
import { type PageSource, scanExtents } from '@backstay/proto/content/map/read'
import { Failure } from '@backstay/proto/failure'
import { hashZeros } from '../reading/hash-zeros.ts'
import type { Piece } from './file-batch.ts'
import { type ContentRun, runLength } from './target-content.ts'
import { joined } from './write-batch.ts'

/** Of a stream, so much is fetched ahead: each byte takes memory sealed and opened. */
const aheadBytes = 16 * 1024 * 1024
/** Holes and tiny extents are counted too. */
const extentsAhead = 16

/** What a small file is made of; its segments must be ready. Throws what `opened` throws. */
export function piecesOf({ content }: Entry, segments: SegmentsAhead): readonly Piece[] {
  if (content?.form === 'inline') return [{ inline: content.bytes }]
  if (content?.form !== 'extents') return []
  return content.extents.map(extent => {
    const { segment, start, length } = extent
    return segment === undefined ? { zeros: length } : { segment: segments.opened(extent), start, length }
  })
}

/** All of a small file at once. Throws `wrong_content` and what `piecesOf` throws. */
export function wholeContent(entry: Entry, segments: SegmentsAhead): Bytes {
  const bytes = joined(piecesOf(entry, segments), entry.size)
  const sha256 = hash('sha256', bytes, 'buffer')
  if (entry.sha256 === undefined || !equalBytes(sha256, entry.sha256)) throw wrongContent()
  return bytes
}

/**
 * As runs, in order, each to be used up before the one after the next is asked for, and the last before the end is. When
 * the hash is not right it throws at the end, so that no wrong file is left, and before anything that goes beyond the
 * file's size.
 */
export async function* checkedContent(
  entry: Entry,
  segments: SegmentsAhead,
  pages: PageSource,
  signal?: AbortSignal,
): AsyncGenerator<ContentRun> {
  const hasher = createHash('sha256')
  let length = 0
  for await (const run of streamed(entry, segments, pages)) {
    signal?.throwIfAborted()
    length += runLength(run)
    // A forged hole may be so long that its zeros would be hashed for years.
    if (length > entry.size) throw wrongContent()
    if ('data' in run) hasher.update(run.data)
    else await hashZeros(hasher, run.zeros, signal)
    yield run
  }
  if (entry.sha256 === undefined || !equalBytes(hasher.digest(), entry.sha256)) throw wrongContent()
}

async function* streamed(
  entry: Entry,
  segments: SegmentsAhead,
  pages: PageSource,
): AsyncGenerator<ContentRun> {
  if (entry.content?.form === 'inline') {
    yield { data: entry.content.bytes }
    return
  }
  const queue: Ahead[] = []
  let queued = 0
  let inUse: Ahead | undefined
  const pass = () => {
    if (inUse !== undefined) segments.letGo(inUse.wanted)
    inUse = queue.shift()
    if (inUse !== undefined) queued -= lengthAhead(inUse.extent)
  }
  try {
    for await (const extent of extentsOf(entry, pages)) {
      const wanted: Wanted = new Map()
      addWanted(wanted, extent)
      segments.want(wanted)
      queue.push({ extent, wanted })
      queued += lengthAhead(extent)
      while (queued > aheadBytes || queue.length > extentsAhead) {
        yield await runOf(queue[0] as Ahead, segments)
        pass()
      }
    }
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      yield await runOf(next, segments)
      pass()
    }
  } finally {
    do pass()
    while (inUse !== undefined)
  }
}

const lengthAhead = ({ segment, length }: Extent): number => (segment === undefined ? 0 : length)

interface Ahead {
  readonly extent: Extent
  readonly wanted: Wanted
}

async function runOf({ extent, wanted }: Ahead, segments: SegmentsAhead): Promise<ContentRun> {
  const { segment, start, length } = extent
  if (segment === undefined) return { zeros: length }
  await segments.ready(wanted)
  return { data: segments.opened(extent).subarray(start, start + length) }
}

async function* extentsOf({ content }: Entry, pages: PageSource): AsyncGenerator<Extent> {
  if (content?.form === 'extents') yield* content.extents
  if (content?.form !== 'tree') return
  for await (const items of scanExtents(pages, content.root)) for (const { extent } of items) yield extent
}

function wrongContent(): Failure {
  return new Failure('wrong_content', 'the content does not have the hash that the snapshot says', {
    remedy: 'repair',
  })
}
