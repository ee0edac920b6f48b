// Vectors of what is cut by a keyed hash: docs/format.md §7 (files), §8.2 (levels of a map).
import { hex, utf8 } from '@backstay/proto/bytes'
import { runContentVector } from '@backstay/proto/content/testing/vectors'
import { openBook } from './book.ts'

const counting = (length: number) => hex(Uint8Array.from({ length }, (_, index) => index))
const mebi = 1024 * 1024

export async function writeSipHash(): Promise<void> {
  const book = openBook(
    'siphash.json',
    'SipHash-1-3, 64 bits, most significant digit first.',
    runContentVector,
  )
  for (const length of [0, 1, 7, 8, 9, 15, 16, 31, 32, 33, 255, 256, 300]) {
    await book.add(`${length} bytes that count up`, 'siphash', {
      key: counting(16),
      message: counting(length),
    })
  }
  await book.add('another key', 'siphash', { key: 'ff'.repeat(16), message: counting(32) })
  book.write()
}

export async function writeChunks(): Promise<void> {
  const book = openBook(
    'chunker.json',
    'Where files are cut. A part is a stream (zeros under AES-256-GCM, key SHA-256(seed), nonce zeros), one byte repeated, or hexadecimal.',
    runContentVector,
  )
  const chunkerKey = '11'.repeat(32)
  const cut = (name: string, parts: readonly object[], key = chunkerKey) =>
    book.add(name, 'chunker.cuts', { chunkerKey: key, parts })
  const stream = { seed: 'chunker', bytes: 5 * mebi }
  await cut('a file', [stream])
  await cut('the same file with a byte before it', [{ hex: '00' }, stream])
  await cut('the same file with another key', [stream], '22'.repeat(32))
  await cut('an empty file', [])
  await cut('a byte', [{ hex: '61' }])
  await cut('as long as the least chunk', [{ seed: 'chunker', bytes: 256 * 1024 }])
  await cut('longer than the least chunk by one', [{ seed: 'chunker', bytes: 256 * 1024 + 1 }])
  await cut('zeros', [{ fill: 0, bytes: 9 * mebi }])
  await cut('a hole in a file', [
    { seed: 'before', bytes: 600_000 },
    { fill: 0, bytes: 5 * mebi },
    { seed: 'behind', bytes: 600_000 },
  ])
  book.write()
}

export async function writeBorders(): Promise<void> {
  const book = openBook(
    'map-borders.json',
    'Where pages begin: indexes of their first items, from keys and sizes (which repeat).',
    runContentVector,
  )
  const borderKey = '33'.repeat(32)
  const keys = (count: number) => Array.from({ length: count }, (_, index) => hex(utf8(`item ${index}`)))
  const cut = (name: string, count: number, sizes: readonly number[], itemsMin = 1, key = borderKey) =>
    book.add(name, 'borders.cut', {
      borderKey: key,
      reach: itemsMin === 1 ? 32 : 16,
      itemsMin,
      sizes,
      keys: keys(count),
    })
  await cut('no items', 0, [1])
  await cut('one item', 1, [1])
  await cut('64 items: too near to the ends', 64, [1])
  await cut('300 items', 300, [1])
  await cut('300 items under another key', 300, [1], 1, '44'.repeat(32))
  await cut('only the first 16 bytes of the key count', 300, [1], 1, `${'33'.repeat(16)}${'44'.repeat(16)}`)
  await cut('items of 3,000 bytes are divided by bytes too', 200, [3000])
  await cut('items of different size', 200, [100, 40_000, 3, 30_000, 70_000])
  await cut('items longer than a page stand alone', 5, [70_000])
  await cut('but two together on inner pages', 7, [70_000], 2)
  await cut('200 items on inner pages', 200, [1], 2)
  book.write()
}
