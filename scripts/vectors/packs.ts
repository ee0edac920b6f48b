// Vectors of packs: docs/format.md §5.
import { type Bytes, concat, hex, utf8 } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeRecord, objectBytesMax } from '@backstay/proto/object/header'
import { type DeviceId, objectId } from '@backstay/proto/object/id'
import {
  encodeFrameHeader,
  encodeIndex,
  encodePackHeader,
  encodeTrailer,
  frameHeaderBytes,
  type Packed,
  packHeaderBytes,
} from '@backstay/proto/object/pack'
import { runObjectVector } from '@backstay/proto/object/testing/vectors'
import { backstay } from '../../proto/src/object/object.pb.js'
import { openBook } from './book.ts'

const domain = '0d'.repeat(16) as DeviceId

export async function writePacks(): Promise<void> {
  const book = openBook(
    'pack.json',
    'Packs: header, frames, index, trailer, whole and torn.',
    runObjectVector,
  )
  for (const kind of ['segments', 'pages'] as const) {
    await book.add(`the header of a pack of ${kind}`, 'pack-header.encode', { kind })
  }
  const header = encodePackHeader('pages')
  const open = (name: string, bytes: Bytes, failure?: string) =>
    book.add(name, 'pack-header.decode', { bytes: hex(bytes) }, failure)
  await open('reading a header', header)
  await open('a header cut short', header.subarray(0, -1), 'bad_pack')
  await open('another magic', changedAt(header, 3, 0x32), 'bad_pack')
  await open('version 2', changedAt(header, 4, 2), 'bad_pack')
  await open('kind 3', changedAt(header, 5, 3), 'bad_pack')

  const frame = { domain, id: objectId(new Uint8Array(32).fill(0x1d)), length: 77 }
  await book.add('a frame header', 'frame.encode', frame)
  const frameBytes = encodeFrameHeader(frame)
  const decode = (name: string, bytes: Bytes) => book.add(name, 'frame.decode', { bytes: hex(bytes) })
  await decode('reading a frame header', frameBytes)
  await decode('one bit of its length turned', changedAt(frameBytes, 4, 76))
  await decode('one bit of its domain turned', changedAt(frameBytes, 8, 0x0c))
  await decode('one bit of its checksum turned', changedAt(frameBytes, 59, (frameBytes[59] as number) ^ 1))
  await decode('cut short', frameBytes.subarray(0, -1))
  await decode('of the longest object', encodeFrameHeader({ ...frame, length: objectBytesMax }))
  await decode('of an object over the limit', encodeFrameHeader({ ...frame, length: objectBytesMax + 1 }))
  await book.add('the check value of CRC-32', 'crc32.of', { bytes: hex(utf8('123456789')) })

  await writeWhole(book)
  await writeIndex(book)
  book.write()
}

async function writeWhole(book: ReturnType<typeof openBook>): Promise<void> {
  const objects: Packed[] = []
  let pack = encodePackHeader('pages')
  for (const envelope of ['first', 'second', 'third'].map(utf8)) {
    const stored = encodeRecord(envelope)
    const id = objectId(await p.sha256(stored))
    const offset = pack.length + frameHeaderBytes
    objects.push({ domain, id, type: 'record', offset, length: stored.length })
    pack = concat(pack, encodeFrameHeader({ domain, id, length: stored.length }), stored)
  }
  const index = encodeIndex(objects)
  const trailer = encodeTrailer(index, await p.sha256(index))
  await book.add('index and trailer of three records', 'pack-end.encode', { objects })
  await book.add('index and trailer of nothing', 'pack-end.encode', { objects: [] })
  const read = (name: string, bytes: Bytes, failure?: string) =>
    book.add(name, 'pack.read', { pack: hex(bytes) }, failure)
  const sealed = concat(pack, index, trailer)
  await read('a sealed pack', sealed)
  await read('an open pack', pack)
  await read('a pack with nothing in it', pack.subarray(0, packHeaderBytes))
  await read('torn in an object', pack.subarray(0, -3))
  await read('torn in a frame header', pack.subarray(0, (objects[2]?.offset ?? 0) - 10))
  await read('torn in the index', concat(pack, index.subarray(0, -5)))
  await read('torn in the trailer', sealed.subarray(0, -1))
  await read('a byte of an object changed', changedAt(sealed, (objects[1]?.offset ?? 0) + 20, 0))
  await read('a frame header changed', changedAt(sealed, (objects[1]?.offset ?? 0) - 5, 0))
  await read('a byte of the index changed', changedAt(sealed, pack.length + 4, 0))
  await read('the hash in the trailer changed', changedAt(sealed, sealed.length - 30, 0))
  await read('a ruined header', changedAt(sealed, 0, 0), 'bad_pack')
  await book.add('reading a trailer', 'trailer.decode', { bytes: hex(trailer) })
  await book.add('no trailer', 'trailer.decode', { bytes: hex(changedAt(trailer, 39, 0)) })
}

async function writeIndex(book: ReturnType<typeof openBook>): Promise<void> {
  const row = { domain: new Uint8Array(16), id: new Uint8Array(32), offset: 76, length: 20, type: 4 }
  const read = (name: string, changes: object, failure?: string) => {
    const bytes = backstay.object.PackIndex.encode({ objects: [{ ...row, ...changes }] }).finish()
    return book.add(`an index with ${name}`, 'index.decode', { bytes: hex(bytes) }, failure)
  }
  await read('one row', {})
  await read('a domain of 15 bytes', { domain: new Uint8Array(15) }, 'bad_pack')
  await read('an id of 31 bytes', { id: new Uint8Array(31) }, 'bad_pack')
  await read('an unknown type', { type: 6 }, 'bad_pack')
  await read('an offset beyond 2^53', { offset: 2 ** 53 }, 'bad_pack')
  await book.add('an index of random bytes', 'index.decode', { bytes: 'ff'.repeat(20) }, 'bad_pack')
}

function changedAt(bytes: Bytes, at: number, value: number): Bytes {
  const copy = Uint8Array.from(bytes)
  copy[at] = copy[at] === value ? value ^ 1 : value
  return copy
}
