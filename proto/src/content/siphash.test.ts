import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type Bytes, viewOf } from '../bytes.ts'
import { sipHash } from './siphash.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const mask = (1n << 64n) - 1n

/** As the paper writes it, in 64-bit arithmetic. */
function reference(key: Bytes, message: Bytes, compressions: number, finalisations: number): bigint {
  const k0 = viewOf(key).getBigUint64(0, true)
  const k1 = viewOf(key).getBigUint64(8, true)
  let [v0, v1, v2, v3] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ]
  const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & mask
  const round = (times: number) => {
    for (let n = 0; n < times; n++) {
      v0 = (v0 + v1) & mask
      v1 = rotate(v1, 13n) ^ v0
      v0 = rotate(v0, 32n)
      v2 = (v2 + v3) & mask
      v3 = rotate(v3, 16n) ^ v2
      v0 = (v0 + v3) & mask
      v3 = rotate(v3, 21n) ^ v0
      v2 = (v2 + v1) & mask
      v1 = rotate(v1, 17n) ^ v2
      v2 = rotate(v2, 32n)
    }
  }
  const padded = new Uint8Array((Math.floor(message.length / 8) + 1) * 8)
  padded.set(message)
  padded[padded.length - 1] = message.length & 0xff
  for (let at = 0; at < padded.length; at += 8) {
    const word = viewOf(padded).getBigUint64(at, true)
    v3 ^= word
    round(compressions)
    v0 ^= word
  }
  v2 ^= 0xffn
  round(finalisations)
  return v0 ^ v1 ^ v2 ^ v3
}

const counting = (length: number) => Uint8Array.from({ length }, (_, index) => index)

it('the reference gives the example of the SipHash paper (2-4, appendix A)', () => {
  assert.equal(reference(counting(16), counting(15), 2, 4), 0xa129ca6149be45e5n)
})

it('SipHash-1-3 equals the reference for every key, length and place in a buffer', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(20),
      fc.nat(20),
      (key, bytes, before, behind) => {
        const start = Math.min(before, bytes.length)
        const end = Math.max(start, bytes.length - behind)
        const hash = sipHash(key)
        const high = hash.hash(bytes, start, end)
        const whole = (BigInt(high) << 32n) | BigInt(hash.low)
        assert.equal(whole, reference(key, bytes.subarray(start, end), 1, 3))
      },
    ),
    { seed, numRuns: 500 },
  )
})

it('two hashes with different keys do not disturb each other', () => {
  const [a, b] = [sipHash(counting(16)), sipHash(new Uint8Array(16))]
  const message = counting(33)
  const [first, low] = [a.hash(message, 0, 33), a.low]
  assert.notEqual(b.hash(message, 0, 33), first)
  assert.equal(a.low, low)
  assert.equal(a.hash(message, 0, 33), first)
})
