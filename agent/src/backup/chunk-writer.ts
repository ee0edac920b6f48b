/**
 * Cuts the bytes of a large file, which come one after another, into chunks; each is sealed as a segment of its own. Runs of
 * less than `sharedBytesMin` between holes lie in shared segments: a sparse file may have a hundred thousand of them.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { type Chunker, chunkBytesMax, chunkBytesMin } from '@backstay/proto/content/chunker'
import type { Extent } from '@backstay/proto/content/entry'
import { copyBytes } from '@backstay/proto/copy-bytes'
import type { Segments } from './segments.ts'

export interface ChunkWriter extends Disposable {
  /** Where the next bytes belong: they are sealed where they lie. */
  room(): Bytes
  /** So many bytes were laid into `room`. Resolves when there is room for more. */
  took(count: number): Promise<void>
  /** Ends the chunk; nothing is stored of what follows. Resolves when there is room for more. */
  hole(length: number): Promise<void>
  /** Ends the last chunk. */
  finish(): Extent[]
}

/** Small enough to stay in the processor's cache until it is cut and hashed; and what lies behind a cut is no chunk yet. */
export const pieceBytes = chunkBytesMin
/** An average chunk. */
const usualBytes = 1024 * 1024

export function chunkWriter(chunker: Chunker, segments: Segments, sharedBytesMin = 0): ChunkWriter {
  const extents: Extent[] = []
  let chunk: Bytes | undefined
  let used = 0

  /** The first bytes of the chunk are one; the others begin the next. */
  function seal(whole: Bytes, end: number): void {
    extents.push(segments.chunk(whole.subarray(0, end)))
    chunk = undefined
    used -= end
    if (used === 0) return
    chunk = segments.chunkRoom(usualBytes)
    copyBytes(whole.subarray(end, end + used), chunk)
  }

  /** Most chunks are short; the memory of a long one would be held for all that are sealed at a time. */
  function larger(room: Bytes): Bytes {
    const more = segments.chunkRoom(Math.min(2 * room.length, chunkBytesMax))
    copyBytes(room.subarray(0, used), more)
    segments.giveBack(room)
    return more
  }

  function endChunk(): void {
    if (chunk !== undefined && used > 0) seal(chunk, used)
  }

  function endRun(): void {
    if (chunk === undefined || used >= sharedBytesMin) endChunk()
    else {
      extents.push(...segments.append(chunk.subarray(0, used)))
      used = 0
    }
  }

  return {
    room() {
      chunk ??= segments.chunkRoom(usualBytes)
      if (chunk.length - used < pieceBytes && chunk.length < chunkBytesMax) chunk = larger(chunk)
      return chunk.subarray(used, used + pieceBytes)
    },
    async took(count) {
      if (chunk === undefined)
        throw new Error('assertion failed: bytes were laid where no room was asked for')
      const seen = used
      used += count
      const end = chunker.find(chunk, 0, used, seen)
      if (end === undefined) return
      seal(chunk, end)
      await segments.ready()
    },
    async hole(length) {
      if (length <= 0) return
      endRun()
      const last = extents.at(-1)
      if (last !== undefined && last.segment === undefined)
        extents[extents.length - 1] = { ...last, length: last.length + length }
      else extents.push({ segment: undefined, start: 0, length })
      await segments.ready()
    },
    finish() {
      endChunk()
      return extents
    },
    [Symbol.dispose]() {
      if (chunk !== undefined) segments.giveBack(chunk)
    },
  }
}
