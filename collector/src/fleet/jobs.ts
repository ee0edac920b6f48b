/** Jobs that wait for their devices, and how those that run are going. What became of one is a record that its device signed. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { isFailure } from '@backstay/proto/failure'
import { type DeviceId, type FleetId, idToBytes } from '@backstay/proto/object/id'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeJob, type Job } from '@backstay/proto/trust/job'
import { decodeReport } from '@backstay/proto/trust/report'
import type { JobProgress } from '@backstay/proto/wire/frame'
import { jobsMax } from '@backstay/proto/wire/limits'
import { recordsOf } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'

export interface Jobs {
  /** Envelopes for the device that have not ended and that it has not reported on, oldest first. */
  pending(device: DeviceId): Promise<readonly Bytes[]>
  /** A job or a report, verified and durable. */
  add(envelope: Bytes, kind: 'job' | 'report'): Promise<void>
  tell(device: DeviceId, progress: JobProgress): void
  progressOf(device: DeviceId, job: Bytes): JobProgress
}

interface Known {
  /** By order id. */
  readonly jobs: Map<string, { readonly job: Job; readonly envelope: Bytes }>
  /** Order ids by device. */
  readonly reported: Map<DeviceId, Set<string>>
}

/** Of jobs that run now; more are forgotten, which costs nothing but a line on a screen. */
const progressMax = 10_000

export function keepJobs(sql: Sql, clock: Pick<Clock, 'now'>, fleet: () => FleetId | undefined): Jobs {
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

  return {
    async pending(device) {
      const { jobs, reported } = await known()
      const nowMs = clock.now()
      for (const [id, { job }] of jobs) if (job.order.expiresAtMs <= nowMs) jobs.delete(id)
      const own = idToBytes(device)
      const mine = [...jobs].filter(
        ([id, { job }]) =>
          !reported.get(device)?.has(id) && job.order.audience.some(one => hex(one) === hex(own)),
      )
      return mine.slice(0, jobsMax).map(([, { envelope }]) => envelope)
    },
    async add(envelope, kind) {
      const all = await known()
      if (kind === 'job') note(all, envelope)
      else noteReport(all, envelope)
    },
    tell(device, told) {
      if (progress.size >= progressMax) progress.clear()
      progress.set(keyOf(device, told.job), { ...told, heardAtMs: clock.now() })
    },
    progressOf(device, job) {
      return (
        progress.get(keyOf(device, job)) ?? { kind: 'jobProgress', job, entries: 0, bytes: 0, heardAtMs: 0 }
      )
    },
  }
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
  const own = reported.get(device) ?? new Set()
  reported.set(device, own.add(hex(job)))
}

function attempt(deed: () => void): void {
  try {
    deed()
  } catch (error) {
    if (!isFailure(error)) throw error
  }
}
