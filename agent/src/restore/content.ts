/** The bytes of a file from its extents, checked against the hash that the snapshot says. */
import { createHash, hash } from 'node:crypto'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import type { Entry, Extent } from '@backstay/proto/content/entry'
import { type PageSource, scanExtents } from '@backstay/proto/content/map/read'
import { Failure } from '@backstay/proto/failure'
import type { SegmentsAhead } from './segments-ahead.ts'
import type { ContentRun } from './target.ts'

/** Of a stream, this many extents are fetched ahead. */
const extentsAhead = 12
const zeros = new Uint8Array(256 * 1024)

/** All of it at once, for small files. Throws `wrong_content`, `segment_missing` and what opening throws. */
export async function wholeContent(entry: Entry, segments: SegmentsAhead): Promise<Bytes> {
  const bytes = await joined(entry, segments)
  const sha256 = hash('sha256', bytes, 'buffer')
  if (entry.sha256 === undefined || !equalBytes(sha256, entry.sha256)) throw wrongContent()
  return bytes
}

/** As runs, in order; when the hash is not right it throws at the end, so that no wrong file is left. */
export async function* checkedContent(
  entry: Entry,
  segments: SegmentsAhead,
  pages: PageSource,
): AsyncGenerator<ContentRun> {
  const hasher = createHash('sha256')
  for await (const run of streamed(entry, segments, pages)) {
    if ('data' in run) hasher.update(run.data)
    else hashZeros(run.zeros, bytes => hasher.update(bytes))
    yield run
  }
  if (entry.sha256 === undefined || !equalBytes(hasher.digest(), entry.sha256)) throw wrongContent()
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

function hashZeros(length: number, update: (bytes: Bytes) => void): void {
  for (let left = length; left > 0; left -= zeros.length)
    update(zeros.subarray(0, Math.min(left, zeros.length)))
}

function wrongContent(): Failure {
  return new Failure('wrong_content', 'the content does not have the hash that the snapshot says', {
    remedy: 'repair',
  })
}
