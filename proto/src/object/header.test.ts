import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Bytes, compareBytes, concat, equalBytes, u32le } from '../bytes.ts'
import {
  bodyBytesMax,
  childrenMax,
  decodeHeader,
  decodeWhole,
  encodeHeader,
  encodeRecord,
  fixedHeaderBytes,
  type Header,
  headerBytes,
  type ObjectType,
  objectTypes,
} from './header.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const bad = { code: 'bad_object' }

const id = (byte: number) => new Uint8Array(32).fill(byte)
const page: Header = { type: 'page', alg: 1, domain: 0, epoch: 258, bodyBytes: 64, children: [id(1), id(2)] }
const object = concat(encodeHeader(page), new Uint8Array(64 + 16))

const headers = fc
  .record({
    type: fc.constantFrom(...(Object.keys(objectTypes) as ObjectType[])),
    epoch: fc.nat(65_535),
    bodyBytes: fc.nat(bodyBytesMax),
    children: fc.uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
      maxLength: 40,
      comparator: equalBytes,
    }),
  })
  .map(({ type, epoch, bodyBytes, children }): Header => {
    const record = type === 'record'
    return {
      type,
      alg: record ? 0 : 1,
      domain: 0,
      epoch: record ? 0 : epoch,
      bodyBytes,
      children: children.sort(compareBytes),
    }
  })

describe('the header of an object', () => {
  it('reads back as it was written, whatever lies behind it', () => {
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 20 }), (header, behind) => {
        const bytes = encodeHeader(header)
        assert.equal(headerBytes(bytes.subarray(0, fixedHeaderBytes)), bytes.length)
        assert.deepEqual(decodeHeader(concat(bytes, behind)), header)
      }),
      { seed, numRuns: 200 },
    )
  })

  it('is refused when cut short anywhere', () => {
    const bytes = encodeHeader(page)
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => decodeHeader(bytes.subarray(0, length)), bad, `cut to ${length}`)
    }
  })

  it('of random bytes is a header or a refusal, never another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, begun) => {
        const tried = begun ? concat(object.subarray(0, 4), bytes) : bytes
        try {
          decodeWhole(tried)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'bad_object')
        }
      }),
      { seed, numRuns: 500 },
    )
  })

  it('is refused with what this version does not know', () => {
    const changed: [string, number, Bytes][] = [
      ['another magic', 0, Uint8Array.of(0x62)],
      ['a later magic', 3, Uint8Array.of(0x32)],
      ['type 0', 4, Uint8Array.of(0)],
      ['type 6', 4, Uint8Array.of(6)],
      ['a page that is not sealed', 5, Uint8Array.of(0)],
      ['algorithm 2', 5, Uint8Array.of(2)],
      ['the key domain of a group', 6, Uint8Array.of(1)],
      ['a body over the limit', 9, u32le(bodyBytesMax + 1)],
      ['the longest body a number can say', 9, u32le(0xffffffff)],
      ['more children than allowed', 13, u32le(childrenMax + 1)],
      ['the most children a number can say', 13, u32le(0xffffffff)],
      ['one child more than there is', 13, u32le(3)],
    ]
    for (const [name, at, bytes] of changed) {
      const copy = encodeHeader(page)
      copy.set(bytes, at)
      assert.throws(() => decodeHeader(copy), bad, name)
    }
  })

  it('is refused unless its children are sorted and each stands there once', () => {
    for (const children of [
      [id(2), id(1)],
      [id(1), id(1)],
      [id(1), id(3), id(2)],
    ]) {
      assert.throws(() => decodeHeader(encodeHeader({ ...page, children })), bad)
    }
  })
})

describe('a whole object', () => {
  it('ends where its header says, not a byte earlier or later', () => {
    assert.equal(decodeWhole(object).body.length, 64 + 16)
    assert.throws(() => decodeWhole(object.subarray(0, -1)), bad)
    assert.throws(() => decodeWhole(concat(object, new Uint8Array(1))), bad)
    // A tag of 4 bytes is an object cut short, whatever a decryption routine would make of it.
    assert.throws(() => decodeWhole(object.subarray(0, -12)), bad)
  })

  it('of type record is an envelope in the clear, without a tag', () => {
    const envelope = Uint8Array.of(1, 2, 3)
    const { header, body } = decodeWhole(encodeRecord(envelope, [id(9)]))
    assert.deepEqual(body, envelope)
    assert.deepEqual(header.children, [id(9)])
    assert.equal(header.alg, 0)
  })

  // The epoch of a record was not looked at, so anyone could store one envelope under 65,536 different ids.
  it('of type record has no epoch', () => {
    const record = encodeRecord(Uint8Array.of(1, 2, 3))
    for (const at of [7, 8]) {
      const other = Uint8Array.from(record)
      other[at] = 1
      assert.throws(() => decodeWhole(other), bad)
    }
  })
})
