// Vectors of sealed objects: docs/format.md §3.
import { type Bytes, concat, hex, utf8 } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import { sealBody } from '@backstay/proto/content/seal'
import { type BodyParts, forgeBody, forgeObject, zstdBomb } from '@backstay/proto/content/testing/forge'
import { runContentVector } from '@backstay/proto/content/testing/vectors'
import { nodePrimitives as p } from '@backstay/proto/node'
import { fixedHeaderBytes } from '@backstay/proto/object/header'
import { objectId } from '@backstay/proto/object/id'
import { type Book, openBook } from './book.ts'
import { compressed, goodFrames, plainText, refusedFrames, wrongLengths } from './frames.ts'

const keys = { epoch: 3, objectKey: new Uint8Array(32).fill(7) }
const known = { epoch: 3, objectKey: hex(keys.objectKey) }
const id = (byte: number) => new Uint8Array(32).fill(byte)
const text = utf8('what a person who restores a lost folder at night wants back')

interface Opening {
  readonly reference: Reference
  readonly stored: Bytes
  readonly type?: string
  readonly known?: object
}

export async function writeSeals(): Promise<void> {
  const book = openBook('seal.json', 'Sealing objects, opening them, and refusing to.', runContentVector)
  const open = (
    name: string,
    { reference, stored, type = 'segment', known = {} }: Opening,
    failure?: string,
  ) =>
    book.add(
      name,
      'seal.open',
      { id: reference.id, key: hex(reference.key), type, stored: hex(stored), ...known },
      failure,
    )
  await writeSealing(book)

  const packed = { packed: hex(compressed), plainBytes: plainText.length, codec: 1 }
  await book.add('sealing a zstd frame', 'seal.packed', {
    ...known,
    type: 'page',
    children: [hex(id(1))],
    ...packed,
  })
  for (const { name, frame, length } of goodFrames) {
    const body = forgeBody({ packed: frame, plainBytes: length, codec: 1 })
    await open(`opening a frame with ${name}`, { ...(await forgeObject(p, keys, { body })), known })
  }

  const plain = { type: 'segment', children: [], bytes: text } as const
  const right = await sealBody(p, keys, plain, text, 0)
  await open('opening with the reference alone', right)
  await open('opening with the keys of its epoch', { ...right, known })
  await open('opening with the keys of another epoch', {
    ...right,
    known: { epoch: 4, objectKey: '00'.repeat(32) },
  })
  await writeRefusals(open, right)
  await writeBadBodies(open)
  book.write()
}

async function writeSealing(book: Book): Promise<void> {
  const raw = (name: string, type: string, children: readonly Bytes[], bytes: Bytes, epoch = 3) =>
    book.add(`sealing ${name}`, 'seal.raw', {
      ...known,
      epoch,
      type,
      children: children.map(hex),
      bytes: hex(bytes),
    })
  await raw('a segment', 'segment', [], text)
  await raw('nothing', 'segment', [], new Uint8Array())
  await raw('the same bytes as a page', 'page', [], text)
  await raw('the same bytes with a child', 'page', [id(1)], text)
  await raw('the same bytes with another child', 'page', [id(2)], text)
  await raw('the same bytes with two children', 'page', [id(1), id(2)], text)
  await raw('the same bytes in another epoch', 'segment', [], text, 65_535)
  await raw('a name list', 'names', [], text)
  await raw('a page of extents', 'extents', [id(1)], text)
}

type Open = (name: string, opening: Opening, failure?: string) => Promise<void>

