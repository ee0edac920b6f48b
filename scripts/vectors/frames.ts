// zstd frames that are given as they are: compressors differ, and a reader must open what any of them makes.
import { type Bytes, concat, fromHex, u32le, utf8 } from '@backstay/proto/bytes'

export const plainText = utf8('a folder, a folder, and in it a folder: '.repeat(8))

const start = '28b52ffd'

/** What the frame of one compressor looks like: content size, one compressed block. */
export const compressed = bytesOf(
  '28b52ffd604000250100a06120666f6c6465722c206e6420696e2069743a2c0500004ba900f8b51476b3c41aa50b',
)
const checked = bytesOf(
  '28b52ffd644000250100a06120666f6c6465722c206e6420696e2069743a2c0500004ba900f8b51476b3c41aa50b339bdec9',
)
const withoutSize = bytesOf(
  '28b52ffd0000250100a06120666f6c6465722c206e6420696e2069743a2c0500004ba900f8b51476b3c41aa50b',
)

/** One block of the bytes as they are. */
export function storedFrame(bytes: Bytes): Bytes {
  return concat(bytesOf(`${start}a0`), u32le(bytes.length), block(bytes.length, 0), bytes)
}

/** One byte, `count` times: 17 bytes of frame. */
export function repeatFrame(byte: number, count: number): Bytes {
  return concat(bytesOf(`${start}a0`), u32le(count), block(count, 1), Uint8Array.of(byte))
}

function block(length: number, type: number): Bytes {
  return u32le((length << 3) | (type << 1) | 1).subarray(0, 3)
}

export interface Packing {
  readonly name: string
  readonly frame: Bytes
  readonly length: number
}

const length = plainText.length
export const goodFrames: readonly Packing[] = [
  { name: 'a compressed block', frame: compressed, length },
  { name: 'no content size', frame: withoutSize, length },
  { name: 'a stored block', frame: storedFrame(plainText), length },
  { name: 'one byte a thousand times', frame: repeatFrame(7, 1000), length: 1000 },
]

const skippable = bytesOf('502a4d180400000000000000')
const badFrames: readonly [string, Bytes][] = [
  ['no bytes', new Uint8Array()],
  ['a frame cut short', compressed.subarray(0, -1)],
  ['a byte behind', concat(compressed, new Uint8Array(1))],
  ['two frames', concat(compressed, compressed)],
  ['two frames that have the promised length together', concat(half(0), half(1))],
  ['an empty frame behind', concat(compressed, storedFrame(new Uint8Array()))],
  ['a skippable frame behind', concat(compressed, skippable)],
  ['a skippable frame before', concat(skippable, compressed)],
  ['a checksum', checked],
  [
    'a dictionary id',
    concat(bytesOf(`${start}a1`), u32le(1).subarray(0, 1), storedFrame(plainText).subarray(5)),
  ],
  ['the reserved bit', changed(compressed, 4, byte => byte | 8)],
  ['a reserved block type', changed(storedFrame(plainText), 9, byte => byte | 6)],
  ['a window of 9 MiB', concat(bytesOf('28b52ffd0069'), block(length, 0), plainText)],
  ['a block longer than its window', concat(bytesOf(`${start}2001`), block(length, 0), plainText)],
  ['another magic', changed(compressed, 0, byte => byte ^ 1)],
]
export const refusedFrames: readonly Packing[] = badFrames.map(([name, frame]) => ({ name, frame, length }))

/** Not by the walk over the frame: the promised length is not what comes out. */
export const wrongLengths: readonly Packing[] = [
  { name: 'one byte less than promised', frame: compressed, length: length + 1 },
  { name: 'one byte more than promised', frame: compressed, length: length - 1 },
  { name: 'a thousand bytes for one', frame: repeatFrame(7, 1000), length: 1 },
]

function half(which: 0 | 1): Bytes {
  const middle = length / 2
  return storedFrame(which === 0 ? plainText.subarray(0, middle) : plainText.subarray(middle))
}

function changed(bytes: Bytes, at: number, change: (byte: number) => number): Bytes {
  const copy = Uint8Array.from(bytes)
  copy[at] = change(copy[at] as number)
  return copy
}

function bytesOf(text: string): Bytes {
  const read = fromHex(text)
  if (read === undefined) throw new Error('not hexadecimal')
  return read
}
