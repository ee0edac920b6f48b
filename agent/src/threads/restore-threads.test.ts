import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealObject } from '@backstay/proto/content/seal'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives } from '@backstay/proto/node'
import { segmentBytes } from '../backup/segments.ts'
import { testKeys } from '../testing/memory-vault.ts'
import { restoreThreads } from './restore-threads.ts'

const sealed = (bytes: Uint8Array) =>
  sealObject(nodePrimitives, testKeys, { type: 'segment', children: [], bytes })

test('segments are opened in memory that is used again, also one that is larger than anybody knew', async () => {
  await using threads = restoreThreads(2)
  const { opener } = threads
  const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251)
  const { reference, stored } = await sealed(bytes)
  const plain = await opener.open(reference, stored.slice(), bytes.length)
  assert.deepEqual(plain, bytes)
  opener.giveBack(plain)
  const again = await opener.open(reference, stored.slice(), bytes.length)
  assert.equal(again.buffer, plain.buffer)
  assert.deepEqual(await opener.open(reference, stored.slice(), 10), bytes)
})

test('a segment of which only the beginning is known is opened into memory that is used again, too', async () => {
  await using threads = restoreThreads(1)
  const bytes = new Uint8Array(segmentBytes).fill(1)
  const { reference, stored } = await sealed(bytes)
  const plain = await threads.opener.open(reference, stored, 10)
  assert.ok(plain.buffer instanceof SharedArrayBuffer)
  assert.equal(Buffer.compare(plain, bytes), 0)
})

test('a damaged segment is damage and nothing more: the thread goes on', async () => {
  await using threads = restoreThreads(1)
  const { reference, stored } = await sealed(new Uint8Array(100_000))
  const damaged = stored.slice()
  damaged.set([(damaged.at(-20) as number) ^ 1], damaged.length - 20)
  await assert.rejects(
    threads.opener.open(reference, damaged, 100_000),
    error => isFailure(error, 'wrong_id') && error.remedy === 'repair',
  )
  assert.equal((await threads.opener.open(reference, stored, 100_000)).length, 100_000)
})

test('what the system refuses in a thread is refused here by the same name', async () => {
  await using threads = restoreThreads(1)
  await assert.rejects(threads.files.writeRun(-1, new Uint8Array(1), 0), { code: 'EBADF' })
})

test('a thread that dies of what it was asked rejects it', async () => {
  await using threads = restoreThreads(1)
  const { reference } = await sealed(new Uint8Array(1))
  const broken = { ...reference, key: undefined } as unknown as typeof reference
  const { stored } = await sealed(new Uint8Array(1))
  await assert.rejects(threads.opener.open(broken, stored, 1), TypeError)
})
