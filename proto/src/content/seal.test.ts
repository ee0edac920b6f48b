// Security: whatever is done to a stored object, it opens to what was sealed or not at all. On both sets of primitives.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { type Bytes, compareBytes, concat, equalBytes, hex, u32le, utf8 } from '../bytes.ts'
import { nodePrimitives } from '../node.ts'
import { bodyBytesMax, fixedHeaderBytes, tagBytes } from '../object/header.ts'
import { type ObjectId, objectId } from '../object/id.ts'
import { padme } from '../object/padding.ts'
import type { Primitives } from '../primitives.ts'
import { webPrimitives } from '../web.ts'
import type { Reference } from './entry.ts'
import { openObject, type Plain, plainBytesMax, sealBody, sealObject, sortedChildren } from './seal.ts'
import { forgeBody, forgeObject, zstdBomb } from './testing/forge.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const p = nodePrimitives
const sets = { node: nodePrimitives, web: webPrimitives }
const keys = { epoch: 3, objectKey: new Uint8Array(32).fill(7) }
const id = (byte: number) => new Uint8Array(32).fill(byte)
const text = utf8('what a person who restores a lost folder at night wants back')
const repeated = concat(text, text, text, text, text, text)

async function refused(
  reference: Reference,
  stored: Bytes,
  code: string | RegExp,
  name: string,
  { type = 'segment', known }: { type?: Plain['type']; known?: typeof keys } = {},
): Promise<void> {
  for (const [set, primitives] of Object.entries(sets)) {
    const opening = openObject(primitives, reference, type, stored, known)
    const expected = typeof code === 'string' ? new RegExp(`^${code}$`) : code
    await assert.rejects(opening, { name: 'Failure', code: expected }, `${name}, on ${set}`)
  }
}

/** What a thief of the store can do: other bytes under the id that belongs to them. */
async function renamed(reference: Reference, stored: Bytes): Promise<Reference> {
  return { ...reference, id: objectId(await p.sha256(stored)) }
}

describe('a frame made with a dictionary that it does not name', () => {
  // fzstd takes zeros for what a match finds before the first byte; the walk over a frame cannot see it.
  it('is refused, or opens to bytes that the SHA-256 of the content gives away', async () => {
    const dictionary = Buffer.from(repeated)
    const frame = Uint8Array.from(zstdCompressSync(repeated, { dictionary }))
    const plain = { type: 'segment', children: [], bytes: repeated } as const
    const { reference, stored } = await sealBody(p, keys, plain, frame, 1)
    await assert.rejects(openObject(nodePrimitives, reference, 'segment', stored, keys), { code: 'bad_body' })
    const opened = await openObject(webPrimitives, reference, 'segment', stored, keys).catch(() => undefined)
    if (opened === undefined) return
    assert.equal(opened.bytes.length, repeated.length)
    assert.notDeepEqual(await webPrimitives.sha256(opened.bytes), await p.sha256(repeated))
  })
})

describe('what was sealed opens', () => {
  it('to the same bytes and children, from either set on either set', async () => {
    const children = fc.uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
      maxLength: 5,
      comparator: equalBytes,
    })
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.array(fc.constantFrom(text, repeated), { maxLength: 9 }).map(parts => concat(...parts)),
    )
    const types = fc.constantFrom<Plain['type']>('segment', 'extents', 'page', 'names')
    await fc.assert(
      fc.asyncProperty(types, children, bytes, fc.nat(65_535), async (type, ids, plain, epoch) => {
        const plainObject = { type, children: ids.sort(compareBytes), bytes: plain }
        for (const sealing of Object.values(sets)) {
          const { reference, stored } = await sealObject(sealing, { ...keys, epoch }, plainObject)
          for (const opening of Object.values(sets)) {
            const opened = await openObject(opening, reference, type, stored, { ...keys, epoch })
            assert.deepEqual(opened, { bytes: plain, children: plainObject.children })
          }
        }
      }),
      { seed, numRuns: 40 },
    )
  })

  it('and sealed again has the same id, so nothing is stored twice', async () => {
    const plain: Plain = { type: 'page', children: [id(1)], bytes: repeated }
    assert.deepEqual(await sealObject(p, keys, plain), await sealObject(p, keys, plain))
  })

  it('and takes a Padmé length on disk, compressed when that is shorter', async () => {
    for (const bytes of [
      new Uint8Array(),
      utf8('x'),
      repeated,
      p.random(70_000),
      new Uint8Array(1_000_000),
    ]) {
      const { stored } = await sealObject(p, keys, { type: 'segment', children: [], bytes })
      const body = stored.length - fixedHeaderBytes - tagBytes
      assert.equal(padme(body), body)
      assert.ok(body <= padme(9 + bytes.length))
    }
  })

  it('from memory that is a view into a larger buffer, without touching it', async () => {
    const buffer = concat(utf8('before'), repeated, utf8('behind'))
    const copy = Uint8Array.from(buffer)
    const bytes = buffer.subarray(6, 6 + repeated.length)
    const { reference, stored } = await sealObject(p, keys, { type: 'segment', children: [], bytes })
    assert.deepEqual(buffer, copy)
    const around = concat(new Uint8Array(3), stored, new Uint8Array(3))
    const opened = await openObject(p, reference, 'segment', around.subarray(3, 3 + stored.length))
    assert.deepEqual(opened.bytes, repeated)
  })
})

