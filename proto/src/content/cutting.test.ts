import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { it } from 'node:test'
import fc from 'fast-check'
import { type Bytes, viewOf } from '../bytes.ts'
import { noise } from '../testing/noise.ts'
import { makeCutting } from './cutting.ts'
import { plainCutting } from './plain-cutting.ts'
import { sipHash } from './siphash.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const gearTable = noise(seed, 1024)
const sipKey = noise(seed + 1, 16)
/** Every second hash at the gate. */
const cutBelow = 2 ** 31

/** docs/format.md §7, word for word. */
function nextOf(bytes: Bytes, from: number, to: number): number | undefined {
  const table = viewOf(gearTable)
  const prf = sipHash(sipKey)
  let gear = 0
  for (let at = from - 32; at < to; at++) {
    gear = ((gear << 1) + table.getInt32(4 * (bytes[at] as number), true)) | 0
    if (at >= from && gear >>> 24 === 0 && prf.hash(bytes, at - 31, at + 1) < cutBelow) return at + 1
  }
  return undefined
}

for (const [name, make] of [
  ['in WebAssembly', makeCutting],
  ['in JavaScript', plainCutting],
] as const)
  it(`is what the format says, from and up to any place, ${name}`, () => {
    const cutting = make({ gearTable, sipKey, cutBelow })
    const bytes = noise(seed + 2, 64 * 1024)
    const place = fc.integer({ min: 32, max: bytes.length })
    let found = 0
    fc.assert(
      fc.property(place, place, (from, to) => {
        const expected = nextOf(bytes, from, to)
        if (expected !== undefined) found++
        assert.equal(cutting.next(bytes, from, to), expected)
      }),
      { seed, numRuns: 2000 },
    )
    assert.ok(found > 100, `${found} cuts`)
  })

it('goes on where its own memory ends', () => {
  const cutting = makeCutting({ gearTable, sipKey, cutBelow: 2 ** 24 })
  const bytes = noise(seed + 3, 1024 * 1024)
  const cuts: number[] = []
  for (let from = 32; ; from = cuts.at(-1) as number) {
    const next = cutting.next(bytes, from, bytes.length)
    if (next === undefined) break
    cuts.push(next)
  }
  // One in 256 opens the gate, one in 256 of those cuts: 16 in the mean, none once in ten million times.
  assert.ok(cuts.length > 0)
  const all: number[] = []
  for (let at = 32; at < bytes.length; at += 1000) {
    // In pieces of a thousand: several cuts may lie in one.
    for (let from = at; from < Math.min(at + 1000, bytes.length); ) {
      const next = cutting.next(bytes, from, Math.min(at + 1000, bytes.length))
      if (next === undefined) break
      all.push(next)
      from = next
    }
  }
  assert.deepEqual(all, cuts)
})

it('is in JavaScript where nothing may be compiled, and the same', () => {
  const bytes = noise(seed + 4, 100_000)
  const expected = makeCutting({ gearTable, sipKey, cutBelow }).next(bytes, 32, bytes.length)
  const script = `
    const { makeCutting } = await import(${JSON.stringify(new URL('./cutting.ts', import.meta.url).href)})
    WebAssembly.Module = function () { throw new WebAssembly.CompileError('by policy') }
    const given = new Uint8Array(Buffer.concat(await process.stdin.toArray()))
    const [gearTable, sipKey, bytes] = [given.slice(0, 1024), given.slice(1024, 1040), given.slice(1040)]
    console.log(makeCutting({ gearTable, sipKey, cutBelow: ${cutBelow} }).next(bytes, 32, bytes.length))`
  const input = Buffer.concat([gearTable, sipKey, bytes])
  const words = ['--input-type=module', '--eval', script]
  assert.equal(Number(execFileSync(process.execPath, words, { input, encoding: 'utf8' })), expected)
})

it('two of different keys do not share what they were given', () => {
  const bytes = noise(seed + 5, 100_000)
  const one = makeCutting({ gearTable, sipKey, cutBelow })
  const first = one.next(bytes, 32, bytes.length)
  const other = makeCutting({ gearTable: noise(seed + 6, 1024), sipKey: noise(seed + 7, 16), cutBelow })
  other.next(bytes, 32, bytes.length)
  assert.equal(one.next(bytes, 32, bytes.length), first)
})
