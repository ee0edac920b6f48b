import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Vitals } from '@backstay/proto/trust/heartbeat'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { Watcher } from '../watch/watcher.ts'
import { raised } from './board.ts'
import { heartbeatPart } from './heartbeat-part.ts'
import { boardWords } from './heartbeat-words.ts'
import { emptyRecord, type ServiceRecord } from './record.ts'
import type { RootMemory } from './root-guard.ts'
import { type SampleBoard, sampleBoard } from './testing/sample-board.ts'

const minuteMs = 60_000
const noVitals = { take: async () => vitals, user: async () => 'ada' }
const vitals: Vitals = {
  ...{ system: '', model: '', disks: [], memoryBytes: 0, memoryFreeBytes: 0, batteryPercent: undefined },
  ...{ charging: false, uptimeMs: 0, agentMemoryBytes: 0, agentCpuMs: 0 },
}

function started(sample: SampleBoard, warned: string[] = []) {
  const stop = new AbortController()
  const log = (level: string, fact: string) => void (level === 'warn' && warned.push(fact))
  const part = heartbeatPart(sample.board, { vitals: noVitals, log })
  const running = part.run(stop.signal).catch(() => undefined)
  const end = async () => {
    stop.abort()
    await running
  }
  return { part, end }
}

/** Until nothing moves any more; signing takes turns of its own. */
async function settle({ clock }: SampleBoard, ms = 0): Promise<void> {
  await clock.advance(ms)
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
}

test('it speaks when it is connected, then about once a minute, and its numbers grow', async () => {
  const sample = sampleBoard()
  const { end } = started(sample)
  await settle(sample, 5 * minuteMs)
  assert.equal(sample.heard.length, 0)
  sample.connect()
  await settle(sample)
  assert.equal(sample.heard.length, 1)
  for (let minute = 0; minute < 10; minute++) await settle(sample, minuteMs)
  assert.ok(sample.heard.length >= 10 && sample.heard.length <= 13, `${sample.heard.length}`)
  const numbers = sample.heard.map(one => one.number)
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  )
  assert.ok(new Set(numbers).size === numbers.length && (numbers[0] ?? 0) >= testNowMs)
  await end()
})

test('it speaks at once when its story changes, and not when only time passes', async () => {
  const sample = sampleBoard()
  const { end } = started(sample)
  sample.board.tell({ kind: 'started' })
  sample.board.tell({ kind: 'succeeded', everything: true, jitter: 0, reconcileMs: 1440 * minuteMs })
  sample.connect()
  await settle(sample)
  await settle(sample, 10_000)
  assert.equal(sample.heard.length, 1)
  sample.board.tell({ kind: 'hinted' })
  await settle(sample)
  assert.equal(sample.heard.length, 1, 'a change that will be backed up in a moment is no story')
  sample.board.tell({ kind: 'paused', untilMs: sample.clock.now() + 5 * minuteMs })
  await settle(sample)
  assert.deepEqual(sample.heard[1]?.paused, { forMs: 0, leftMs: 5 * minuteMs, by: '' })
  assert.equal(sample.heard[1]?.unprotectedMs, 0)
  sample.board.backupFailure = new Failure('store_full', 'the collector has no room left')
  sample.board.changed.ring()
  await settle(sample)
  assert.equal(sample.heard.length, 2, 'not twice within seconds')
  await settle(sample, 3_000)
  assert.equal(sample.heard[2]?.failure, 'store_full')
  await end()
})

test('a collector whose clock was set back is overtaken, and what it refuses is said once', async () => {
  const sample = sampleBoard()
  const warned: string[] = []
  const { end } = started(sample, warned)
  const remembered = testNowMs + 10 * 365 * 24 * 60 * minuteMs
  sample.refuse = ({ number }) => {
    if (number <= remembered) throw new Failure('stale_heartbeat', 'late', { remedy: 'retry' })
  }
  sample.connect()
  await settle(sample)
  // At once: a device that restarted more often than it could catch up was shown as it had been before.
  assert.ok((sample.heard[0]?.number ?? 0) > remembered)
  assert.deepEqual(warned, [])
  await end()
})

test('its last word says that it leaves, and a collector that does not listen holds up no end', async () => {
  const sample = sampleBoard()
  const { part, end } = started(sample)
  sample.connect()
  await settle(sample)
  await part.leave()
  assert.deepEqual(
    sample.heard.map(one => one.leaving),
    [false, true],
  )
  sample.refuse = () => {
    throw new Failure('link_cut', 'gone')
  }
  await part.leave()
  const silent = sampleBoard()
  silent.connect()
  silent.board.link = {
    ...silent.board.link,
    session: { welcome: { nowMs: 0 }, heartbeat: () => new Promise(() => undefined) },
  } as never
  const leaving = heartbeatPart(silent.board, { vitals: noVitals, log: () => undefined }).leave()
  await settle(silent, 2_000)
  await leaving
  await end()
})

