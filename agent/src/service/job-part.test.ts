// Jobs as an attacker or a crash would like them: late, again, for others, by nobody, cut off in the middle.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, fromUtf8, hex } from '@backstay/proto/bytes'
import { openWith } from '@backstay/proto/content/age'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { idToBytes } from '@backstay/proto/object/id'
import { type JobKind, signJob } from '@backstay/proto/trust/job'
import { newOrder, type OrderOptions } from '@backstay/proto/trust/order'
import { noJobs, type RememberedJobs } from '@backstay/proto/trust/replay'
import { type JobReport, verifyReport } from '@backstay/proto/trust/report'
import { testDevice, testFleet, testIdentity, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { BegunJob } from '../jobs/begun-job.ts'
import type { MemberLink } from '../link/member.ts'
import { newest } from '../link/newest.ts'
import { restoreThreads } from '../threads/restore-threads.ts'
import { boardWords } from './heartbeat-words.ts'
import { jobPart } from './job-part.ts'
import { pauseHere, resumeHere } from './pausing.ts'
import { readRecord, type ServiceRecord } from './record.ts'
import { pausedSince } from './scheduler.ts'
import { runStatus } from './status.ts'
import { sampleBoard } from './testing/sample-board.ts'

const fleet = await testFleet(p)
const laptop = await testDevice(p, fleet, 'laptop')
const other = await testDevice(p, fleet, 'other')
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000]

async function job(kind: JobKind, options: OrderOptions = {}, by = fleet.admin): Promise<Bytes> {
  const usual = { expiresAtMs: testNowMs + dayMs, audience: [idToBytes(laptop.id)] }
  const order = newOrder(p, fleet.trust, testNowMs, { ...usual, ...options })
  return signJob(p, { order, kind, sealed: new Uint8Array() }, by)
}

/** Signed at `atMs`. */
function pause(minutes: number, atMs: number, options: OrderOptions = {}, by = fleet.admin): Promise<Bytes> {
  const usual = { expiresAtMs: atMs + hourMs, audience: [idToBytes(laptop.id)] }
  const order = newOrder(p, fleet.trust, atMs, { ...usual, ...options })
  return signJob(p, { order, kind: 'pause', minutes, sealed: new Uint8Array() }, by)
}

interface Disk {
  done: RememberedJobs
  begun?: BegunJob | undefined
}

/** A part that runs against a session in memory, over a disk that outlives it. */
function stage(disk: Disk, record?: ServiceRecord, nowMs?: number) {
  const { board, clock } = sampleBoard(record, nowMs)
  const reports: JobReport[] = []
  const pushed = newest<readonly Bytes[]>()
  let backups = 0
  let backUp = async (): Promise<unknown> => {
    backups++
    return {
      sequence: 7,
      changed: 1,
      sentBytes: 2,
      built: { entries: 3, bytes: 4 },
      unread: [],
      alarms: [],
      roots: [],
    }
  }
  Object.assign(board.agent.identities, {
    readDoneJobs: async () => disk.done,
    writeDoneJobs: async (done: RememberedJobs) => {
      disk.done = done
    },
    readBegunJob: async () => disk.begun,
    writeBegunJob: async (begun: BegunJob | undefined) => {
      disk.begun = begun
    },
  })
  Object.assign(board.agent, { place: { device: laptop.id, grantId: laptop.certificate.grantId } })
  const ended = new AbortController()
  const session = {
    ended: ended.signal,
    pushedJobs: pushed.take,
    tellProgress: async () => undefined,
    async putRecord(envelope: Bytes) {
      if (made.deaf) throw new Failure('link_cut', 'cut', { remedy: 'retry' })
      reports.push(await verifyReport(p, envelope, laptop.key.publicKey))
    },
  }
  board.link = { session } as unknown as MemberLink
  const part = jobPart(
    board,
    {
      board,
      backUp: () => backUp(),
      places: () => assert.fail('none is restored here'),
      threads: restoreThreads,
      roots: () => [],
    },
    () => undefined,
  )
  const stop = new AbortController()
  const running = part.run(stop.signal).catch(() => undefined)
  const made = {
    deaf: false,
    board,
    clock,
    reports,
    get backups() {
      return backups
    },
    failWith(fail: () => Promise<unknown>) {
      backUp = fail
    },
    async push(...envelopes: readonly Bytes[]) {
      const before = reports.length
      pushed.put(envelopes)
      while (reports.length < before + envelopes.length) await new Promise(resolve => setImmediate(resolve))
      return reports.slice(before).map(({ state, code }) => `${state} ${code}`.trim())
    },
    async end() {
      stop.abort(new Error('over'))
      await running
    },
    put: pushed.put,
  }
  return made
}

