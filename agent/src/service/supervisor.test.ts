import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import type { Session } from '../link/session.ts'
import { limitedSession } from './limited-session.ts'
import { emptyRecord, readRecord, writeRecord } from './record.ts'
import { supervise } from './supervisor.ts'

test('a part that fails is started again, later each time, and the others live on', async () => {
  const clock = simulatedClock()
  const stop = new AbortController()
  const starts: number[] = []
  const told: unknown[] = []
  let lived = 0
  const rest = clock.sleep
  const ill = {
    name: 'ill',
    async run() {
      starts.push(clock.monotonic())
      throw starts.length === 4
        ? new Failure('not_admitted', 'we are not wanted')
        : new TypeError('a mistake')
    },
    ...{ rest, failed: (error: unknown) => told.push(error) },
  }
  const well = {
    name: 'well',
    async run(signal: AbortSignal) {
      lived++
      await clock.sleep(Number.MAX_SAFE_INTEGER, signal)
    },
    ...{ rest, failed: () => assert.fail('it lives') },
  }
  const over = supervise(
    [ill, well],
    { random: () => 0.999_999, now: clock.now, log: () => undefined },
    stop.signal,
  )
  await clock.advance(60_000)
  assert.deepEqual(starts.map(Math.round), [0, 1000, 3000, 7000])
  await clock.advance(10 * 60_000)
  assert.equal(Math.round(starts[4] ?? 0), 7000 + 600_000)
  assert.ok(told.length >= 4 && lived === 1)
  stop.abort(new Error('enough'))
  await over
})

test('a rate is kept over seconds, and follows the time of day', async () => {
  const clock = simulatedClock()
  const sent: number[] = []
  let rate: number | undefined = 1000
  const stop = new AbortController()
  const session = { put: async () => void sent.push(clock.monotonic()) } as unknown as Session
  const limited = limitedSession(session, clock, () => rate, stop.signal)
  const put = () => limited.put('' as ObjectId, new Uint8Array(500) as Sealed)
  const all = (async () => {
    for (let i = 0; i < 6; i++) await put()
    rate = undefined
    await put()
  })()
  await clock.advance(10_000)
  await all
  assert.ok((sent[5] ?? 0) >= 1500 && (sent[5] ?? 0) <= 3000, `${sent}`)
  assert.equal(sent[6], sent[5])
  // An object of 1 MiB at 10 KiB/s held up the end of the agent for a minute and a half.
  rate = 1
  const slow = put()
  await clock.advance(1000)
  stop.abort(new Error('the agent ends'))
  await assert.rejects(slow, /the agent ends/)
})

test('a record comes back as it was, and a damaged one as none', async t => {
  const state = mkdtempSync(join(tmpdir(), 'backstay-record-'))
  t.after(() => rmSync(state, { recursive: true }))
  assert.deepEqual(await readRecord(state), emptyRecord)
  const flag = { why: 'emptied', sinceMs: 3, heldMs: 4, seenMs: 7, namesBefore: 9 } as const
  const record = {
    ...emptyRecord,
    lastCompleteMs: 5,
    unread: new Map([['denied', { count: 2, sinceMs: 900 }]]),
    roots: new Map([['/h\u00ff', { device: '1', names: 9, flag }]]),
  }
  await writeRecord(state, record)
  assert.deepEqual(await readRecord(state), record)
  for (const damaged of [
    '',
    '{',
    'null',
    '[]',
    '{"roots":3,"lastCompleteMs":-1,"unread":"x"}',
    '{"roots":{"/":null}}',
  ]) {
    writeFileSync(join(state, 'service.json'), damaged)
    assert.deepEqual(await readRecord(state), emptyRecord, damaged)
  }
})
