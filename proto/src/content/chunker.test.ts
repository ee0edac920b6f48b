import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Bytes, concat } from '../bytes.ts'
import { nodePrimitives as p } from '../node.ts'
import { padme } from '../object/padding.ts'
import { noise } from '../testing/noise.ts'
import { type Chunker, chunkBytesMax, chunkBytesMin, makeChunker } from './chunker.ts'
import { sealBody } from './seal.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const mebi = 1024 * 1024

function cutsOf(chunker: Chunker, bytes: Bytes): number[] {
  const cuts: number[] = []
  for (let start = 0; start < bytes.length; start = cuts.at(-1) as number) {
    cuts.push(chunker.cut(bytes, start, bytes.length))
  }
  return cuts
}

function lengthsOf(cuts: readonly number[]): number[] {
  return cuts.map((cut, index) => cut - (cuts[index - 1] ?? 0))
}

const chunker = await makeChunker(p, new Uint8Array(32).fill(7))
const file = noise(seed, 48 * mebi)
const cuts = cutsOf(chunker, file)

it('cuts the same bytes at the same places, again and with another chunker of the same key', async () => {
  const again = await makeChunker(p, new Uint8Array(32).fill(7))
  assert.deepEqual(cutsOf(again, file), cuts)
})

it('keeps to the least and the greatest length, and to 1 MiB on average', () => {
  const lengths = lengthsOf(cuts)
  assert.equal(
    lengths.reduce((sum, length) => sum + length, 0),
    file.length,
  )
  for (const length of lengths.slice(0, -1)) assert.ok(length > chunkBytesMin && length <= chunkBytesMax)
  const average = file.length / cuts.length
  // 48 chunks: the mean of so many is off by 40 % once in ten thousand seeds.
  assert.ok(average > 0.6 * mebi && average < 1.6 * mebi, `average ${average}`)
})

it('cuts alike whatever part of the file lies in the buffer, and wherever', () => {
  // A reader's buffer: what is left of the last read, then more of the file, at least 4 MiB unless the file ends.
  for (const bufferBytes of [chunkBytesMax, chunkBytesMax + 1, 5 * mebi + 123]) {
    const offset = 77
    const found: number[] = []
    for (let at = 0; at < file.length; at = found.at(-1) as number) {
      const part = file.subarray(at, at + bufferBytes)
      const buffer = concat(noise(1, offset), part, noise(2, 1000))
      found.push(at + chunker.cut(buffer, offset, offset + part.length) - offset)
    }
    assert.deepEqual(found, cuts)
  }
})

it('finds the same cuts in a file that comes piece by piece, whatever the pieces', () => {
  for (const pieceBytes of [1, 31, 4099, chunkBytesMin, 700_001]) {
    // A byte at a time looks at all again for each: a chunk of it is enough.
    const length = pieceBytes === 1 ? chunkBytesMin + 5000 : file.length
    const found: number[] = []
    let [start, seen] = [0, 0]
    for (let end = pieceBytes; start < length; ) {
      const cut = chunker.find(file, start, end, seen)
      if (cut === undefined && end === length) found.push(length)
      else if (cut !== undefined) found.push(cut)
      seen = cut ?? end
      start = found.at(-1) ?? 0
      if (cut === undefined) end = Math.min(length, end + pieceBytes)
    }
    assert.deepEqual(found, cutsOf(chunker, file.subarray(0, length)))
  }
})

it('after an insertion, shares all chunks but those around it', () => {
  for (const [at, inserted] of [
    [0, 1],
    [12 * mebi, 1],
    [20 * mebi + 5, 70_000],
  ] as const) {
    const changed = concat(file.subarray(0, at), noise(3, inserted), file.subarray(at))
    const shifted = cutsOf(chunker, changed).map(cut => (cut > at ? cut - inserted : cut))
    const shared = shifted.filter(cut => cuts.includes(cut)).length
    // Usually one to three are lost; each further one is about half as likely.
    assert.ok(cuts.length - shared <= 16, `${shared} of ${cuts.length} cuts shared`)
    assert.deepEqual(shifted.slice(-5), cuts.slice(-5))
  }
})

it('takes a file shorter than the least length whole, and an end as it comes', () => {
  for (const length of [1, 31, 32, chunkBytesMin - 1, chunkBytesMin]) {
    assert.equal(chunker.cut(file, 0, length), length)
    assert.equal(chunker.cut(file, 1000, 1000 + length), 1000 + length)
  }
  assert.equal(chunker.cut(file, 0, chunkBytesMin + 1), chunkBytesMin + 1)
})

it('cuts constant data in equal pieces, in time', () => {
  const started = performance.now()
  for (const byte of [0, 1, 0x20, 0xff]) {
    const lengths = lengthsOf(cutsOf(chunker, new Uint8Array(9 * mebi).fill(byte)))
    for (const length of lengths.slice(0, -1)) assert.equal(length, lengths[0])
  }
  // 36 MiB at worst with the second stage at every byte: 1.5 s; a minute would mean that it starts over and over.
  assert.ok(performance.now() - started < 20_000)
})

it('chunk-fingerprint: under two secrets a known file shares no cut, and its sealed lengths are Padmé classes', async () => {
  const known = noise(4711, 24 * mebi)
  const other = await makeChunker(p, new Uint8Array(32).fill(8))
  const [mine, theirs] = [cutsOf(chunker, known), cutsOf(other, known)]
  assert.deepEqual(
    mine.filter(cut => cut !== known.length && theirs.includes(cut)),
    [],
  )
  const keys = { epoch: 1, objectKey: new Uint8Array(32).fill(1) }
  let start = 0
  for (const cut of mine) {
    const bytes = known.subarray(start, cut)
    const { stored } = await sealBody(p, keys, { type: 'segment', children: [], bytes }, bytes, 0)
    const body = stored.length - 17 - 16
    assert.equal(padme(body), body)
    assert.ok(body >= bytes.length + 9)
    start = cut
  }
})
