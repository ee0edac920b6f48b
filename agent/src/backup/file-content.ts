/** Reads the bytes of one file and makes its content: inline, in shared segments, in chunks, or over old segments. */
import { createHash } from 'node:crypto'
import type { Bytes } from '@backstay/proto/bytes'
import type { Chunker } from '@backstay/proto/content/chunker'
import { chunkBytesMax } from '@backstay/proto/content/chunker'
import type { Content, Extent } from '@backstay/proto/content/entry'
import type { Handle, StatBuffer, System } from '../system/system.ts'
import type { BlockHasher } from './blocks.ts'
import type { Segments } from './segments.ts'

/** Files up to here lie in their entry: a reference to a segment would take as much. */
export const inlineBytesMax = 128
/** Files from here on are cut by content; below, the chunker would hardly ever cut. */
export const largeFileBytesMin = 1024 * 1024
/** Holes smaller than this are not worth an extent. */
export const holeBytesMin = 64 * 1024
/** The disk fetches so much while what was read is cut. */
export const aheadBytes = 8 * 1024 * 1024
const zeros = new Uint8Array(256 * 1024)

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
  /** At least twice the largest chunk. */
  readonly buffer: Bytes
  readonly blocks?: BlockHasher | undefined
}

/** Cuts a large file by content; holes stay holes. */
export async function readLarge(
  file: Handle,
  stat: StatBuffer,
  options: LargeFileOptions,
): Promise<ReadContent> {
  const { system, blocks } = options
  const hasher = createHash('sha256')
  const sparse = hasHoles(stat)
  const extents: Extent[] = []
  let size = 0
  const take = (bytes: Bytes) => {
    hasher.update(bytes)
    blocks?.update(bytes)
    size += bytes.length
  }
  for (const run of sparse
    ? dataRuns(system, file, stat.size)
    : [{ from: 0, to: Number.POSITIVE_INFINITY }]) {
    addHole(run.from - size)
    await cutRun(file, run, options, take, extents)
  }
  if (sparse) addHole(stat.size - size)
  system.advise(file, 0, 0, 'done')
  return { size, sha256: new Uint8Array(hasher.digest()), content: { form: 'extents', extents }, sparse }

  function addHole(length: number): void {
    if (length <= 0) return
    extents.push({ segment: undefined, start: 0, length })
    for (let left = length; left > 0; left -= zeros.length)
      hasher.update(zeros.subarray(0, Math.min(left, zeros.length)))
    blocks?.updateZeros(length)
    size += length
  }
}

interface Run {
  readonly from: number
  readonly to: number
}

/** The parts of a file that are no holes. */
function dataRuns(system: System, file: Handle, size: number): Run[] {
  const runs: Run[] = []
  for (let at = 0; at < size; ) {
    const from = system.seekData(file, at) ?? at
    if (from >= size) break
    const to = Math.min(size, system.seekHole(file, from) ?? size)
    const last = runs.at(-1)
    if (last !== undefined && from - last.to < holeBytesMin) runs[runs.length - 1] = { from: last.from, to }
    else runs.push({ from, to })
    at = Math.max(to, from + 1)
  }
  return runs
}

async function cutRun(
  file: Handle,
  run: Run,
  options: LargeFileOptions,
  take: (bytes: Bytes) => void,
  extents: Extent[],
): Promise<void> {
  const { system, chunker, segments, buffer } = options
  let position = run.from
  let start = 0
  let filled = 0
  let ended = false
  for (;;) {
    while (!ended && filled - start < chunkBytesMax) {
      if (filled === buffer.length || buffer.length - start < chunkBytesMax) {
        buffer.copyWithin(0, start, filled)
        filled -= start
        start = 0
      }
      const room = Math.min(buffer.length - filled, run.to - position)
      const count = room === 0 ? 0 : system.read(file, buffer.subarray(filled, filled + room), position)
      ended = count === 0
      filled += count
      position += count
      if (position < run.to) system.advise(file, position, aheadBytes, 'soon')
    }
    if (start === filled) return
    const end = chunker.cut(buffer, start, filled)
    const chunk = buffer.subarray(start, end)
    take(chunk)
    extents.push(segments.whole(chunk))
    start = end
    await segments.ready()
  }
}
