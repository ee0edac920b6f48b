// The part that backs up, on a board where nothing else happens: what it holds, what it goes on with, and what it writes down.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunBackupOptions, runBackup } from '../backup/run-backup.ts'
import type { MemberLink } from '../link/member.ts'
import { backupPart } from './backup-part.ts'
import type { MachineConditions } from './conditions.ts'
import { nothingKnown } from './conditions.ts'
import { readRecord } from './record.ts'
import { noLocalRules } from './rules.ts'
import { type SampleBoard, sampleBoard } from './testing/sample-board.ts'

const minuteMs = 60_000

interface Course {
  readonly begun: RunBackupOptions[]
  readonly logged: string[]
  /** How often memory was given up. */
  settled: number
  conditions: Awaited<ReturnType<MachineConditions>>
  /** The run under way has done it. */
  finish(): void
  end(): Promise<void>
}

/** Runs end when somebody says so, or by their signal. */
function started(sample: SampleBoard): Course {
  const { board } = sample
  const stop = new AbortController()
  let finish: () => void = () => undefined
  const runs = ((_: unknown, options: RunBackupOptions) => {
    course.begun.push(options)
    return new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true })
      finish = () => resolve({ built: { entries: 1 }, unread: new Map(), alarms: [] })
    })
  }) as unknown as typeof runBackup
  const part = backupPart(board, {
    ...{ local: { ...noLocalRules, batteryPercentMin: 20 }, hooks: '/none' },
    ...{ log: (_, fact) => course.logged.push(fact), settleMemory: () => course.settled++ },
    ...{ runs, asks: async () => course.conditions },
  })
  const running = part.run(stop.signal).catch(() => undefined)
  const course: Course = {
    ...{ begun: [], logged: [], settled: 0, conditions: nothingKnown },
    finish: () => finish(),
    async end() {
      stop.abort(new Error('over'))
      await running
    },
  }
  board.link = { session: {} } as unknown as MemberLink
  board.changed.ring()
  return course
}

async function pass({ clock }: SampleBoard, ms = 0): Promise<void> {
  await clock.advance(ms)
  for (let turn = 0; turn < 30; turn++) await new Promise(resolve => setImmediate(resolve))
}

test('a pause ends the run that it comes into, which is no failure, and it goes on when the pause is over', async () => {
  // Only the start of a run was held: a first backup went on for hours under "paused until".
  const sample = sampleBoard()
  const course = started(sample)
  await pass(sample, 10_000)
  assert.equal(course.begun.length, 1)
  sample.board.tell({ kind: 'paused', untilMs: sample.clock.now() + 30 * minuteMs })
  await pass(sample)
  assert.equal(course.begun[0]?.signal?.aborted, true)
  assert.equal(sample.board.backupFailure, undefined)
  assert.ok(course.logged.includes('backup held'))
  await pass(sample, 20 * minuteMs)
  assert.equal(course.begun.length, 1)
  await pass(sample, 11 * minuteMs)
  assert.equal(course.begun.length, 2)
  assert.equal(course.begun[1]?.folders, undefined, 'what the first was to look at is looked at')
  course.finish()
  await pass(sample)
  assert.ok(course.logged.includes('snapshot stored'))
  await course.end()
})

test('a battery that falls and a network that is paid by the byte end a run within a minute, but not what a person asked for', async () => {
  const sample = sampleBoard()
  const course = started(sample)
  await pass(sample, 10_000)
  course.conditions = { ...nothingKnown, batteryPercent: 19 }
  await pass(sample, minuteMs)
  assert.deepEqual(
    [course.begun[0]?.signal?.aborted, sample.board.decision],
    [true, { do: 'wait', why: 'battery', untilMs: undefined }],
  )
  sample.board.tell({ kind: 'asked' })
  await pass(sample)
  assert.equal(course.begun.length, 2)
  await pass(sample, 5 * minuteMs)
  assert.equal(course.begun[1]?.signal?.aborted, false)
  sample.board.tell({ kind: 'paused', untilMs: sample.clock.now() + minuteMs })
  await pass(sample)
  assert.equal(course.begun[1]?.signal?.aborted, true, 'a pause that is said later')
  course.conditions = nothingKnown
  await pass(sample, 30 * minuteMs)
  assert.equal(course.begun.length, 3)
  course.conditions = { ...nothingKnown, isMetered: true }
  await pass(sample, minuteMs)
  assert.equal(course.begun[2]?.signal?.aborted, true)
  await course.end()
})

test('before everything is looked at, what the backup before has left in memory is given up', async () => {
  const sample = sampleBoard()
  const course = started(sample)
  await pass(sample, 10_000)
  course.finish()
  await pass(sample)
  assert.deepEqual([course.begun.length, course.settled], [1, 0])
  sample.board.tell({ kind: 'asked' })
  await pass(sample)
  assert.deepEqual([course.begun.length, course.settled], [2, 1])
  course.finish()
  await pass(sample)
  await pass(sample, minuteMs)
  await pass(sample, minuteMs)
  assert.equal(course.settled, 3, 'and afterwards, when nothing follows')
  await course.end()
})

test('what is held back is written down with the time of the first change, and forgotten when it is protected', async () => {
  // With a restart each day a device was "protected" for weeks while nothing was backed up.
  const sample = sampleBoard()
  const { agent } = sample.board
  const kept = async () => (await readRecord(agent.state, agent.files)).leftSinceMs
  const course = started(sample)
  await pass(sample, 10_000)
  course.finish()
  await pass(sample)
  course.conditions = { ...nothingKnown, batteryPercent: 5 }
  const changedMs = sample.clock.now()
  sample.board.tell({ kind: 'hinted' })
  // At once: a laptop that was closed a minute after the last save began to count anew, each morning.
  await pass(sample, 1000)
  assert.equal(await kept(), changedMs)
  await course.end()
  const record = await readRecord(agent.state, agent.files)
  const again = sampleBoard(record, sample.clock.now())
  assert.equal(again.board.scheduler.leftSinceMs, changedMs)
  const next = started(again)
  await pass(again, 10_000)
  next.finish()
  await pass(again)
  assert.equal(again.board.scheduler.leftSinceMs, undefined)
  assert.equal((await readRecord(again.board.agent.state, again.board.agent.files)).leftSinceMs, undefined)
  await next.end()
})
