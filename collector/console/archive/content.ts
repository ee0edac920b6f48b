/** The bytes of files, checked against the hashes that the snapshot says; segments are fetched and opened ahead. */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import {
  addWanted,
  type SegmentsAhead,
  type Wanted as WantedSegments,
} from '@backstay/proto/content/archive/segments-ahead'
import type { Entry, Extent } from '@backstay/proto/content/entry'
import { type PageSource, scanExtents } from '@backstay/proto/content/map/read'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'

/** Put together in memory and checked before anybody gets a byte. */
export const smallBytesMax = 4 * 1024 * 1024
/** Of a large file: fetched ahead of what is read. */
const aheadBytes = 16 * 1024 * 1024
const zeros = new Uint8Array(1024 * 1024)

export function isSmall({ size, content, sparse }: Entry): boolean {
  return size <= smallBytesMax && content?.form !== 'tree' && !sparse
}

/** The segments that must be ready before `smallContent`. */
export function segmentsOf({ content }: Entry): WantedSegments {
  const wanted: WantedSegments = new Map()
  if (content?.form === 'extents') for (const extent of content.extents) addWanted(wanted, extent)
  return wanted
}

/** A small file whose segments are wanted and ready. Throws `wrong_content` and what its segments throw. */
export async function smallContent(p: Primitives, entry: Entry, segments: SegmentsAhead): Promise<Bytes> {
  const bytes = new Uint8Array(entry.size)
  let at = 0
  const put = (part: Bytes) => {
    if (at + part.length > bytes.length) throw wrongContent()
    bytes.set(part, at)
    at += part.length
  }
  if (entry.content?.form === 'inline') put(entry.content.bytes)
  if (entry.content?.form === 'extents') {
    for (const extent of entry.content.extents) {
      if (extent.segment === undefined) at += extent.length
      else put(segments.opened(extent).subarray(extent.start, extent.start + extent.length))
    }
  }
  if (at !== entry.size || !entry.sha256 || !equalBytes(await p.sha256(bytes), entry.sha256))
    throw wrongContent()
  return bytes
}

/**
 * A file of any size in pieces, each its reader's own. Throws `wrong_content` at the end when the whole has another hash, and
 * before anything that goes beyond the file's size.
 */
export async function* largeContent(
  p: Primitives,
  entry: Entry,
  segments: SegmentsAhead,
  pages: PageSource,
): AsyncGenerator<Bytes> {
  const hasher = p.hasher()
  let length = 0
  for await (const piece of pieces(entry, segments, pages)) {
    length += piece.length
    if (length > entry.size) throw wrongContent()
    hasher.update(piece)
    yield piece
  }
  if (length !== entry.size || !entry.sha256 || !equalBytes(hasher.digest(), entry.sha256))
    throw wrongContent()
}

async function* pieces(entry: Entry, segments: SegmentsAhead, pages: PageSource): AsyncGenerator<Bytes> {
  if (entry.content?.form === 'inline') {
    yield entry.content.bytes.slice()
    return
  }
  const queue: { readonly extent: Extent; readonly wanted: WantedSegments }[] = []
  let queued = 0
  const first = async function* () {
    const one = queue.shift()
    if (one === undefined) return
    const { extent, wanted } = one
    if (extent.segment === undefined) yield* holeOf(extent.length)
    else {
      queued -= extent.length
      try {
        await segments.ready(wanted)
        yield segments.opened(extent).slice(extent.start, extent.start + extent.length)
      } finally {
        segments.letGo(wanted)
      }
    }
  }
  try {
    for await (const extent of extentsOf(entry, pages)) {
      const wanted: WantedSegments = new Map()
      addWanted(wanted, extent)
      segments.want(wanted)
      queue.push({ extent, wanted })
      if (extent.segment !== undefined) queued += extent.length
      while (queued > aheadBytes) yield* first()
    }
    while (queue.length > 0) yield* first()
  } finally {
    for (const { wanted } of queue) segments.letGo(wanted)
  }
}

function* holeOf(length: number): Generator<Bytes> {
  for (let left = length; left > 0; left -= zeros.length) yield zeros.slice(0, Math.min(left, zeros.length))
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
