import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { concat, u32le } from '../bytes.ts'
import { nodePrimitives as p } from '../node.ts'
import { objectBytesMax, objectTypes } from './header.ts'
import type { DeviceId, ObjectId } from './id.ts'
import { backstay } from './object.pb.js'
import {
  decodeFrameHeader,
  decodeIndex,
  decodePackHeader,
  decodeTrailer,
  encodeFrameHeader,
  encodeIndex,
  encodePackHeader,
  encodeTrailer,
  frameHeaderBytes,
  type Packed,
  packHeaderBytes,
  packKindOf,
  trailerBytes,
} from './pack.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const bad = { code: 'bad_pack' }
const frame = { domain: '0d'.repeat(16) as DeviceId, id: '1d'.repeat(32) as ObjectId, length: 77 }

describe('a pack begins with a header', () => {
  it('that says its kind and nothing else', () => {
    for (const kind of ['segments', 'pages'] as const) {
      const bytes = encodePackHeader(kind)
      assert.equal(bytes.length, packHeaderBytes)
      assert.equal(decodePackHeader(bytes), kind)
      assert.deepEqual(bytes.subarray(6), new Uint8Array(10))
    }
  })

  it('that is refused when cut short, of another magic, version or kind', () => {
    const bytes = encodePackHeader('pages')
    for (let length = 0; length < packHeaderBytes; length++) {
      assert.throws(() => decodePackHeader(bytes.subarray(0, length)), bad)
    }
    for (const [at, value] of [
      [0, 0x62],
      [4, 0],
      [4, 2],
      [5, 0],
      [5, 3],
    ] as const) {
      const copy = Uint8Array.from(bytes)
      copy[at] = value
      assert.throws(() => decodePackHeader(copy), bad)
    }
  })

  it('and holds segments apart from all else', () => {
    const kinds = Object.keys(objectTypes).map(type => packKindOf(type as keyof typeof objectTypes))
    assert.deepEqual(kinds, ['segments', 'pages', 'pages', 'pages', 'pages'])
  })
})

describe('a frame header', () => {
  it('reads back as it was written', () => {
    const bytes = encodeFrameHeader(frame)
    assert.equal(bytes.length, frameHeaderBytes)
    assert.deepEqual(decodeFrameHeader(concat(bytes, new Uint8Array(9))), frame)
  })

  it('with any one bit turned, or cut short, is where a torn tail begins', () => {
    const bytes = encodeFrameHeader(frame)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const copy = Uint8Array.from(bytes)
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
      assert.equal(decodeFrameHeader(copy), undefined, `bit ${bit}`)
    }
    for (let length = 0; length < frameHeaderBytes; length++) {
      assert.equal(decodeFrameHeader(bytes.subarray(0, length)), undefined)
    }
  })

  it('that claims more than any object has is none, even with a right CRC', () => {
    assert.ok(decodeFrameHeader(encodeFrameHeader({ ...frame, length: objectBytesMax })))
    assert.equal(decodeFrameHeader(encodeFrameHeader({ ...frame, length: objectBytesMax + 1 })), undefined)
    assert.equal(decodeFrameHeader(encodeFrameHeader({ ...frame, length: 0xffffffff })), undefined)
  })
})

describe('the index of a pack', () => {
  const hexOf = (bytes: number) =>
    fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(value => value.toHex())
  const rows = fc.array(
    fc.record(
      {
        domain: hexOf(16) as fc.Arbitrary<DeviceId>,
        id: hexOf(32) as fc.Arbitrary<ObjectId>,
        type: fc.constantFrom(...(Object.keys(objectTypes) as Packed['type'][])),
        offset: fc.maxSafeNat(),
        length: fc.nat(objectBytesMax),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 20 },
  )

  it('reads back as it was written', () => {
    fc.assert(
      fc.property(rows, objects => assert.deepEqual(decodeIndex(encodeIndex(objects)), objects)),
      { seed, numRuns: 100 },
    )
  })

  it('of random bytes is an index or a refusal, never another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          decodeIndex(bytes)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'bad_pack')
        }
      }),
      { seed, numRuns: 500 },
    )
  })

  // A row with a domain of 15 bytes threw bad_id, which no reader of packs expects.
  it('is refused as a bad pack when a row has no whole ids, no known type or no possible place', () => {
    const row = { domain: new Uint8Array(16), id: new Uint8Array(32), offset: 16, length: 1, type: 1 }
    const encode = (changes: object) =>
      backstay.object.PackIndex.encode({ objects: [{ ...row, ...changes }] }).finish()
    assert.equal(decodeIndex(encode({})).length, 1)
    for (const changes of [
      { domain: new Uint8Array(15) },
      { domain: null },
      { id: new Uint8Array(33) },
      { id: null },
      { type: 0 },
      { type: 6 },
      { offset: 2 ** 53 },
      { offset: 2 ** 64 - 2048 },
    ]) {
      assert.throws(() => decodeIndex(encode(changes)), bad, JSON.stringify(changes))
    }
  })
})

describe('the trailer of a pack', () => {
  it('is found in the last 40 bytes and nowhere else', async () => {
    const index = encodeIndex([])
    const trailer = encodeTrailer(index, await p.sha256(index))
    assert.equal(trailer.length, trailerBytes)
    assert.deepEqual(decodeTrailer(trailer), { indexBytes: 0, sha256: await p.sha256(index) })
    assert.equal(decodeTrailer(trailer.subarray(1)), undefined)
    assert.equal(decodeTrailer(concat(trailer, u32le(0))), undefined)
    for (let at = 36; at < 40; at++) {
      const copy = Uint8Array.from(trailer)
      copy[at] = (copy[at] as number) ^ 1
      assert.equal(decodeTrailer(copy), undefined)
    }
  })
})
