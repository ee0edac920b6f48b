// Vectors of object headers, padding and zstd frames: docs/format.md §2, §3.3, §6.
import { type Bytes, concat, hex, u32le } from '@backstay/proto/bytes'
import { encodeHeader, encodeRecord, type Header } from '@backstay/proto/object/header'
import { runObjectVector } from '@backstay/proto/object/testing/vectors'
import { openBook } from './book.ts'
import { goodFrames, refusedFrames, wrongLengths } from './frames.ts'

const id = (byte: number) => new Uint8Array(32).fill(byte)
const page: Header = { type: 'page', alg: 1, domain: 0, epoch: 258, bodyBytes: 64, children: [id(1), id(2)] }

export async function writeHeaders(): Promise<void> {
  const book = openBook(
    'object-header.json',
    'Headers of objects, and where an object ends.',
    runObjectVector,
  )
  const types = ['segment', 'extents', 'page', 'names'] as const
  for (const type of types) {
    await book.add(`writing a ${type}`, 'header.encode', {
      type,
      alg: 1,
      epoch: 1,
      bodyBytes: 4096,
      children: type === 'page' ? [hex(id(1)), hex(id(2))] : [],
    })
  }
  await book.add('writing a record', 'record.encode', { envelope: '010203', children: [] })
  await book.add('writing the record of a commit', 'record.encode', {
    envelope: '010203',
    children: [hex(id(9))],
  })

  const bytes = encodeHeader(page)
  await book.add('reading a header', 'header.decode', { bytes: hex(bytes) })
  await book.add('reading a header with the body behind it', 'header.decode', { bytes: `${hex(bytes)}ffff` })
  const stored = concat(bytes, new Uint8Array(64 + 16))
  await book.add('reading a whole object', 'object.decode', { stored: hex(stored) })
  const record = encodeRecord(Uint8Array.of(1, 2, 3))
  await book.add('reading a whole record', 'object.decode', { stored: hex(record) })

  const refuse = (name: string, changedBytes: Bytes) =>
    book.add(name, 'object.decode', { stored: hex(changedBytes) }, 'bad_object')
  const changes: [string, number, Bytes][] = [
    ['another magic', 0, Uint8Array.of(0x62)],
    ['a later magic', 3, Uint8Array.of(0x32)],
    ['type 0', 4, Uint8Array.of(0)],
    ['type 6', 4, Uint8Array.of(6)],
    ['a page that is not sealed', 5, Uint8Array.of(0)],
    ['algorithm 2', 5, Uint8Array.of(2)],
    ['the key domain of a group', 6, Uint8Array.of(1)],
    ['a body over the limit', 9, u32le(8 * 1024 * 1024 + 4097)],
    ['65,537 children', 13, u32le(65_537)],
    ['more children than there are bytes', 13, u32le(60_000)],
    ['children in the wrong order', 17, id(3)],
    ['a child twice', 17, id(2)],
  ]
  for (const [name, at, value] of changes) await refuse(name, changedAt(stored, at, value))
  await refuse('a record with an algorithm', changedAt(record, 5, Uint8Array.of(1)))
  await refuse('a record with an epoch', changedAt(record, 7, Uint8Array.of(1)))
  await refuse('no bytes', new Uint8Array())
  await refuse('a header cut short', stored.subarray(0, 16))
  await refuse('a child cut short', stored.subarray(0, 17 + 63))
  await refuse('an object cut short by one', stored.subarray(0, -1))
  await refuse('a tag of 4 bytes', stored.subarray(0, -12))
  await refuse('a byte behind', concat(stored, new Uint8Array(1)))
  await refuse('a record cut short', record.subarray(0, -1))
  book.write()
}

export async function writePadding(): Promise<void> {
  const book = openBook('padding.json', 'Padmé: the length that a body is padded to.', runObjectVector)
  const small = Array.from({ length: 300 }, (_, length) => length)
  await book.add('every length below 300', 'padding.lengths', { lengths: small })
  const powers = Array.from({ length: 16 }, (_, index) => 2 ** (index + 8))
  const near = powers.flatMap(power => [power - 1, power, power + 1, power + power / 3]).map(Math.floor)
  await book.add('lengths around powers of two', 'padding.lengths', { lengths: near })
  await book.add('far beyond any object', 'padding.lengths', {
    lengths: [2 ** 32 + 8, 2 ** 40 - 1, 2 ** 49 - 1],
  })
  book.write()
}

export async function writeFrames(): Promise<void> {
  const about = 'zstd frames: whether they are exactly one, and what they open to.'
  const book = openBook('zstd-frame.json', about, runObjectVector)
  for (const { name, frame, length } of [...goodFrames, ...wrongLengths, ...refusedFrames]) {
    await book.add(name, 'zstd.open', { frame: hex(frame), length })
  }
  book.write()
}

function changedAt(bytes: Bytes, at: number, value: Bytes): Bytes {
  const copy = Uint8Array.from(bytes)
  copy.set(value, at)
  return copy
}