describe('a stored object', () => {
  it('bitflip-everywhere: with any bit turned is refused, under its own id and under the id of the flipped bytes', async () => {
    for (const bytes of [repeated, utf8('raw')]) {
      const { reference, stored } = await sealObject(p, keys, { type: 'segment', children: [id(4)], bytes })
      for (let bit = 0; bit < stored.length * 8; bit++) {
        const flipped = Uint8Array.from(stored)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        const opening = openObject(p, reference, 'segment', flipped, keys)
        await assert.rejects(opening, { code: 'wrong_id' }, `bit ${bit}`)
        const again = openObject(p, await renamed(reference, flipped), 'segment', flipped)
        await assert.rejects(again, { code: /^(not_authentic|bad_object|wrong_type)$/ }, `bit ${bit}`)
      }
    }
  })

  it('short-tag: cut short anywhere, or with more behind it, is refused', async () => {
    const { reference, stored } = await sealObject(p, keys, { type: 'segment', children: [], bytes: text })
    for (let length = 0; length < stored.length; length++) {
      const cut = stored.subarray(0, length)
      await assert.rejects(openObject(p, reference, 'segment', cut), { code: 'wrong_id' })
      await assert.rejects(openObject(p, await renamed(reference, cut), 'segment', cut), {
        code: 'bad_object',
      })
    }
    // A tag of 4 bytes, with a header that agrees: what some versions of Node would accept.
    const short = stored.subarray(0, -12)
    await refused(await renamed(reference, short), short, 'bad_object', 'a tag of 4 bytes')
    const longer = concat(stored, new Uint8Array(1))
    await refused(await renamed(reference, longer), longer, 'bad_object', 'a byte behind')
  })

  it('type-confusion: that a person wrote so that it reads as a page is no page', async () => {
    const page = await sealObject(p, keys, { type: 'page', children: [], bytes: repeated })
    const file = await sealObject(p, keys, { type: 'segment', children: [], bytes: repeated })
    assert.notEqual(page.reference.id, file.reference.id)
    await refused(file.reference, file.stored, 'wrong_type', 'a segment as page', { type: 'page' })
    await refused(page.reference, page.stored, 'wrong_type', 'a page as segment')
    await refused(page.reference, page.stored, 'wrong_type', 'a page as extents', { type: 'extents' })
    // The type byte rewritten in the store.
    const rewritten = Uint8Array.from(file.stored)
    rewritten[4] = page.stored[4] as number
    const reference = await renamed(file.reference, rewritten)
    await refused(reference, rewritten, 'not_authentic', 'a rewritten type', { type: 'page' })
  })

  it('aad-nonce: with the same body but other children has another key', async () => {
    const lists = [[], [id(1)], [id(2)], [id(1), id(2)]]
    const objects = await Promise.all(
      lists.map(children => sealObject(p, keys, { type: 'page', children, bytes: text })),
    )
    assert.equal(new Set(objects.map(one => hex(one.reference.key))).size, lists.length)
    const bodies = objects.map(({ stored }, index) =>
      hex(stored.subarray(fixedHeaderBytes + 32 * (lists[index]?.length ?? 0))),
    )
    assert.equal(new Set(bodies).size, lists.length)
    // The same for the type and for the epoch, which stand in the header too.
    const other = await sealObject(p, keys, { type: 'names', children: [], bytes: text })
    const later = await sealObject(p, { ...keys, epoch: 4 }, { type: 'page', children: [], bytes: text })
    const all = [...objects, other, later].map(one => hex(one.reference.key))
    assert.equal(new Set(all).size, all.length)
  })

  it('child-list-lie: whose children were rewritten in the store is refused', async () => {
    const { reference, stored } = await sealObject(p, keys, { type: 'page', children: [id(1)], bytes: text })
    const other = Uint8Array.from(stored)
    other.set(id(2), fixedHeaderBytes)
    await refused(await renamed(reference, other), other, 'not_authentic', 'another child', { type: 'page' })
  })

  it('with the body and tag of another one is refused', async () => {
    const [a, b] = await Promise.all(
      [text, text.toReversed()].map(bytes => sealObject(p, keys, { type: 'segment', children: [], bytes })),
    )
    assert.equal(a?.stored.length, b?.stored.length)
    if (a === undefined || b === undefined) throw new Error('there are two')
    await refused({ id: b.reference.id, key: a.reference.key }, b.stored, 'not_authentic', 'another key')
    await refused(a.reference, b.stored, 'wrong_id', 'another object')
  })

  it('uncommitted-key: sealed under a random key is refused by whoever knows the derived one', async () => {
    const forged = await forgeObject(p, keys, { body: forgeBody({ packed: text }), key: id(9) })
    await refused(forged.reference, forged.stored, 'not_authentic', 'a random key', { known: keys })
    // Who holds only the reference believes the signed tree that gave it.
    const opened = await openObject(p, forged.reference, 'segment', forged.stored)
    assert.deepEqual(opened.bytes, text)
    // Keys of another epoch say nothing about it.
    const later = { epoch: 4, objectKey: id(5) }
    assert.deepEqual((await openObject(p, forged.reference, 'segment', forged.stored, later)).bytes, text)
  })
})

