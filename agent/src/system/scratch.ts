/** Names on their way into a system call: copied, ended with a NUL, in buffers that are used again and again. */

import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'

/** PATH_MAX with its NUL. */
const pathBytesMax = 4096

export interface PathBuffer {
  readonly bytes: Bytes
  /** Room for `/proc/self/fd/` and a number before the name. */
  set(name: Bytes, start?: number): number
}

export function pathBuffer(): PathBuffer {
  const bytes = new Uint8Array(pathBytesMax)
  return {
    bytes,
    /** 0, or a negative error number: a NUL inside would cut the name short in silence. */
    set(name, start = 0) {
      const length = name.length
      if (start + length >= pathBytesMax) return -constants.errno.ENAMETOOLONG
      for (let i = 0; i < length; i++) {
        const byte = name[i] as number
        if (byte === 0) return -constants.errno.EINVAL
        bytes[start + i] = byte
      }
      bytes[start + length] = 0
      return 0
    },
  }
}

/** Writes a signed number of up to 53 bits as 64 bits, little-endian, without a BigInt. */
export function setInt64(words: Uint32Array, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  words[at] = value - high * 0x1_0000_0000
  words[at + 1] = high
}

/** Reads a signed 64-bit number; exact within 53 bits. */
export function int64(words: Uint32Array, at: number): number {
  return ((words[at + 1] as number) | 0) * 0x1_0000_0000 + (words[at] as number)
}

/** An inode number as a number: see Stat.inode. */
export function foldInode(low: number, high: number): number {
  return high < 0x20_0000
    ? high * 0x1_0000_0000 + low
    : ((high ^ (high >>> 21)) & 0x1f_ffff) * 0x1_0000_0000 + low
}
