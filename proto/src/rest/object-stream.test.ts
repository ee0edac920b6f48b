import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Bytes } from '../bytes.ts'
import { concat } from '../bytes.ts'
import { objectId } from '../object/id.ts'
import { type AnsweredObject, decodeIds, decodeObjects, encodeIds, objectHead } from './object-stream.ts'

const id = (byte: number) => objectId(new Uint8Array(32).fill(byte))

test('ids come back; too many, none and half an id are refused', () => {
  const ids = [id(1), id(2), id(1)]
  assert.deepEqual(decodeIds(encodeIds(ids)), ids)
  for (const length of [0, 31, 33, 1025 * 32]) {
    assert.throws(() => decodeIds(new Uint8Array(length)), { code: 'bad_request' })
  }
})

test('objects come back however the answer is cut into chunks', async () => {
  const answers = fc.array(
    fc.record(
      {
        index: fc.nat(1023),
        stored: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
      },
      { noNullPrototype: true },
    ),
  )
  const run = async (given: readonly AnsweredObject[], step: number) => {
    assert.deepEqual(await read(chunked(encode(given), step)), given)
  }
  await fc.assert(fc.asyncProperty(answers, fc.integer({ min: 1, max: 50 }), run), { numRuns: 100 })
})

test('an answer that is cut short is said to be so', async () => {
  const whole = encode([{ index: 0, stored: new Uint8Array(10) }])
  for (let length = 1; length < whole.length; length++) {
    await assert.rejects(read(chunked(whole.subarray(0, length), 7)), { code: 'bad_answer' })
  }
})

test('a length or an index that cannot be is refused at once', async () => {
  await assert.rejects(read(chunked(objectHead(0, 0x7fff_ffff), 8)), { code: 'bad_answer' })
  await assert.rejects(read(chunked(objectHead(5000, 1), 8)), { code: 'bad_answer' })
})

function encode(answers: readonly AnsweredObject[]): Bytes {
  return concat(
    ...answers.flatMap(({ index, stored }) => [
      objectHead(index, stored?.length),
      stored ?? new Uint8Array(),
    ]),
  )
}

async function* chunked(bytes: Bytes, step: number): AsyncGenerator<Bytes> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

async function read(chunks: AsyncIterable<Bytes>): Promise<AnsweredObject[]> {
  const found: AnsweredObject[] = []
  for await (const { index, stored } of decodeObjects(chunks)) {
    found.push({ index, stored: stored && new Uint8Array(stored) })
  }
  return found
}
