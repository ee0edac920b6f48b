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
  /** The smallest first. Bounded by what was in use at one time, which is bounded by who waits for it to be sealed. */
  const free: SharedArrayBuffer[] = []
  return {
    take(length) {
      const size = sizeFor(length)
      const at = free.findIndex(({ byteLength }) => byteLength === size || byteLength === 2 * size)
      const [buffer] = at < 0 ? [] : free.splice(at, 1)
      return new Uint8Array(buffer ?? new SharedArrayBuffer(size), 0, length)
    },
    giveBack({ buffer }) {
      if (!(buffer instanceof SharedArrayBuffer)) return
      const at = free.findIndex(other => other.byteLength >= buffer.byteLength)
      free.splice(at < 0 ? free.length : at, 0, buffer)
    },
  }
}

/** One, two, four … MiB: few sizes, so that there is mostly one free. */
function sizeFor(length: number): number {
  let size = unit
  while (size < length) size *= 2
  return size
}
