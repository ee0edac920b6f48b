// The two sets of primitives must agree, about what they accept and about what they refuse.
import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { constants, createZstdCompress, zstdCompressSync } from 'node:zlib'
import { type Bytes, concat, fromHex, hex, utf8 } from './bytes.ts'
import { nodePrimitives } from './node.ts'
import type { Primitives } from './primitives.ts'
import { webPrimitives } from './web.ts'

const sets = { node: nodePrimitives, web: webPrimitives }
const key = new Uint8Array(32).fill(3)
const nonce = new Uint8Array(12)

async function agree<T>(ask: (p: Primitives) => Promise<T>): Promise<T> {
  const [node, web] = await Promise.all([ask(nodePrimitives), ask(webPrimitives)])
  assert.deepEqual(web, node)
  return node
}

describe('both sets of primitives', () => {
  it('hash alike, whole and in parts', async () => {
    for (const length of [0, 1, 63, 64, 65, 100_000]) {
      const bytes = new Uint8Array(length).fill(length & 255)
      const whole = await agree(p => p.sha256(bytes))
      for (const p of Object.values(sets)) {
        const hasher = p.hasher()
        hasher.update(bytes.subarray(0, length >> 1))
        hasher.update(bytes.subarray(length >> 1))
        assert.equal(hex(hasher.digest()), hex(whole))
      }
    }
  })

  it('give the known answers of RFC 4231 case 2 and RFC 5869 case 3', async () => {
    const mac = await agree(p => p.hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))
    assert.equal(hex(mac), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
    const okm = await agree(p => p.hkdfSha256(new Uint8Array(22).fill(0x0b), '', 42))
    assert.equal(
      hex(okm),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    )
  })

  it('seal alike, and open only what nobody touched', async () => {
    const sealed = await agree(p => p.aeadSeal(key, nonce, utf8('aad'), utf8('message')))
    const behind = await agree(p => p.aeadSeal(key, nonce, utf8('aad'), utf8('message'), utf8('prefix')))
    assert.deepEqual(behind, concat(utf8('prefix'), sealed))
    assert.equal(sealed.length, 7 + 16)
    assert.deepEqual(await agree(p => p.aeadOpen(key, nonce, utf8('aad'), sealed)), utf8('message'))
    const damaged: [string, Bytes, Bytes][] = [
      ['other associated data', utf8('aae'), sealed],
      ['a short tag', utf8('aad'), sealed.subarray(0, 7 + 4)],
      ['nothing but half a tag', utf8('aad'), sealed.subarray(0, 8)],
    ]
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const turned = Uint8Array.from(sealed)
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7))
      damaged.push([`bit ${bit}`, utf8('aad'), turned])
    }
    for (const [name, aad, bytes] of damaged) {
      assert.equal(await agree(p => p.aeadOpen(key, nonce, aad, bytes)), undefined, name)
    }
  })

  it('derive one public key from a seed, and sign alike (RFC 8032 test 2)', async () => {
    const seed = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb') as Bytes
    const publicKey = await agree(async p => (await p.signingKey(seed)).publicKey)
    assert.equal(hex(publicKey), '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    const signature = await agree(async p => (await p.signingKey(seed)).sign(Uint8Array.of(0x72)))
    assert.ok(await agree(p => p.verify(publicKey, Uint8Array.of(0x72), signature)))
    assert.equal(await agree(p => p.verify(publicKey, Uint8Array.of(0x73), signature)), false)
    assert.equal(await agree(p => p.verify(publicKey.subarray(1), Uint8Array.of(0x72), signature)), false)
    assert.equal(await agree(p => p.verify(publicKey, Uint8Array.of(0x72), signature.subarray(1))), false)
  })

  it('refuse every signature under a key of small order, under which anyone can forge', async () => {
    const points = ['00', '01', 'ec', 'ed', 'ee'].map(
      first => first + (first < '02' ? '00' : 'ff').repeat(30),
    )
    const keys = [
      ...points.flatMap((start, index) =>
        index < 2 ? [`${start}00`, `${start}80`] : [`${start}7f`, `${start}ff`],
      ),
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    ].map(text => fromHex(text) as Bytes)
    for (const publicKey of keys) {
      for (const r of keys) {
        // R any point of small order, S = 0: satisfies the equation whenever h·A falls on the right point.
        const forged = concat(r, new Uint8Array(32))
        for (let n = 0; n < 3; n++) {
          assert.equal(await agree(p => p.verify(publicKey, utf8(`message ${n}`), forged)), false)
        }
      }
    }
  })

  it('open zstd frames alike', async () => {
    const texts = ['', 'a', 'abc'.repeat(1000), 'x'.repeat(300_000), seededNoise(200_000)]
    for (const text of texts) {
      const bytes = typeof text === 'string' ? utf8(text) : text
      for (const level of [1, 3, 19]) {
        const params = { [constants.ZSTD_c_compressionLevel]: level }
        const frame = Uint8Array.from(zstdCompressSync(bytes, { params }))
        if (bytes.length > 0) assert.deepEqual(await agree(p => p.decompress(frame, bytes.length)), bytes)
        assert.equal(await agree(p => p.decompress(frame, bytes.length + 1)), undefined)
        if (bytes.length > 1) assert.equal(await agree(p => p.decompress(frame, bytes.length - 1)), undefined)
        assert.equal(await agree(p => p.decompress(frame.subarray(0, -1), bytes.length)), undefined)
        assert.equal(await agree(p => p.decompress(concat(frame, Uint8Array.of(0)), bytes.length)), undefined)
        assert.equal(await agree(p => p.decompress(concat(frame, frame), bytes.length * 2)), undefined)
      }
    }
  })

  it('open frames alike whose size is not stated, of few blocks and of thousands', async () => {
    for (const blockBytes of [20, 1_000, 5_000]) {
      const text = utf8('words that come again, and '.repeat(400))
      const frame = await frameInBlocks(text, blockBytes)
      assert.deepEqual(await agree(p => p.decompress(frame, text.length)), text)
      for (const away of [-17, -16, -1, 1, 15, 16, 17]) {
        assert.equal(await agree(p => p.decompress(frame, text.length + away)), undefined, `${away} bytes`)
      }
    }
  })

  it('stop a zstd bomb at the promised length', async () => {
    const bomb = Uint8Array.from(zstdCompressSync(new Uint8Array(256 * 1024 * 1024)))
    const before = process.memoryUsage().rss
    assert.equal(await agree(p => p.decompress(bomb, 1024 * 1024)), undefined)
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024)
  })

  it('refuse a frame that asks for a window of 2 GiB without reserving it', async () => {
    // Window descriptor 21 << 3: 2^31 bytes; then one empty last block.
    const frame = fromHex('28b52ffd00a8010000') as Bytes
    const before = process.memoryUsage().rss
    assert.equal(await agree(p => p.decompress(frame, 1)), undefined)
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024)
  })

  it('give random bytes of any length', () => {
    for (const p of Object.values(sets)) {
      assert.equal(p.random(0).length, 0)
      assert.equal(p.random(200_000).length, 200_000)
      assert.notEqual(hex(p.random(32)), hex(p.random(32)))
    }
  })
})

/** A frame that a stream made which was flushed all the time. */
async function frameInBlocks(text: Bytes, blockBytes: number): Promise<Bytes> {
  const compressor = createZstdCompress()
  const frame = buffer(compressor)
  for (let at = 0; at < text.length; at += blockBytes) {
    compressor.write(text.subarray(at, at + blockBytes))
    await new Promise<void>(resolve => compressor.flush(constants.ZSTD_e_flush, () => resolve()))
  }
  compressor.end()
  return Uint8Array.from(await frame)
}

function seededNoise(length: number): Bytes {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}
