import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fromHex, utf8 } from './bytes.ts'
import { nodePrimitives } from './node.ts'
import { isSmallOrder } from './small-order.ts'

// The eight points whose order divides 8, in all their encodings: y, y + p where that fits, each with both signs.
const encodings = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]

it('every encoding of a point of small order is known, with either sign', () => {
  for (const text of encodings) {
    const key = fromHex(text) as Uint8Array
    assert.ok(isSmallOrder(key), text)
    key[31] = (key[31] as number) ^ 0x80
    assert.ok(isSmallOrder(key), `${text} with the other sign`)
  }
})

it('keys that people have are not refused', async () => {
  for (let n = 0; n < 50; n++) {
    const seed = await nodePrimitives.sha256(utf8(`seed ${n}`))
    assert.equal(isSmallOrder((await nodePrimitives.signingKey(seed)).publicKey), false)
  }
  // One bit beside a bad one.
  for (const text of encodings) {
    const key = fromHex(text) as Uint8Array
    key[16] = (key[16] as number) ^ 1
    assert.equal(isSmallOrder(key), false)
  }
})
