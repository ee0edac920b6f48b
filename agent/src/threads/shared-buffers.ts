/**
 * Memory that all threads see, used again and again. Handing a megabyte to a thread by transfer makes the garbage
 * collector count it anew each time; shared memory it never counts, so none of it is ever thrown away here.
 */
import type { Bytes } from '@backstay/proto/bytes'

export interface SharedBuffers {
  /** The first `length` bytes of a buffer, perhaps used before. */
  take(length: number): Bytes
  /** Takes back what `take` gave, or the beginning of it. */
  giveBack(bytes: Bytes): void
}

const unit = 1024 * 1024

export function sharedBuffers(): SharedBuffers {
  /** By size. Bounded by what was in use at one time, which is bounded by who waits for it to be sealed. */
  const free = new Map<number, SharedArrayBuffer[]>()
  return {
    take(length) {
      const size = sizeFor(length)
      const buffer = free.get(size)?.pop() ?? new SharedArrayBuffer(size)
      return new Uint8Array(buffer, 0, length)
    },
    giveBack({ buffer }) {
      if (!(buffer instanceof SharedArrayBuffer)) return
      const same = free.get(buffer.byteLength)
      if (same === undefined) free.set(buffer.byteLength, [buffer])
      else same.push(buffer)
    },
  }
}

/** One, two, four … MiB: few sizes, so that there is mostly one free. */
function sizeFor(length: number): number {
  let size = unit
  while (size < length) size *= 2
  return size
}
