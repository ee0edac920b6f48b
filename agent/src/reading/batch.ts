/**
 * A batch: small files for a thread to read, and what it read, in memory that both sides see. One buffer, used again and
 * again; who may write it is agreed by turns: the main thread until the batch is sent, the reading thread until it
 * answers, then the main thread again.
 *
 *     numbers f64 × 10 each | names 256 bytes each | SHA-256 32 bytes each | state 1 byte each | content one after another
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Found } from '../scan/walk.ts'
import { type Handle, nameBytesMax, type StatBuffer } from '../system/system.ts'

/** Fewer cost more turns between the threads; more make the first of them wait longer. */
const filesMax = 32
/** Larger files are read where they are cut; a thread only has the disk fetch their beginning. */
export const earlyBytesMax = 128 * 1024
const contentBytes = 384 * 1024

const numbersOf = 10
const nameBytes = nameBytesMax + 1
const namesAt = filesMax * numbersOf * 8
const hashesAt = namesAt + filesMax * nameBytes
const statesAt = hashesAt + filesMax * 32
const contentAt = statesAt + filesMax
const hashBytes = 32

/** What a thread is to read: only when the file is still just as it was when it was found. */
export interface Wanted {
  readonly folder: Handle
  readonly name: Bytes
  readonly trace: Pick<
    StatBuffer,
    'inode' | 'size' | 'mtimeS' | 'mtimeNs' | 'ctimeS' | 'ctimeNs' | 'deviceMajor' | 'deviceMinor'
  >
  /** Where its bytes go, as long as its size; empty when it is only to be fetched. */
  readonly content: Bytes
  readonly sha256: Bytes
}

export interface Batch {
  readonly memory: SharedArrayBuffer
  readonly files: number
  /** Begins anew. */
  clear(): void
  /** False when it has no place left. */
  add(found: Found): boolean
  wanted(index: number): Wanted
  /** Whether the file was read whole and stayed the same. */
  isRead(index: number): boolean
  setRead(index: number): void
}

/** Over new memory, or over what the other side sent, with so many files in it. */
export function batchOver(
  memory: SharedArrayBuffer = new SharedArrayBuffer(contentAt + contentBytes),
  count = 0,
): Batch {
  const numbers = new Float64Array(memory, 0, filesMax * numbersOf)
  const bytes = new Uint8Array(memory)
  let files = count
  let used = 0

  return {
    memory,
    get files() {
      return files
    },
    clear() {
      bytes.fill(0, statesAt, statesAt + filesMax)
      files = 0
      used = 0
    },
    add({ folder, name, stat }) {
      const length = stat.size > earlyBytesMax ? 0 : stat.size
      if (files === filesMax || used + length > contentBytes) return false
      bytes.set(name, namesAt + files * nameBytes)
      const { inode, size, mtimeS, mtimeNs, ctimeS, ctimeNs, deviceMajor, deviceMinor } = stat
      const device = deviceMajor * 2 ** 20 + deviceMinor
      numbers.set(
        [folder, name.length, contentAt + used, inode, size, mtimeS, mtimeNs, ctimeS, ctimeNs, device],
        files * numbersOf,
      )
      used += length
      files++
      return true
    },
    wanted(index) {
      const number = (field: number) => numbers[index * numbersOf + field] as number
      const nameAt = namesAt + index * nameBytes
      const at = number(2)
      const hashAt = hashesAt + index * hashBytes
      return {
        folder: number(0),
        name: bytes.subarray(nameAt, nameAt + number(1)),
        trace: {
          inode: number(3),
          size: number(4),
          mtimeS: number(5),
          mtimeNs: number(6),
          ctimeS: number(7),
          ctimeNs: number(8),
          deviceMajor: Math.floor(number(9) / 2 ** 20),
          deviceMinor: number(9) % 2 ** 20,
        },
        content: bytes.subarray(at, number(4) > earlyBytesMax ? at : at + number(4)),
        sha256: bytes.subarray(hashAt, hashAt + hashBytes),
      }
    },
    isRead: index => bytes[statesAt + index] === 1,
    setRead(index) {
      bytes[statesAt + index] = 1
    },
  }
}
