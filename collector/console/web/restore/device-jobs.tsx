/** What becomes of restores that a device does itself. */

import type { deviceRoutes } from '@backstay/proto/rest/devices'
import type { AnswerOf } from '@backstay/proto/rest/route'
import type { WishedPlace } from '@backstay/proto/trust/restore-wish'
import { useEffect, useRef } from 'react'
import { useAsk } from '../api/queries.ts'
import { Button } from '../parts/controls.tsx'
import { Note } from '../parts/saying.tsx'
import { numberText } from '../words/bytes.ts'
import { ProgressLine } from './progress-line.tsx'
import { RestoredReport } from './restored-report.tsx'
import { type Amount, rememberSpeed } from './speed.ts'

type Job = AnswerOf<typeof deviceRoutes.jobs>['items'][number]

export interface DeviceJobsProps {
  readonly device: string
  readonly jobs: readonly string[]
  readonly place: WishedPlace
  /** How much it is in all. */
  readonly amount: Amount | undefined
  readonly onClose: () => void
}

const ended: ReadonlySet<Job['state'] | undefined> = new Set(['done', 'failed', 'refused', 'expired'])

export function DeviceJobs({ device, jobs, place, amount, onClose }: DeviceJobsProps) {
  const answer = useAsk<AnswerOf<typeof deviceRoutes.jobs>>(`/devices/${device}/jobs`, {}, { everyMs: 1_000 })
  const own = jobs.map(job => answer.data?.items.find(one => one.job === job))
  const done = own.filter(one => one?.state === 'done').length
  useMeasured(device, own)
  const waiting = own.filter(one => one === undefined || one.state === 'waiting').length
  return (
    <div className="stack restore-progress" role="status">
      {waiting > 0 && (
        <Note>Signed. The device begins as soon as it is connected; you may leave this page.</Note>
      )}
      <Moving jobs={own} total={amount?.bytes} />
      {done > 0 && done < jobs.length && (
        <p>
          {numberText(done)} of {numberText(jobs.length)} are back.
        </p>
      )}
      {done === jobs.length && <RestoredReport {...{ device, jobs, place }} />}
      {own.map((job, index) => job !== undefined && <JobLine key={jobs[index]} job={job} />)}
      {own.every(job => ended.has(job?.state)) && (
        <div className="row">
          <Button small look="quiet" onPress={onClose}>
            Close the report
          </Button>
        </div>
      )}
    </div>
  )
}

/** All of them together, from when the first was seen at work. */
function Moving({
  jobs,
  total,
}: {
  readonly jobs: readonly (Job | undefined)[]
  readonly total: number | undefined
}) {
  const from = useRef<{ readonly bytes: number; readonly atMs: number }>(undefined)
  const sum = (of: 'entries' | 'bytes') => jobs.reduce((all, job) => all + (job?.[of] ?? 0), 0)
  const [entries, bytes] = [sum('entries'), sum('bytes')]
  if (!jobs.some(job => job?.state === 'running')) return null
  from.current ??= { bytes, atMs: performance.now() }
  return <ProgressLine {...{ entries, bytes, total }} from={from.current} />
}

const reasons: Readonly<Record<string, string>> = {
  not_in_place:
    'its place lies outside of what the policy backs up, or in a folder that belongs to root; let it go into a new folder',
  bad_place: 'a link, or something that is no folder, is in its way there; let it go into a new folder',
  no_room: 'its disk is too full; take the zip',
}

function reasonText({ code, state }: Job): string {
  return reasons[code ?? ''] ?? `it said “${code ?? state}”; take the zip instead, or try again`
}

/** From when a job was first seen at work to when it was done: what the next estimate is made from. */
function useMeasured(device: string, jobs: readonly (Job | undefined)[]): void {
  const begun = useRef(new Map<string, { readonly job: Job; readonly atMs: number }>())
  useEffect(() => {
    for (const job of jobs) {
      if (job === undefined) continue
      const first = begun.current.get(job.job)
      if (job.state === 'running' && first === undefined)
        begun.current.set(job.job, { job, atMs: performance.now() })
      if (job.state !== 'done' || first === undefined) continue
      begun.current.delete(job.job)
      const amount = {
        entries: (job.entries ?? 0) - (first.job.entries ?? 0),
        bytes: (job.bytes ?? 0) - (first.job.bytes ?? 0),
      }
      rememberSpeed(device, amount, performance.now() - first.atMs)
    }
  }, [device, jobs])
}

function JobLine({ job }: { readonly job: Job }) {
  switch (job.state) {
    case 'waiting':
    case 'running':
    case 'done':
      return null
    case 'expired':
      return <Note tone="warn">The device did not come in time. Sign it again.</Note>
    default:
      return (
        <Note tone="bad">The device did not restore it: {reasonText(job)}. Nothing was overwritten.</Note>
      )
  }
}
