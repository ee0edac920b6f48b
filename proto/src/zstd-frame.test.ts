// Security: what one decoder ignores another decodes. Only what this walker accepts may reach either of them.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'
import { type Bytes, concat, fromHex, u32le, utf8 } from './bytes.ts'
import { nodePrimitives } from './node.ts'
import { webPrimitives } from './web.ts'
import { oneZstdFrame } from './zstd-frame.ts'

const frameOf = (bytes: Bytes, params: Record<number, number> = {}): Bytes =>
  Uint8Array.from(zstdCompressSync(bytes, { params }))

const text = utf8('one text that repeats, one text that repeats, one text that repeats')
const samples = [
  new Uint8Array(),
  utf8('a'),
  text,
  new Uint8Array(300_000).fill(7),
  nodePrimitives.random(200_000),
]

async function refusedByBoth(frame: Bytes, length: number, name: string): Promise<void> {
  assert.equal(await nodePrimitives.decompress(frame, length), undefined, `node opens ${name}`)
  assert.equal(await webPrimitives.decompress(frame, length), undefined, `web opens ${name}`)
}

describe('a zstd frame', () => {
  it('is accepted as compressors make it, at every level', () => {
    for (const sample of samples) {
      for (const level of [1, 3, 9, 19]) {
        assert.ok(oneZstdFrame(frameOf(sample, { [constants.ZSTD_c_compressionLevel]: level })))
      }
    }
  })

  it('is refused when cut short anywhere, and with anything behind it', async () => {
    const frame = frameOf(text)
    for (let length = 0; length < frame.length; length++) {
      assert.equal(oneZstdFrame(frame.subarray(0, length)), false, `cut to ${length}`)
    }
    const skippable = fromHex('502a4d18' + '04000000' + '00000000') as Bytes
    const behind: [string, Bytes][] = [
      ['one zero', new Uint8Array(1)],
      ['a second frame', frame],
      ['an empty second frame', frameOf(new Uint8Array())],
      ['a skippable frame', skippable],
    ]
    for (const [name, more] of behind) {
      assert.equal(oneZstdFrame(concat(frame, more)), false, name)
      await refusedByBoth(concat(frame, more), text.length, name)
      await refusedByBoth(concat(frame, more), 2 * text.length, name)
      await refusedByBoth(concat(more, frame), text.length, `${name} before`)
    }
  })

  it('is refused with a checksum, which one of the decoders would not compare', async () => {
    const frame = frameOf(text, { [constants.ZSTD_c_checksumFlag]: 1 })
    assert.equal(oneZstdFrame(frame), false)
    await refusedByBoth(frame, text.length, 'a frame with a checksum')
  })

  it('is refused with a dictionary, named or not', async () => {
    const dictionary = Buffer.from(text)
    const unnamed = Uint8Array.from(zstdCompressSync(text, { dictionary }))
    assert.equal(await nodePrimitives.decompress(unnamed, text.length), undefined)
    // fzstd does not see that a match reaches before the first byte and takes zeros: wrong, but never the dictionary.
    const web = await webPrimitives.decompress(unnamed, text.length)
    assert.ok(web === undefined || web.every(byte => byte === 0))
    const frame = frameOf(text)
    for (const flag of [1, 2, 3]) {
      const named = Uint8Array.from(frame)
      named[4] = (named[4] as number) | flag
      const bytes = concat(named.subarray(0, 5), new Uint8Array(2 ** (flag - 1)), named.subarray(5))
      assert.equal(oneZstdFrame(bytes), false)
      await refusedByBoth(bytes, text.length, `a dictionary id of ${2 ** (flag - 1)} bytes`)
    }
  })

  it('is refused with the reserved bit, a reserved block type or another magic', () => {
    const frame = frameOf(text)
    const changed = (at: number, to: (byte: number) => number) => {
      const copy = Uint8Array.from(frame)
      copy[at] = to(copy[at] as number)
      return copy
    }
    assert.equal(oneZstdFrame(changed(4, byte => byte | 8)), false)
    assert.equal(oneZstdFrame(changed(6, byte => byte | 6)), false)
    for (let at = 0; at < 4; at++) assert.equal(oneZstdFrame(changed(at, byte => byte ^ 1)), false)
  })

  // One decoder opened frames that the other refused: a snapshot would be whole in one place and damaged in another.
  it('is refused with a window over 8 MiB, or a block longer than its window or 128 KiB', async () => {
    const frame = (header: string, blockBytes: number, type: number) =>
      concat(
        fromHex(`28b52ffd${header}`) as Bytes,
        u32le((blockBytes << 3) | (type << 1) | 1).subarray(0, 3),
        new Uint8Array(type === 1 ? 1 : blockBytes),
      )
    // Descriptor 00 and a window; descriptor a0, a single segment, and its content size.
    const good: [string, Bytes, number][] = [
      ['a window of 8 MiB', frame('0068', 1000, 1), 1000],
      ['a block of 128 KiB', frame('0068', 128 * 1024, 1), 128 * 1024],
      ['a single segment', frame('a0e8030000', 1000, 1), 1000],
    ]
    for (const [name, bytes, length] of good) {
      assert.ok(oneZstdFrame(bytes), name)
      assert.equal((await nodePrimitives.decompress(bytes, length))?.length, length, name)
      assert.equal((await webPrimitives.decompress(bytes, length))?.length, length, name)
    }
    const bad: [string, Bytes, number][] = [
      ['a window of 9 MiB', frame('0069', 1000, 1), 1000],
      ['a window of 128 MiB', frame('0088', 1000, 1), 1000],
      ['a window of 2 GiB', frame('00a8', 1000, 1), 1000],
      ['a block over 128 KiB', frame('0068', 128 * 1024 + 1, 1), 128 * 1024 + 1],
      ['a raw block over 128 KiB', frame('0068', 128 * 1024 + 1, 0), 128 * 1024 + 1],
      ['a block longer than its window', frame('0000', 1025, 1), 1025],
      ['a block longer than the content', frame('a0e8030000', 1001, 1), 1001],
      ['a content size over 8 MiB', frame('a001008000', 1000, 1), 1000],
      ['a content size of 2^63', frame('e00000000000000080', 1000, 1), 1000],
      ['a content size cut short', fromHex('28b52ffde000000000') as Bytes, 1000],
    ]
    for (const [name, bytes, length] of bad) {
      assert.equal(oneZstdFrame(bytes), false, name)
      await refusedByBoth(bytes, length, name)
    }
  })
})
