import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOver, type ParcelJob, parcelRule, parcelState } from './parcels.ts'
import { retain } from './retention.ts'

const stands = { untilMs: 1000, endedAtMs: undefined }
const job = (reported: ParcelJob['reported'], expiresAtMs = 700): ParcelJob => ({ expiresAtMs, reported })

test('a parcel is over at its end, or from the moment somebody said so', () => {
  assert.deepEqual([isOver(stands, 999), isOver(stands, 1000)], [false, true])
  assert.equal(isOver({ ...stands, endedAtMs: 5 }, 6), true)
})

test('its one snapshot stays until then, however old, and goes then, however young', () => {
  const snapshot = { id: 'aa'.repeat(32), sequence: 1, heldSinceMs: 0, complete: true } as never
  const state = (nowMs: number) => retain([snapshot], parcelRule(stands, nowMs), nowMs)[0]?.state
  assert.deepEqual([state(1), state(999), state(1000)], ['stays', 'stays', 'may_go'])
})

test('what became of it', () => {
  const state = (jobs: readonly ParcelJob[], nowMs = 500) => parcelState(stands, jobs, nowMs)
  assert.equal(state([]), 'unsent')
  assert.equal(state([job(undefined)]), 'waiting')
  assert.equal(state([job(undefined)], 800), 'unsent', 'its job has ended')
  assert.equal(state([job('failed')]), 'failed')
  assert.equal(state([job('refused'), job(undefined)]), 'waiting', 'it was sent again')
  assert.equal(state([job('done'), job('failed')]), 'arrived')
  assert.equal(state([job('done')], 1000), 'over')
  assert.equal(parcelState({ ...stands, endedAtMs: 1 }, [job('done')], 500), 'ended')
})
