/** What becomes of restores that a device does itself. */

import type { deviceRoutes } from '@backstay/proto/rest/devices'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { useAsk } from '../api/queries.ts'
import { Note } from '../parts/saying.tsx'
import { bytesText, numberText } from '../words/bytes.ts'

type Job = AnswerOf<typeof deviceRoutes.jobs>['items'][number]

export function DeviceJobs({ device, jobs }: { readonly device: string; readonly jobs: readonly string[] }) {
  const answer = useAsk<AnswerOf<typeof deviceRoutes.jobs>>(`/devices/${device}/jobs`, {}, { everyMs: 1_000 })
  const own = jobs.map(job => answer.data?.items.find(one => one.job === job))
  const waiting = own.filter(one => one === undefined || one.state === 'waiting').length
  return (
    <div className="stack restore-progress" role="status">
      {waiting > 0 && (
        <Note>Signed. The device begins as soon as it is connected; you may leave this page.</Note>
      )}
      {own.map((job, index) => job !== undefined && <JobLine key={jobs[index]} job={job} />)}
    </div>
  )
}

function JobLine({ job }: { readonly job: Job }) {
  const amount = `${numberText(job.entries ?? 0)} entries, ${bytesText(job.bytes ?? 0)}`
  switch (job.state) {
    case 'waiting':
      return null
    case 'running':
      return <p>Restoring: {amount}</p>
    case 'done':
      return (
        <Note tone="good">
          The device has it back: in its place, or in a folder “Restored” of the person who works on it, as
          you chose.
        </Note>
      )
    case 'expired':
      return <Note tone="warn">The device did not come in time. Sign it again.</Note>
    default:
      return (
        <Note tone="bad">
          The device did not restore it ({job.code ?? job.state}). Nothing was overwritten; take the zip
          instead, or try again.
        </Note>
      )
  }
}
