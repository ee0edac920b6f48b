import assert from 'node:assert/strict'
import { it } from 'node:test'
import { crc32 as zlib } from 'node:zlib'
import { utf8 } from './bytes.ts'
import { crc32 } from './crc32.ts'

it('CRC-32 gives the check value of its catalogue entry and what zlib gives', () => {
  assert.equal(crc32(utf8('123456789')), 0xcbf43926)
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 0xff)
    assert.equal(crc32(bytes), zlib(bytes))
  }
})

it('CRC-32 of a frame header changes with every single bit', () => {
  const header = new Uint8Array(56).fill(0x5a)
  const right = crc32(header)
  for (let bit = 0; bit < 56 * 8; bit++) {
    header[bit >> 3] = (header[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.notEqual(crc32(header), right)
    header[bit >> 3] = (header[bit >> 3] as number) ^ (1 << (bit & 7))
  }
})