test('test 20, job-replay: a job is done once, and what it found is for its signer', async () => {
  const disk = { done: noJobs }
  const one = stage(disk)
  const envelope = await job('backup')
  assert.deepEqual(await one.push(envelope), ['done'])
  const sealed = one.reports[0]?.sealed ?? assert.fail()
  const found = JSON.parse(fromUtf8(await openWith([testIdentity(2).identity], sealed))) as {
    sequence: number
  }
  assert.equal(found.sequence, 7)
  // Shown again: the same report, and nothing is done.
  assert.deepEqual(await one.push(envelope, envelope), ['done', 'done'])
  assert.deepEqual(
    one.reports.map(report => hex(report.job)),
    Array(3).fill(disk.done.done[0]?.id),
  )
  assert.equal(one.backups, 1)
  await one.end()
})

test('a job that was cut off is not begun again, and its report says so', async () => {
  const disk = { done: noJobs }
  const first = stage(disk)
  const envelope = await job('backup')
  let begun = false
  first.failWith(() => {
    begun = true
    // Killed here: it never comes back.
    return new Promise(() => undefined)
  })
  first.put([envelope])
  while (!begun) await new Promise(resolve => setImmediate(resolve))
  assert.equal(disk.done.done.length, 1, 'it was on the disk before it began')
  const second = stage(disk)
  assert.deepEqual(new Set(await second.push(envelope)), new Set(['failed interrupted']))
  assert.equal(second.backups, 0)
  await second.end()
})

test('a report that no collector has taken yet outlives the process', async () => {
  const disk: { done: RememberedJobs; begun?: BegunJob | undefined } = { done: noJobs }
  const first = stage(disk)
  first.deaf = true
  first.put([await job('backup')])
  while (disk.begun?.report === undefined) await new Promise(resolve => setImmediate(resolve))
  await first.end()
  const second = stage(disk)
  while (disk.begun !== undefined) await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(
    second.reports.map(({ state }) => state),
    ['done'],
  )
  assert.equal(second.backups, 0)
  await second.end()
})

test('test 20 and test 29: late, for others or unsigned: refused each', async () => {
  const disk = { done: noJobs }
  const one = stage(disk)
  assert.deepEqual(
    await one.push(
      await job('backup', { audience: [idToBytes(other.id)] }),
      await job('backup', { trustVersion: 1 } as OrderOptions, await testKey(p, 'stranger')),
    ),
    ['refused wrong_audience', 'refused not_authorized'],
  )
  one.clock.jumpTo(testNowMs + 2 * dayMs)
  assert.deepEqual(await one.push(await job('backup')), ['refused expired'])
  assert.equal(one.backups, 0)
  await one.end()
})

test('what fails is said by its code alone', async () => {
  const one = stage({ done: noJobs })
  one.failWith(async () => {
    throw new Error('/home/kim/secret')
  })
  assert.deepEqual(await one.push(await job('backup')), ['failed internal'])
  assert.equal(one.reports[0]?.sealed.length, 0)
  await one.end()
})

const isPaused = ({ board, clock }: ReturnType<typeof stage>) =>
  pausedSince(board.scheduler, clock.now()) !== undefined

async function foundIn({ sealed }: JobReport): Promise<unknown> {
  return JSON.parse(fromUtf8(await openWith([testIdentity(2).identity], sealed)))
}

test('paused from afar it says by whom and until when; who works there ends it', async () => {
  const one = stage({ done: noJobs })
  assert.deepEqual(await one.push(await pause(90, testNowMs)), ['done'])
  const untilMs = testNowMs + 90 * minuteMs
  assert.deepEqual(await foundIn(one.reports[0] ?? assert.fail()), {
    pausedUntilMs: untilMs,
    minutesLeft: 24 * 60 - 90,
  })
  const [admin] = fleet.trust.document.admins
  assert.deepEqual(boardWords(one.board).paused, { forMs: 0, leftMs: 90 * minuteMs, by: admin?.name })
  assert.equal(runStatus(one.board).pausedBy, admin?.name)
  one.clock.jumpTo(testNowMs + 30 * minuteMs)
  await resumeHere(one.board)
  assert.equal(isPaused(one), false)
  assert.deepEqual(
    await one.push(await pause(24 * 60 - 30, one.clock.now())),
    ['done'],
    'the rest is given back',
  )
  await one.end()
})