async function writeRefusals(
  open: Open,
  right: { readonly reference: Reference; readonly stored: Bytes },
): Promise<void> {
  const { reference, stored } = right
  await open('of another type', { ...right, type: 'page' }, 'wrong_type')
  await open('a bit of the body turned', { ...right, stored: turned(stored, 40) }, 'wrong_id')
  await open('a bit of the header turned', { ...right, stored: turned(stored, 7) }, 'wrong_id')
  await open('cut short', { ...right, stored: stored.subarray(0, -1) }, 'wrong_id')
  const changed: [string, Bytes, string, string?][] = [
    ['a bit of the body turned, under its new id', turned(stored, 40), 'not_authentic'],
    ['a bit of the tag turned, under its new id', turned(stored, stored.length - 1), 'not_authentic'],
    ['another epoch in the header, under its new id', turned(stored, 7), 'not_authentic'],
    ['the magic changed, under its new id', turned(stored, 0), 'bad_object'],
    ['cut short, under its new id', stored.subarray(0, -1), 'bad_object'],
    ['a tag of 4 bytes, under its new id', stored.subarray(0, -12), 'bad_object'],
    ['a byte behind, under its new id', concat(stored, new Uint8Array(1)), 'bad_object'],
    ['the type rewritten, under its new id', rewritten(stored), 'not_authentic', 'page'],
  ]
  for (const [name, bytes, failure, type] of changed) {
    const renamed = { ...reference, id: objectId(await p.sha256(bytes)) }
    await open(name, { reference: renamed, stored: bytes, ...(type === undefined ? {} : { type }) }, failure)
  }
  await open('with another key', { ...right, reference: { ...reference, key: id(1) } }, 'not_authentic')
  const page = await sealBody(p, keys, { type: 'page', children: [id(1)], bytes: text }, text, 0)
  const lie = Uint8Array.from(page.stored)
  lie.set(id(2), fixedHeaderBytes)
  const lied = { reference: { ...page.reference, id: objectId(await p.sha256(lie)) }, stored: lie }
  await open('another child in the header, under its new id', { ...lied, type: 'page' }, 'not_authentic')
  const forged = await forgeObject(p, keys, { body: forgeBody({ packed: text }), key: id(9) })
  await open('a random key, when only the reference is known', forged)
  await open('a random key, when the derived one is known', { ...forged, known }, 'not_authentic')
}

async function writeBadBodies(open: Open): Promise<void> {
  const raw = { packed: text }
  const zstd = { packed: compressed, plainBytes: plainText.length, codec: 1 }
  const bodies: [string, Bytes | BodyParts][] = [
    ['no body', new Uint8Array()],
    ['a body of 8 bytes', new Uint8Array(8)],
    ['a raw body that claims less', { ...raw, plainBytes: text.length - 1 }],
    ['a raw body that claims more', { ...raw, plainBytes: text.length + 1 }],
    ['a packed length of another class', { ...raw, packedBytes: 2 * text.length }],
    ['a packed length of 4 GiB', { ...raw, packedBytes: 0xffffffff }],
    ['a plain length over the limit', { ...zstd, plainBytes: 8 * 1024 * 1024 + 1 }],
    ['codec 2', { ...zstd, codec: 2 }],
    ['no padding', { ...raw, padding: new Uint8Array() }],
    ['padding that is not zero', { ...raw, padding: Uint8Array.of(0, 0, 1) }],
    ['too much padding', { ...raw, padding: new Uint8Array(11) }],
    ['a bomb of 512 MiB', { packed: zstdBomb(512), plainBytes: 8 * 1024 * 1024, codec: 1 }],
    ...[...refusedFrames, ...wrongLengths].map(({ name, frame, length }): [string, BodyParts] => [
      `a frame with ${name}`,
      { packed: frame, plainBytes: length, codec: 1 },
    ]),
  ]
  for (const [name, given] of bodies) {
    const body = given instanceof Uint8Array ? given : forgeBody(given)
    await open(`a body: ${name}`, { ...(await forgeObject(p, keys, { body })), known }, 'bad_body')
  }
}

function turned(bytes: Bytes, at: number): Bytes {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

function rewritten(bytes: Bytes): Bytes {
  const copy = Uint8Array.from(bytes)
  copy[4] = 3
  return copy
}
