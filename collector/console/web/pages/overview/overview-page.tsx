/** Are we OK? One figure, what needs somebody now, and how it has gone. */
import type { Overview } from '@backstay/proto/rest/overview'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Page, Panel } from '../../parts/page.tsx'
import { Ring } from '../../parts/ring.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { Wishes } from '../../wishes/wishes.tsx'
import { counted, percentText } from '../../words/bytes.ts'
import { useNow } from '../../words/now.ts'
import { spanText } from '../../words/times.ts'
import { ActivityFeed } from './activity-feed.tsx'
import { HistoryPanels } from './history-panels.tsx'
import { NeedsYou } from './needs-you.tsx'
import './overview.css'

export function OverviewPage() {
  const { data, error, refetch } = useAsk<Overview>('/overview', {}, { everyMs: 60_000 })
  return (
    <Page title="Overview" about={data === undefined ? ' ' : <Sentence overview={data} />}>
      {error !== null && (
        <Trouble
          error={error}
          safe="Devices go on protecting themselves; what is shown is what was known last."
          onAgain={() => void refetch()}
        />
      )}
      <div className="columns">
        <Panel title="Coverage" className="coverage-panel">
          {data === undefined ? error === null && <Coming lines={7} /> : <Coverage overview={data} />}
        </Panel>
        <NeedsYou overview={data} />
        <Wishes />
        <HistoryPanels overview={data} />
        <ActivityFeed />
      </div>
    </Page>
  )
}

function Sentence({ overview }: { readonly overview: Overview }) {
  const { counts, attentionTotal } = overview
  const bad = counts.unprotected + counts.never_backed_up
  const all = devicesOf(overview)
  if (all === 0) return <>No device is enrolled yet.</>
  if (bad > 0) return <>{counted(bad, 'device is', 'devices are')} not protected.</>
  if (attentionTotal > 0)
    return <>Everything is protected; {counted(attentionTotal, 'thing needs', 'things need')} you.</>
  return <>Everything is protected. Nothing needs you.</>
}

function devicesOf({ counts }: Overview): number {
  return Object.entries(counts).reduce((sum, [state, count]) => (state === 'retired' ? sum : sum + count), 0)
}

function Coverage({ overview }: { readonly overview: Overview }) {
  const all = devicesOf(overview)
  if (overview.coverage === undefined || all === 0) {
    return (
      <Empty title="No device yet">
        <p>Make an enrolment token and run its command on the first machine.</p>
        <Link href="/enrolment" className="button main">
          Enrol a device
        </Link>
      </Empty>
    )
  }
  return (
    <div className="stack wide">
      <Ring
        counts={overview.counts}
        figure={percentText(overview.coverage)}
        caption={`of ${counted(all, 'device')}`}
      />
      <Oldest oldest={overview.oldestUnprotected} />
    </div>
  )
}

function Oldest({ oldest }: { readonly oldest: Overview['oldestUnprotected'] }) {
  const nowMs = useNow()
  if (oldest === undefined) {
    return <p className="oldest soft">No change waits anywhere: everything known is backed up.</p>
  }
  return (
    <p className="oldest soft">
      Oldest unprotected change{' '}
      <b title={spanText(nowMs - oldest.sinceMs)}>
        <Ago atMs={oldest.sinceMs} />
      </b>{' '}
      on <Link href={`/devices/${oldest.device}`}>{oldest.name}</Link>
    </p>
  )
}
