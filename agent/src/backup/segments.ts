/** Lays small runs of bytes one after another into shared segments, and seals chunks of large files as their own. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Extent, Reference } from '@backstay/proto/content/entry'
import type { SealedObject } from '@backstay/proto/content/seal'
import { copyBytes } from '@backstay/proto/copy-bytes'
import type { ObjectId } from '@backstay/proto/object/id'
import type { Effort } from '@backstay/proto/primitives'
import type { Outgoing } from './outgoing.ts'

/** Seals segments, most often in threads. */
export interface Sealer {
  /** `length` bytes to be filled, perhaps used before. */
  buffer(length: number): Bytes
  /** Seals the beginning of what `buffer` gave, which it takes back. */
  seal(bytes: Bytes, effort: Effort): Promise<SealedObject>
  /** Takes back what `buffer` gave and nobody filled. */
  giveBack(bytes: Bytes): void
}

/** Shared segments are cut here; with the 9 bytes before the content, 1 MiB is a Padmé length (docs/format.md §6). */
export const segmentBytes = 1024 * 1024 - 9

/** A segment that extents may name before it is sealed; id and key are valid once `sealed` resolves. */
export interface PendingSegment extends Reference {
  readonly sealed: Promise<void>
}

export interface Segments {
  /** Adds bytes to the shared segment; they may end up in two or more. */
  append(bytes: Bytes): Extent[]
  /** For a chunk of a large file. */
  chunkRoom(length: number): Bytes
  /** Seals the beginning of what `chunkRoom` gave as a segment of its own. */
  chunk(bytes: Bytes): Extent
  /** Takes back what `chunkRoom` gave. */
  giveBack(room: Bytes): void
  /** Seals the shared segment even though it is not full. */
  cut(): void
  /** Whether `ready` would wait. */
  readonly isFull: boolean
  /** Resolves when few enough segments wait to be sealed, and there is room for them behind that. */
  ready(): Promise<void>
  readonly plainBytes: number
}

export interface SegmentOptions {
  readonly sealer: Sealer
  /** Called with each sealed segment before its `sealed` resolves. */
  readonly onSealed: (object: SealedObject) => void
  /** A large file makes thousands of segments before anybody else asks whether there is room for them. */
  readonly sending: Pick<Outgoing, 'isFull' | 'ready'>
}

/** Memory in which segments lie that are being sealed, filled or not: two or three for each thread. */
const sealingBytesMax = 8 * 1024 * 1024

export function segmentWriter(options: SegmentOptions): Segments {
  const { sealer, onSealed, sending } = options
  let buffer: Bytes | undefined
  let used = 0
  let current: Settable | undefined
  let sealingBytes = 0
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined
  const self = {
    plainBytes: 0,
    append(bytes: Bytes): Extent[] {
      const extents: Extent[] = []
      self.plainBytes += bytes.length
      for (let at = 0; at < bytes.length; ) {
        buffer ??= sealer.buffer(segmentBytes)
        current ??= pendingSegment()
        const length = Math.min(segmentBytes - used, bytes.length - at)
        copyBytes(bytes.subarray(at, at + length), buffer, used)
        extents.push({ segment: current.segment, start: used, length })
        used += length
        at += length
        if (used === segmentBytes) self.cut()
      }
      return extents
    },
    chunkRoom: sealer.buffer,
    chunk(bytes: Bytes): Extent {
      self.plainBytes += bytes.length
      const pending = pendingSegment()
      seal(bytes, pending, 'quick')
      return { segment: pending.segment, start: 0, length: bytes.length }
    },
    giveBack: sealer.giveBack,
    cut() {
      if (buffer === undefined || current === undefined) return
      seal(buffer.subarray(0, used), current, 'full')
      buffer = undefined
      current = undefined
      used = 0
    },
    get isFull() {
      return sealingBytes >= sealingBytesMax || failure !== undefined || sending.isFull
    },
    async ready() {
      while (sealingBytes >= sealingBytesMax && failure === undefined) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      if (failure !== undefined) throw failure.error
      await sending.ready()
    },
  }
  return self

  function seal(bytes: Bytes, pending: Settable, effort: Effort): void {
    const { byteLength } = bytes.buffer
    sealingBytes += byteLength
    sealer
      .seal(bytes, effort)
      .then(
        object => {
          onSealed(object)
          pending.settle(object.reference)
        },
        error => {
          failure = { error }
          pending.fail(error)
        },
      )
      .finally(() => {
        sealingBytes -= byteLength
        wake?.()
      })
  }
}

interface Settable {
  readonly segment: PendingSegment
  settle(reference: Reference): void
  fail(error: unknown): void
}

function pendingSegment(): Settable {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  promise.catch(() => undefined)
  const segment = { id: '' as ObjectId, key: new Uint8Array() as Bytes, sealed: promise }
  return {
    segment,
    fail: reject,
    settle(reference) {
      segment.id = reference.id
      segment.key = reference.key
      resolve()
    },
  }
}

/** Waits until all segments that the extents name are sealed. */
export async function settleExtents(extents: readonly Extent[]): Promise<void> {
  for (const { segment } of extents) if (segment !== undefined && isPending(segment)) await segment.sealed
}

export function isSealed({ segment }: Extent): boolean {
  return segment === undefined || segment.id !== ''
}

function isPending(segment: Reference): segment is PendingSegment {
  return 'sealed' in segment
}
