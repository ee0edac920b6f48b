/** One-time commands that were signed for the device, and what became of them. */
import type { JobItem } from '@backstay/proto/rest/devices'
import { useAsk } from '../../api/queries.ts'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { bytesText, counted } from '../../words/bytes.ts'
import { minutesText } from '../../words/times.ts'

const kinds = {
  ...{ backup: 'Back up', verify: 'Verify', restore: 'Restore', diagnostics: 'Diagnostics' },
  ...{ pause: 'Pause', resume: 'End a pause' },
} as const
const looks = {
  waiting: { word: 'waits for the device', tone: 'rest' },
  running: { word: 'runs', tone: 'rest' },
  done: { word: 'done', tone: 'good' },
  failed: { word: 'failed', tone: 'bad' },
  refused: { word: 'refused', tone: 'bad' },
  expired: { word: 'expired', tone: 'warn' },
} as const

export function JobsPanel({ device }: { readonly device: string }) {
  const { data } = useAsk<{ readonly items: readonly JobItem[] }>(`/devices/${device}/jobs`)
  return (
    <Panel title="Jobs" bare>
      {data === undefined ? (
        <Coming lines={4} />
      ) : data.items.length === 0 ? (
        <Empty title="No job yet">Back up now and Restore make some.</Empty>
      ) : (
        <table className="table">
          <tbody>
            {data.items.map(job => (
              <tr key={job.job}>
                <td>{kinds[job.kind]}</td>
                <td className={`tone ${looks[job.state].tone}`}>
                  {looks[job.state].word}
                  {job.code ? ` (${job.code.replaceAll('_', ' ')})` : ''}
                </td>
                <td className="soft">
                  {job.minutes !== undefined && minutesText(job.minutes)}
                  {job.entries !== undefined && counted(job.entries, 'entry', 'entries')}
                  {job.bytes !== undefined && `, ${bytesText(job.bytes)}`}
                </td>
                <td className="tight faint">
                  <Ago atMs={job.reportedAtMs ?? job.issuedAtMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
