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
import type { DoneJob } from '@backstay/proto/trust/replay'
import { type JobReport, verifyReport } from '@backstay/proto/trust/report'
import { testDevice, testFleet, testIdentity, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { BegunJob } from '../jobs/begun-job.ts'
import type { MemberLink } from '../link/member.ts'
import { newest } from '../link/newest.ts'
import { jobPart } from './job-part.ts'
import { sampleBoard } from './testing/sample-board.ts'

const fleet = await testFleet(p)
const laptop = await testDevice(p, fleet, 'laptop')
const other = await testDevice(p, fleet, 'other')
const dayMs = 86_400_000

async function job(kind: JobKind, options: OrderOptions = {}, by = fleet.admin): Promise<Bytes> {
  const usual = { expiresAtMs: testNowMs + dayMs, audience: [idToBytes(laptop.id)] }
  const order = newOrder(p, fleet.trust, testNowMs, { ...usual, ...options })
  return signJob(p, { order, kind, sealed: new Uint8Array() }, by)
}

/** A part that runs against a session in memory, over a disk that outlives it. */
function stage(disk: { done: readonly DoneJob[]; begun?: BegunJob | undefined }) {
  const { board, clock } = sampleBoard()
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
    writeDoneJobs: async (done: readonly DoneJob[]) => {
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
    { board, backUp: () => backUp(), places: () => assert.fail('none is restored here'), roots: () => [] },
    () => undefined,
  )
  const stop = new AbortController()
  const running = part.run(stop.signal).catch(() => undefined)
  const made = {
    deaf: false,
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

test('a job is done once, and what it found is for its signer', async () => {
  const disk = { done: [] as readonly DoneJob[] }
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
    Array(3).fill(disk.done[0]?.id),
  )
  assert.equal(one.backups, 1)
  await one.end()
})

test('a job that was cut off is not begun again, and its report says so', async () => {
  const disk = { done: [] as readonly DoneJob[] }
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
  assert.equal(disk.done.length, 1, 'it was on the disk before it began')
  const second = stage(disk)
  assert.deepEqual(new Set(await second.push(envelope)), new Set(['failed interrupted']))
  assert.equal(second.backups, 0)
  await second.end()
})

test('a report that no collector has taken yet outlives the process', async () => {
  const disk: { done: readonly DoneJob[]; begun?: BegunJob | undefined } = { done: [] }
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

test('tests 20 and 29: late, for others or unsigned: refused each', async () => {
  const disk = { done: [] as readonly DoneJob[] }
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
  const one = stage({ done: [] })
  one.failWith(async () => {
    throw new Error('/home/kim/secret')
  })
  assert.deepEqual(await one.push(await job('backup')), ['failed internal'])
  assert.equal(one.reports[0]?.sealed.length, 0)
  await one.end()
})