describe('a body that was sealed by the rules', () => {
  const frame = Uint8Array.from(zstdCompressSync(repeated))
  const right = { packed: frame, plainBytes: repeated.length, codec: 1 }

  it('opens as the forger made it, so that what follows is refused for its own reason', async () => {
    const forged = await forgeObject(p, keys, { body: forgeBody(right) })
    assert.deepEqual((await openObject(p, forged.reference, 'segment', forged.stored, keys)).bytes, repeated)
  })

  it('is refused when its lengths, its codec or its padding are not as they must be', async () => {
    const raw = { packed: text }
    const bodies: [string, Bytes][] = [
      ['no body', new Uint8Array()],
      ['8 bytes', new Uint8Array(8)],
      ['a raw length that is too small', forgeBody({ ...raw, plainBytes: text.length - 1 })],
      ['a raw length that is too great', forgeBody({ ...raw, plainBytes: text.length + 1 })],
      ['a packed length of another class', forgeBody({ ...raw, packedBytes: 2 * text.length })],
      ['a packed length of 4 GiB', forgeBody({ ...raw, packedBytes: 0xffffffff })],
      ['a plain length of 4 GiB', forgeBody({ ...right, plainBytes: 0xffffffff })],
      ['a plain length over the limit', forgeBody({ ...right, plainBytes: plainBytesMax + 1 })],
      ['a plain length that is too small', forgeBody({ ...right, plainBytes: repeated.length - 1 })],
      ['a plain length that is too great', forgeBody({ ...right, plainBytes: repeated.length + 1 })],
      ['codec 2', forgeBody({ ...right, codec: 2 })],
      ['codec 255', forgeBody({ ...right, codec: 255 })],
      ['no padding where there must be some', forgeBody({ ...raw, padding: new Uint8Array() })],
      ['padding that is not zero', forgeBody({ ...raw, padding: Uint8Array.of(0, 0, 1) })],
      ['too much padding', forgeBody({ ...raw, padding: new Uint8Array(64) })],
      ['zeros that claim to be a frame', forgeBody({ ...right, packed: new Uint8Array(frame.length) })],
      ['a frame cut short', forgeBody({ ...right, packed: frame.subarray(0, -1) })],
    ]
    assert.equal(padme(9 + text.length) - 9 - text.length, 3, 'the text leaves room for padding')
    for (const [name, body] of bodies) {
      const forged = await forgeObject(p, keys, { body })
      await refused(forged.reference, forged.stored, 'bad_body', name, { known: keys })
    }
  })

  it('frame-differential: is refused when it is not exactly one zstd frame', async () => {
    const skippable = concat(u32le(0x184d2a50), u32le(4), new Uint8Array(4))
    const checked = zstdCompressSync(repeated, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
    const half = Uint8Array.from(zstdCompressSync(repeated.subarray(text.length)))
    const named = Uint8Array.from(frame)
    named[4] = (named[4] as number) | 1
    const packings: [string, Bytes][] = [
      ['two frames', concat(frame, frame)],
      ['two frames of which the first is whole', concat(frame, half)],
      ['two frames that make the promised length', concat(Uint8Array.from(zstdCompressSync(text)), half)],
      ['an empty second frame', concat(frame, Uint8Array.from(zstdCompressSync(new Uint8Array())))],
      ['a byte behind', concat(frame, new Uint8Array(1))],
      ['a skippable frame behind', concat(frame, skippable)],
      ['a skippable frame before', concat(skippable, frame)],
      ['a dictionary id', concat(named.subarray(0, 5), Uint8Array.of(0), named.subarray(5))],
      ['a checksum', Uint8Array.from(checked)],
    ]
    for (const [name, packed] of packings) {
      const forged = await forgeObject(p, keys, { body: forgeBody({ ...right, packed }) })
      await refused(forged.reference, forged.stored, 'bad_body', name, { known: keys })
    }
  })

  it('zstd-bomb: that opens to 512 MiB from 16 KiB is refused without ever holding them', async () => {
    const packed = zstdBomb(512)
    assert.ok(packed.length < 17 * 1024)
    for (const plainBytes of [1024 * 1024, plainBytesMax]) {
      const forged = await forgeObject(p, keys, { body: forgeBody({ packed, plainBytes, codec: 1 }) })
      for (const [set, primitives] of Object.entries(sets)) {
        const before = process.memoryUsage().rss
        await assert.rejects(openObject(primitives, forged.reference, 'segment', forged.stored), {
          code: 'bad_body',
        })
        const grown = process.memoryUsage().rss - before
        assert.ok(grown < 64 * 1024 * 1024, `${set}: ${grown} bytes more`)
      }
    }
    const honest = forgeBody({ packed, plainBytes: 512 * 1024 * 1024, codec: 1 })
    const forged = await forgeObject(p, keys, { body: honest })
    await refused(forged.reference, forged.stored, 'bad_body', 'an honest bomb')
    // The same frame, small enough: what was refused was its length.
    const small = forgeBody({ packed: zstdBomb(8), plainBytes: plainBytesMax, codec: 1 })
    const opened = await forgeObject(p, keys, { body: small })
    for (const primitives of Object.values(sets) as Primitives[]) {
      const { bytes } = await openObject(primitives, opened.reference, 'segment', opened.stored)
      assert.equal(bytes.length, plainBytesMax)
    }
  })
})

describe('sealing', () => {
  it('refuses more plain bytes than an object may hold', async () => {
    const bytes = new Uint8Array(plainBytesMax + 1)
    await assert.rejects(sealObject(p, keys, { type: 'segment', children: [], bytes }), {
      code: 'object_too_large',
    })
  })

  // Bytes that do not compress, a few short of 8 MiB, were padded beyond the longest body that any reader takes:
  // sealed without a word, and lost.
  it('never makes an object that no one opens', async () => {
    const largest = p.random(bodyBytesMax - 4096 - 9)
    const plain = { type: 'segment', children: [], bytes: largest } as const
    const { reference, stored } = await sealBody(p, keys, plain, largest, 0)
    assert.deepEqual((await openObject(p, reference, 'segment', stored, keys)).bytes, largest)
    const bytes = p.random(largest.length + 1)
    await assert.rejects(sealObject(p, keys, { ...plain, bytes }), { code: 'object_too_large' })
    const zeros = new Uint8Array(plainBytesMax)
    assert.ok((await sealObject(p, keys, { ...plain, bytes: zeros })).stored.length < 64 * 1024)
  })

  it('names children in one order only', () => {
    assert.deepEqual(sortedChildren([id(2), id(1), id(2)]), [id(1), id(2)])
    assert.deepEqual(sortedChildren([]), [])
  })

  it('is where an id that has not 32 bytes is refused', () => {
    assert.throws(() => objectId(new Uint8Array(31)), { code: 'bad_id' })
    assert.equal(objectId(id(10)), '0a'.repeat(32) as ObjectId)
  })
})
