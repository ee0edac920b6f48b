import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '../bytes.ts'
import { frameWriter } from './frame-writer.ts'

const mebibyte = 1024 * 1024

/** A stream that takes each write when told. */
function slowStream(masked = false) {
  const writes: { readonly chunk: Bytes; done(error?: Error): void }[] = []
  let wrote = 0
  let failed = 0
  const stream = {
    write(chunk: Bytes, done: (error?: Error | null) => void) {
      writes.push({ chunk, done })
      return false
    },
  }
  const writer = frameWriter(stream, masked, { wrote: () => void wrote++, failed: () => void failed++ })
  return {
    writer,
    writes,
    counts: () => ({ wrote, failed }),
    async take(error?: Error) {
      writes.at(-1)?.done(error)
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

const small = (value: number) => [new Uint8Array([value])]

test('small frames that wait leave in one write, an object uncopied and piece by piece', async () => {
  const { writer, writes, take, counts } = slowStream()
  writer.push(small(1))
  writer.push(small(2))
  writer.push(small(3))
  assert.deepEqual([...(writes[0]?.chunk ?? [])], [0x82, 1, 1], 'the first does not wait for company')
  await take()
  assert.deepEqual([...(writes[1]?.chunk ?? [])], [0x82, 1, 2, 0x82, 1, 3])
  await take()
  const object = new Uint8Array(mebibyte).fill(7)
  writer.push([new Uint8Array([9]), object])
  // Head of the message, head of its second part: binary and not the last, then continued and last, with 8 bytes of length.
  assert.deepEqual([...(writes[2]?.chunk ?? [])], [0x02, 1, 9, 0x80, 127, 0, 0, 0, 0, 0, 0x10, 0, 0])
  for (let piece = 0; piece < 5; piece++) await take()
  assert.equal(writes.length, 7)
  for (const { chunk } of writes.slice(3)) {
    assert.equal(chunk.length, mebibyte / 4)
    assert.equal(chunk.buffer, object.buffer)
  }
  assert.equal(writer.bytes, 0)
  assert.deepEqual(counts(), { wrote: 7, failed: 0 })
})

test('a ping waits for the gap between two frames and leaves before the next', async () => {
  const { writer, writes, take } = slowStream()
  const order: string[] = []
  writer.push([new Uint8Array([1]), new Uint8Array(mebibyte)])
  writer.between(() => order.push(`ping after ${writes.length} writes`))
  writer.push(small(2))
  for (let i = 0; i < 6; i++) await take()
  assert.deepEqual(order, ['ping after 5 writes'])
  assert.equal(writes.length, 6)
})

test('a client masks with zeros', async () => {
  const { writes, writer } = slowStream(true)
  writer.push(small(5))
  assert.deepEqual([...(writes[0]?.chunk ?? [])], [0x82, 0x81, 0, 0, 0, 0, 5])
})

test('a failed write ends it and frees those who wait', async () => {
  const { writer, writes, take, counts } = slowStream()
  writer.push(small(1))
  writer.push(small(2))
  const waiting = writer.progress()
  await take(new Error('broken pipe'))
  await waiting
  writer.push(small(3))
  await writer.progress()
  assert.equal(writes.length, 1)
  assert.deepEqual(counts(), { wrote: 0, failed: 1 })
})
