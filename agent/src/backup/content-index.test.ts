import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { Reference } from '@backstay/proto/content/entry'
import { contentIndex } from './content-index.ts'

const sha256 = (text: string) => new Uint8Array(createHash('sha256').update(text).digest())
const segment = (number: number) => ({ id: String(number), key: new Uint8Array() }) as unknown as Reference

test('a content is found where it was put, through growth and thousands of others', () => {
  const index = contentIndex()
  for (let i = 0; i < 20_000; i++)
    index.add(sha256(`${i}`), { segment: segment(i >> 7), start: i, length: i + 1 })
  for (let i = 0; i < 20_000; i += 7) {
    const found = index.find(sha256(`${i}`))
    assert.deepEqual([found?.segment?.id, found?.start, found?.length], [String(i >> 7), i, i + 1])
  }
  assert.equal(index.find(sha256('never put')), undefined)
})

test('holes and nothing are not remembered', () => {
  const index = contentIndex()
  index.add(sha256('hole'), { segment: undefined, start: 0, length: 5 })
  index.add(sha256('empty'), { segment: segment(1), start: 0, length: 0 })
  assert.equal(index.find(sha256('hole')), undefined)
  assert.equal(index.find(sha256('empty')), undefined)
})
