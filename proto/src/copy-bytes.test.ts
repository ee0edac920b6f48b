import { deepEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from './bytes.ts'
import { copyBytes } from './copy-bytes.ts'

const kinds: Record<string, (length: number) => Bytes> = {
  own: length => new Uint8Array(length),
  shared: length => new Uint8Array(new SharedArrayBuffer(length)),
  'of WebAssembly': () => new Uint8Array(new WebAssembly.Memory({ initial: 8 }).buffer),
}
const size = 500_000

for (const [fromKind, makeFrom] of Object.entries(kinds)) {
  for (const [intoKind, makeInto] of Object.entries(kinds)) {
    test(`memory ${fromKind} is copied into memory ${intoKind}, and nothing beside it`, () => {
      const from = makeFrom(size).subarray(0, size)
      for (let at = 0; at < size; at++) from[at] = at * 31 + (at >> 8)
      for (const [start, length, at] of [
        [0, 0, 0],
        [3, 1, 7],
        [1, 65_535, 0],
        [8, 65_536, 5],
        [5, 65_537, 8],
        [0, size, 0],
        [13, 300_001, 11],
      ] as const) {
        const into = makeInto(size).subarray(0, size).fill(0xee)
        const expected = new Uint8Array(size).fill(0xee)
        expected.set(from.subarray(start, start + length), at)
        copyBytes(from.subarray(start, start + length), into, at)
        deepEqual(Buffer.compare(into, expected), 0, `${length} bytes from ${start} to ${at}`)
      }
    })

    test(`memory ${fromKind} that does not fit into memory ${intoKind} is not cut short`, () => {
      const into = makeInto(1000).subarray(0, 1000)
      const from = makeFrom(600).subarray(0, 600)
      throws(() => copyBytes(from, into, 401), RangeError)
      throws(() => copyBytes(from, into, -1), RangeError)
      copyBytes(from, into, 400)
    })
  }
}
