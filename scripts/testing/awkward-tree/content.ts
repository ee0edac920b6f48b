/** File contents of awkward size and kind, and files with holes. SLOW=1: one of them is a gibibyte, which everybody hashes. */
import type { Handle } from '@backstay/agent/system/system'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import type { Random } from '../random.ts'
import type { Grove } from './grove.ts'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte
const gibibyte = 1024 * mebibyte

/** Around the borders where buffers, blocks and segments end. */
const borders = [1, 511, 512, 4096, 16 * kibibyte, 64 * kibibyte, 128 * kibibyte, mebibyte]

export function awkwardContents(grove: Grove, at: Handle): void {
  const { random } = grove
  for (const name of ['empty', 'also-empty']) {
    grove.attempt('empty file', () => grove.file(at, utf8(name)))
  }
  for (const size of borders) {
    for (const bytes of [size - 1, size, size + 1]) {
      grove.attempt('file around a border', () =>
        grove.file(at, utf8(`size-${size}-${bytes}`), random.bytes(bytes)),
      )
    }
  }
  grove.attempt('large random file', () => grove.file(at, utf8('random'), random.bytes(5 * mebibyte + 3)))
  grove.attempt('large compressible file', () => grove.file(at, utf8('text'), text(random, 7 * mebibyte)))
  grove.attempt('large file of zeros, not sparse', () =>
    grove.file(at, utf8('zeros'), new Uint8Array(3 * mebibyte)),
  )
  const twice = random.bytes(100 * kibibyte)
  for (const name of ['twin-a', 'twin-b']) {
    grove.attempt('equal content', () => grove.file(at, utf8(name), twice))
  }
}

/** Mostly small, as on real disks. */
export function someContent(random: Random): Bytes {
  const size = Math.floor(2 ** (random.below(1500) / 100)) - 1
  return random.below(2) === 0 ? random.bytes(size) : text(random, size)
}

const words = ['the ', 'backup ', 'of ', 'a ', 'folder\n', 'comes ', 'back ', 'whole; ', '0123456789 ', '\t']

function text(random: Random, length: number): Bytes {
  const bytes = new Uint8Array(length)
  const encoded = words.map(utf8)
  for (let at = 0; at < length; ) {
    const word = random.pick(encoded)
    bytes.set(word.subarray(0, length - at), at)
    at += word.length
  }
  return bytes
}

interface Sparse {
  readonly name: string
  readonly size: number
  /** Where 4,096 bytes of data lie. */
  readonly data: readonly number[]
}

const sparseFiles: readonly Sparse[] = [
  { name: 'hole-first', size: 2 * mebibyte + 4096, data: [2 * mebibyte] },
  { name: 'hole-middle', size: 2 * mebibyte, data: [0, 2 * mebibyte - 4096] },
  { name: 'hole-last', size: 3 * mebibyte + 17, data: [0] },
  { name: 'hole-only', size: process.env.SLOW === '1' ? gibibyte : 64 * mebibyte, data: [] },
  {
    name: 'holes-between',
    size: 8 * mebibyte,
    data: Array.from({ length: 64 }, (_, i) => i * 128 * kibibyte),
  },
  { name: 'data-off-border', size: 4 * mebibyte + 1, data: [mebibyte + 7, 3 * mebibyte - 1] },
]

export function sparseContents(grove: Grove, at: Handle): void {
  const { system, random } = grove
  for (const { name, size, data } of sparseFiles) {
    grove.attempt('sparse file', () => {
      const file = system.createFile(at, utf8(name), 0o644)
      grove.grew(1)
      for (const position of data) system.write(file, random.bytes(4096), position)
      system.resize(file, size)
      system.close(file)
    })
  }
}
