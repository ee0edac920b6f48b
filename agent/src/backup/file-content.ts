/** Reads the bytes of one file and makes its content: inline, in shared segments, in chunks, or over old segments. */
import { createHash } from 'node:crypto'
import type { Bytes } from '@backstay/proto/bytes'
import type { Chunker } from '@backstay/proto/content/chunker'
import type { Content } from '@backstay/proto/content/entry'
import { hashZeros } from '../reading/hash-zeros.ts'
import type { Handle, StatBuffer, System } from '../system/system.ts'
import type { BlockHasher } from './blocks.ts'
import { type ChunkWriter, chunkWriter, pieceBytes } from './chunk-writer.ts'
import type { Segments } from './segments.ts'

/** Files up to here lie in their entry: a reference to a segment would take as much. */
export const inlineBytesMax = 128
/** Files from here on are cut by content; below, the chunker would hardly ever cut. */
export const largeFileBytesMin = 1024 * 1024
/** Holes smaller than this are not worth an extent. */
export const holeBytesMin = 64 * 1024
/** The disk fetches so much at a time, before what it fetched last is needed. */
const aheadBytes = 8 * 1024 * 1024

export interface ReadContent {
  readonly size: number
  readonly sha256: Bytes
  /** Extents that may be of any number; the caller makes a tree of a long list. */
  readonly content: Content
  readonly sparse: boolean
}

/**
 * Reads a file that fits into `scratch` whole; undefined when it does not. Stops at `size`, where a file that changed
 * meanwhile goes on: whoever asks looks at its size and times afterwards.
 */
export function readSmall(system: System, file: Handle, scratch: Bytes, size: number): Bytes | undefined {
  let length = 0
  for (;;) {
    if (length === size && size > 0) return scratch.subarray(0, length)
    const count = system.read(file, scratch.subarray(length), length)
    if (count === 0) return scratch.subarray(0, length)
    length += count
    if (length === scratch.length) return undefined
  }
}

export function hasHoles(stat: StatBuffer): boolean {
  return stat.size - stat.blocks * 512 >= holeBytesMin
}

export interface LargeFileOptions {
  readonly system: System
  readonly chunker: Chunker
  readonly segments: Segments
  readonly blocks?: BlockHasher | undefined
  /** As `chunkWriter` takes it. */
  readonly sharedBytesMin?: number | undefined
}

/** Cuts a large file by content; holes stay holes. */
export async function readLarge(
  file: Handle,
  stat: StatBuffer,
  options: LargeFileOptions,
): Promise<ReadContent> {
  const { system, blocks } = options
  using chunks = chunkWriter(options.chunker, options.segments, options.sharedBytesMin)
  const hasher = createHash('sha256')
  const sparse = hasHoles(stat)
  let size = 0
  const take = (bytes: Bytes) => {
    hasher.update(bytes)
    blocks?.update(bytes)
    size += bytes.length
  }
  for (const run of sparse
    ? dataRuns(system, file, stat.size)
    : [{ from: 0, to: Number.POSITIVE_INFINITY }]) {
    await addHole(run.from - size)
    await readRun(system, file, run, chunks, take)
  }
  if (sparse) await addHole(stat.size - size)
  system.advise(file, 0, 0, 'done')
  const content = { form: 'extents', extents: chunks.finish() } as const
  return { size, sha256: new Uint8Array(hasher.digest()), content, sparse }

  async function addHole(length: number): Promise<void> {
    if (length <= 0) return
    await chunks.hole(length)
    await hashZeros(hasher, length)
    blocks?.updateZeros(length)
    size += length
  }
}

/**
 * Of a large file that is read from one end to the other: call it with each position. The disk fetches what comes, and the
 * system forgets what was read; all that others have in its memory would have to go otherwise.
 */
export function inOrder(system: System, file: Handle, from: number): (position: number) => void {
  let [asked, forgotten] = [from, from]
  return position => {
    if (position < asked - aheadBytes / 2) return
    system.advise(file, asked, aheadBytes, 'soon')
    asked += aheadBytes
    if (position > forgotten) system.advise(file, forgotten, position - forgotten, 'done')
    forgotten = position
  }
}

interface Run {
  readonly from: number
  readonly to: number
}

/** The parts of a file that are no holes, each looked for when the one before was read: there may be a million. */
function* dataRuns(system: System, file: Handle, size: number): Generator<Run> {
  let last: Run | undefined
  for (let at = 0; at < size; ) {
    const from = system.seekData(file, at) ?? at
    if (from >= size) break
    const to = Math.min(size, system.seekHole(file, from) ?? size)
    if (last !== undefined && from - last.to >= holeBytesMin) {
      yield last
      last = undefined
    }
    last = { from: last?.from ?? from, to }
    at = Math.max(to, from + 1)
  }
  if (last !== undefined) yield last
}

async function readRun(
  system: System,
  file: Handle,
  run: Run,
  chunks: ChunkWriter,
  take: (bytes: Bytes) => void,
): Promise<void> {
  const at = inOrder(system, file, run.from)
  for (let position = run.from; position < run.to; ) {
    at(position)
    const piece = chunks.room().subarray(0, Math.min(run.to - position, pieceBytes - (position % pieceBytes)))
    const count = system.read(file, piece, position)
    if (count === 0) return
    take(piece.subarray(0, count))
    position += count
    await chunks.took(count)
  }
}
