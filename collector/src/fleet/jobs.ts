/** Jobs that wait for their devices, and how those that run are going. What became of one is a record that its device signed. */
import { type Bytes, equalBytes, hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeJob, type Job, jobDaysMax } from '@backstay/proto/trust/job'
import { isFor } from '@backstay/proto/trust/order'
import { decodeReport, type JobReport } from '@backstay/proto/trust/report'
import type { JobProgress } from '@backstay/proto/wire/frame'
import { jobsMax } from '@backstay/proto/wire/limits'
import { recordsOf } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Newsroom } from './news.ts'

export interface Jobs {
  /** Envelopes for the device that have not ended and that it has not reported on, oldest first. */
  pending(device: DeviceId): Promise<readonly Bytes[]>
  /** Devices and parcels whose snapshots are being given back on this one: it may read their objects until it has reported. */
  sourcesFor(device: DeviceId): Promise<ReadonlySet<DeviceId>>
  /** Before a report is kept. Throws `unknown_job` for one on no job of the device, `job_reported` for a second, other one. */
  requireReportable(device: DeviceId, envelope: Bytes): Promise<void>
  /** A job or a report, verified and durable. */
  add(envelope: Bytes, kind: 'job' | 'report'): Promise<void>
  tell(device: DeviceId, progress: JobProgress): void
  progressOf(device: DeviceId, job: Bytes): JobProgress
  /** All jobs of a device that are known, newest first, with what it reported. */
  of(device: DeviceId): Promise<readonly KnownJob[]>
}

export interface KnownJob {
  readonly job: Job
  readonly report: JobReport | undefined
}

interface Known {
  /** By order id. */
  readonly jobs: Map<string, { readonly job: Job; readonly envelope: Bytes }>
  /** The report of each job, by device and order id. */
  readonly reported: Map<DeviceId, Map<string, Bytes>>
}

/** A restore that began in time may go on after its job has ended. */
const goingOnMs = jobDaysMax * 86_400_000
/** Of jobs that run now; more are forgotten, which costs nothing but a line on a screen. */
const progressMax = 10_000

export function keepJobs(
  sql: Sql,
  clock: Pick<Clock, 'now'>,
  fleet: () => FleetId | undefined,
  news: Pick<Newsroom, 'tell'>,
  lends: (source: DeviceId, receiver: DeviceId) => Promise<boolean> = async () => true,
): Jobs {
  let reading: Promise<Known> | undefined
  const progress = new Map<string, JobProgress>()
  const keyOf = (device: DeviceId, job: Bytes) => `${device} ${hex(job)}`

  function known(): Promise<Known> {
    reading ??= read(sql, fleet())
    reading.catch(() => {
      reading = undefined
    })
    return reading
  }

  /** For the device and not reported on, oldest first, until `graceMs` behind their end. */
  async function openJobs(device: DeviceId, graceMs = 0) {
    const { jobs, reported } = await known()
    const nowMs = clock.now()
    return [...jobs]
      .filter(
        ([
          id,
          {
            job: { order },
          },
        ]) => {
          const isOver = order.expiresAtMs + graceMs <= nowMs || reported.get(device)?.has(id)
          return !isOver && isFor(device, order)
        },
      )
      .map(([, known]) => known)
  }

  return {
    async pending(device) {
      return (await openJobs(device)).slice(0, jobsMax).map(({ envelope }) => envelope)
    },
    async sourcesFor(device) {
      const sources = new Set((await openJobs(device, goingOnMs)).flatMap(({ job }) => job.source ?? []))
      for (const source of sources) if (!(await lends(source, device))) sources.delete(source)
      return sources
    },
    async requireReportable(device, envelope) {
      const { jobs, reported } = await known()
      const id = hex(decodeReport(decodeEnvelope(envelope).payload).job)
      const job = jobs.get(id)?.job
      if (job === undefined || !isFor(device, job.order)) {
        throw new Failure('unknown_job', `there is no job "${id}" for this device`)
      }
      const before = reported.get(device)?.get(id)
      if (before !== undefined && !equalBytes(before, envelope)) {
        throw new Failure('job_reported', `job "${id}" was reported on already`)
      }
    },
    async add(envelope, kind) {
      const all = await known()
      if (kind === 'job') return note(all, envelope)
      noteReport(all, envelope)
      const { device, job, state, code } = decodeReport(decodeEnvelope(envelope).payload)
      const { entries, bytes } = this.progressOf(device, job)
      news.tell({ kind: 'job', device, job: hex(job), state, entries, bytes, code })
    },
    tell(device, told) {
      if (progress.size >= progressMax) progress.clear()
      progress.set(keyOf(device, told.job), { ...told, heardAtMs: clock.now() })
      const { job, entries, bytes } = told
      news.tell({ kind: 'job', device, job: hex(job), state: 'running', entries, bytes, code: '' })
    },
    async of(device) {
      const { jobs, reported } = await known()
      const own = reported.get(device)
      return [...jobs]
        .filter(([, { job }]) => isFor(device, job.order))
        .map(([id, { job }]) => ({ job, report: reportOf(own?.get(id)) }))
        .sort((a, b) => b.job.order.issuedAtMs - a.job.order.issuedAtMs)
    },
    progressOf(device, job) {
      return (
        progress.get(keyOf(device, job)) ?? { kind: 'jobProgress', job, entries: 0, bytes: 0, heardAtMs: 0 }
      )
    },
  }
}

function reportOf(envelope: Bytes | undefined): JobReport | undefined {
  return envelope && decodeReport(decodeEnvelope(envelope).payload)
}

async function read(sql: Sql, fleet: FleetId | undefined): Promise<Known> {
  const all: Known = { jobs: new Map(), reported: new Map() }
  if (fleet === undefined) return all
  // Devices judge the signatures; what is not theirs to do, they refuse.
  for (const { envelope } of await recordsOf(sql, fleet, 'job')) attempt(() => note(all, envelope))
  for (const { envelope } of await recordsOf(sql, fleet, 'report')) attempt(() => noteReport(all, envelope))
  return all
}

function note({ jobs }: Known, envelope: Bytes): void {
  const job = decodeJob(decodeEnvelope(envelope).payload)
  jobs.set(hex(job.order.id), { job, envelope })
}

function noteReport({ reported }: Known, envelope: Bytes): void {
  const { device, job } = decodeReport(decodeEnvelope(envelope).payload)
  const own = reported.get(device) ?? new Map()
  // The first counts.
  if (!own.has(hex(job))) own.set(hex(job), envelope)
  reported.set(device, own)
}

function attempt(deed: () => void): void {
  try {
    deed()
  } catch (error) {
    if (!isFailure(error)) throw error
  }
}