test('the cap holds over many signed pauses and over a restart, and is told', async () => {
  const disk: Disk = { done: noJobs }
  const one = stage(disk)
  assert.deepEqual(await one.push(await pause(1000, testNowMs)), ['done'])
  assert.deepEqual(await one.push(await pause(1440, testNowMs)), ['done'], 'it goes on to a whole day')
  one.clock.jumpTo(testNowMs + dayMs)
  assert.equal(isPaused(one), false)
  assert.deepEqual(await one.push(await pause(1, testNowMs + dayMs)), ['failed pause_spent'])
  assert.deepEqual(await foundIn(one.reports.at(-1) ?? assert.fail()), { minutesLeft: 0 })
  await one.end()
  const record = await readRecord(one.board.agent.state, one.board.agent.files)
  const later = testNowMs + 7 * dayMs
  const again = stage(disk, record, later)
  assert.deepEqual(
    await again.push(await pause(60, later), await pause(1, later)),
    ['failed pause_spent', 'failed pause_spent'],
    'the day that ended six days ago still counts',
  )
  assert.equal(isPaused(again), false)
  again.clock.jumpTo(testNowMs + 8 * dayMs)
  assert.deepEqual(await again.push(await pause(60, testNowMs + 8 * dayMs)), ['done'])
  await again.end()
})

test('a pause for others as well, late, shown again, or by who may not, pauses nothing', async () => {
  const [admin] = fleet.trust.document.admins
  const one = stage({ done: noJobs })
  const refused = await one.push(
    await pause(60, testNowMs, { audience: [] }),
    await pause(60, testNowMs, { audience: [idToBytes(laptop.id), idToBytes(other.id)] }),
    // The token that it was enrolled with: all who used it.
    await pause(60, testNowMs, { audience: [laptop.certificate.grantId] }),
    await pause(60, testNowMs, { audience: [idToBytes(other.id)] }),
    await pause(60, testNowMs, {}, await testKey(p, 'stranger')),
    await pause(60, testNowMs - hourMs),
  )
  assert.deepEqual(refused, [
    ...Array(4).fill('refused wrong_audience'),
    ...['refused not_authorized', 'refused expired'],
  ])
  // One that waits longer than an hour for its device is no pause at all: nobody signs a stock of them.
  const stock = await pause(60, testNowMs, { expiresAtMs: testNowMs + 2 * hourMs })
  const own = await pause(5, testNowMs)
  one.put([stock, own])
  while (!isPaused(one)) await new Promise(resolve => setImmediate(resolve))
  await resumeHere(one.board)
  assert.deepEqual((await one.push(own)).at(-1), 'done', 'the report of before')
  assert.equal(isPaused(one), false, 'a job is done once')
  await one.end()

  const restorers = [{ ...(admin ?? assert.fail()), roles: ['restore'] as const }]
  const { trust } = await testFleet(p, { admins: restorers })
  const two = stage({ done: noJobs })
  two.board.trust = trust
  const order = newOrder(p, trust, testNowMs, {
    expiresAtMs: testNowMs + hourMs,
    audience: [idToBytes(laptop.id)],
  })
  const byRestorer = { order, kind: 'pause', minutes: 60, sealed: new Uint8Array() } as const
  assert.deepEqual(await two.push(await signJob(p, byRestorer, fleet.admin)), ['refused not_authorized'])
  assert.equal(isPaused(two), false)
  await two.end()
})

test('what somebody said at the device is no admin’s to end, and a longer pause of theirs stands', async () => {
  const one = stage({ done: noJobs })
  await pauseHere(one.board, 2 * hourMs)
  assert.deepEqual(await one.push(await job('resume')), ['failed not_paused'])
  assert.deepEqual(await one.push(await pause(60, testNowMs)), ['done'])
  assert.deepEqual(boardWords(one.board).paused, { forMs: 0, leftMs: 2 * hourMs, by: '' })
  assert.deepEqual(one.board.record.afarPauses, [], 'it used nothing up')
  await one.end()
})