test('what it says is durations and counts by reason, whatever the clock does', () => {
  const hourMs = 60 * minuteMs
  const flag = (why: 'emptied' | 'missing', ms: number): RootMemory => ({
    ...{ device: '1', names: 3 },
    flag: { why, sinceMs: testNowMs - ms, heldMs: 0, seenMs: testNowMs, namesBefore: 9 },
  })
  const record: ServiceRecord = {
    ...emptyRecord,
    lastCompleteMs: testNowMs - hourMs,
    unread: new Map([['denied', { count: 12, sinceMs: testNowMs - 2 * hourMs }]]),
    roots: new Map<string, RootMemory>([
      ['/home/kim', flag('emptied', hourMs)],
      ['/srv', flag('emptied', 3 * hourMs)],
      ['/mnt', flag('missing', 1)],
      ['/opt', { device: '1', names: 3, flag: undefined }],
    ]),
  }
  const { board, clock } = sampleBoard(record)
  board.tell({ kind: 'hinted' })
  board.policyAlarms = raised([], [{ code: 'order_refused', message: 'm' }], testNowMs)
  const roots = [
    { path: new Uint8Array(), state: 'watched', folders: 7, unwatched: { limit: 2, io: 1 } },
    { path: new Uint8Array(), state: 'polled', folders: 5, unwatched: {} },
    { path: new Uint8Array(), state: 'missing', folders: 0, unwatched: {} },
  ] as const
  board.watcher = { health: () => ({ roots, overflows: 4 }) } as unknown as Watcher
  const words = boardWords(board)
  assert.equal(words.sinceCompleteMs, hourMs)
  assert.equal(words.unprotectedMs, 0)
  assert.deepEqual(words.unread, [{ code: 'denied', count: 12, forMs: 2 * hourMs }])
  assert.deepEqual(words.roots, [
    { code: 'emptied', count: 2, forMs: 3 * hourMs },
    { code: 'missing', count: 1, forMs: 1 },
  ])
  assert.deepEqual(words.alarms, [{ code: 'order_refused', count: 1, forMs: 0 }])
  assert.deepEqual(words.watch, {
    ...{ roots: 3, native: 1, polled: 1, absent: 1, folders: 12, unwatched: 3, missed: 4 },
  })
  assert.ok(!JSON.stringify(words).includes('kim'))
  // Set back by a day: nothing is negative.
  clock.jumpTo(testNowMs - 24 * hourMs)
  assert.deepEqual([boardWords(board).sinceCompleteMs, boardWords(board).unprotectedMs], [0, 0])
})

test('what waits is told as far as it is known without looking', () => {
  const { board, connect } = sampleBoard()
  connect()
  const done = { kind: 'succeeded', everything: true, jitter: 0, reconcileMs: 1440 * minuteMs } as const
  assert.deepEqual(boardWords(board).queue, { everything: true, folders: 0, objects: 0, bytes: 0 })
  board.tell({ kind: 'started' })
  board.hinted.take()
  board.tell(done)
  board.hinted.add([utf8('/home/ada'), utf8('/home/ada/papers'), utf8('/home/ada')])
  Object.assign(board.link?.session ?? {}, { inFlight: { objects: 2, bytes: 700_000 } })
  assert.deepEqual(boardWords(board).queue, { everything: false, folders: 2, objects: 2, bytes: 700_000 })
  board.hinted.take()
  assert.equal(boardWords(board).queue?.folders, 0, 'a backup looks at them')
  board.hinted.addAll()
  assert.equal(boardWords(board).queue?.everything, true, 'after it failed, anywhere')
})

test('before the first look at everything, and when it has failed, the time since counts as unprotected', () => {
  // Off again within seconds of its start, a device was shown as complete.
  const { board, clock } = sampleBoard()
  assert.equal(boardWords(board).unprotectedMs, 0)
  board.tell({ kind: 'started' })
  board.backupFailure = new Failure('store_full', 'full')
  board.tell({ kind: 'failed', retryAfterMs: 1000 })
  clock.jumpTo(testNowMs + minuteMs)
  const { unprotectedMs = 0, failure } = boardWords(board)
  assert.ok(unprotectedMs > 50_000 && unprotectedMs <= minuteMs, `${unprotectedMs}`)
  assert.equal(failure, 'store_full')
})
