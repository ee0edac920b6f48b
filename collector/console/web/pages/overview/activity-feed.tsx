/** What happens now, newest first. */
import type { Activity } from '@backstay/proto/rest/overview'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'

const lines = 14

export function ActivityFeed() {
  const { data } = useAsk<{ readonly items: readonly Activity[] }>('/activity', { limit: lines })
  return (
    <Panel title="Activity" className="activity-panel" bare>
      {data === undefined ? (
        <Coming lines={8} />
      ) : data.items.length === 0 ? (
        <Empty title="Quiet so far">What devices and people do appears here as it happens.</Empty>
      ) : (
        <ol className="feed">
          {data.items.map(line => (
            <Line key={line.id} line={line} />
          ))}
        </ol>
      )}
    </Panel>
  )
}

/** Where the log's own word is short. */
const words: Readonly<Record<string, string>> = { commit: 'backed up' }

const tones = { good: 'good', note: 'rest', warning: 'warn', critical: 'bad' } as const

function Line({ line }: { readonly line: Activity }) {
  return (
    <li className="feed-line">
      <span className={`feed-dot tone ${tones[line.severity]}`} aria-hidden />
      <span className="one-line" title={line.what}>
        {line.device !== undefined && (
          <>
            <Link href={`/devices/${line.device}`}>{line.name ?? line.device.slice(0, 8)}</Link>{' '}
          </>
        )}
        {words[line.what] ?? line.what}
      </span>
      <span className="faint push">
        <Ago atMs={line.atMs} />
      </span>
    </li>
  )
}
