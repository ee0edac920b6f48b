import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { failureOf, refusalOf } from '@backstay/proto/wire/refusal'
import { backoff } from './backoff.ts'

test('waits double up to the limit and begin anew after a success', () => {
  const waits = backoff({ firstMs: 100, mostMs: 1000, random: () => 0.999_999 })
  const steps = Array.from({ length: 6 }, () => Math.round(waits.next()))
  assert.deepEqual(steps, [100, 200, 400, 800, 1000, 1000])
  waits.reset()
  assert.equal(Math.round(waits.next()), 100)
})

test('waits never end at once and never run in step', () => {
  const low = backoff({ firstMs: 100, random: () => 0 })
  assert.equal(low.next(), 50)
  for (let i = 0; i < 2000; i++) assert.ok(Number.isFinite(low.next()))
})

test('a collector that asks for more time gets it', () => {
  const waits = backoff({ firstMs: 100, random: () => 0 })
  assert.equal(
    waits.next(failureOf(refusalOf(new Failure('store_full', ''), { retryAfterMs: 60_000 }))),
    60_000,
  )
})
