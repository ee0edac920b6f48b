/** How the last thirty days went, and when the disk is full if it goes on like this. */

import type { Day, Overview, overviewRoutes } from '@backstay/proto/rest/overview'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { useMemo } from 'react'
import { useAsk } from '../../api/queries.ts'
import { Chart, type Series } from '../../parts/chart.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { usePerson } from '../../shell/session.ts'
import { bytesText, numberText, timesText } from '../../words/bytes.ts'
import { useNow } from '../../words/now.ts'
import { dayMs, spanText } from '../../words/times.ts'

const forecastDays = 14

export function HistoryPanels({ overview }: { readonly overview: Overview | undefined }) {
  const { groups } = usePerson()
  const seesAll = groups === undefined
  const { data, error } = useAsk<AnswerOf<typeof overviewRoutes.history>>(
    '/history',
    { days: 30 },
    { enabled: seesAll },
  )
  if (!seesAll) return null
  const days = error === null ? data?.days : []
  return (
    <>
      <Panel title="Snapshots" className="chart-panel" actions={<span className="faint">30 days</span>}>
        {days === undefined ? (
          <Coming lines={5} />
        ) : days.length < 2 ? (
          <Young />
        ) : (
          <SnapshotChart days={days} />
        )}
      </Panel>
      <Panel title="Storage" className="chart-panel" actions={<Full overview={overview} />}>
        {days === undefined ? (
          <Coming lines={5} />
        ) : days.length < 2 ? (
          <Young />
        ) : (
          <StorageChart days={days} />
        )}
      </Panel>
      <Panel title="Proof" className="proof-panel">
        {overview === undefined ? <Coming lines={4} /> : <Proofs overview={overview} />}
      </Panel>
    </>
  )
}

function Young() {
  return <Empty title="Nothing to draw yet">A line begins after the second day.</Empty>
}

function SnapshotChart({ days }: { readonly days: readonly Day[] }) {
  const times = useMemo(() => days.map(day => day.dayMs), [days])
  const series = useMemo<Series[]>(
    () => [{ name: 'Snapshots', colour: '--accent', values: days.map(day => day.snapshots), look: 'bars' }],
    [days],
  )
  return <Chart label="Snapshots a day, over 30 days" times={times} series={series} valueText={numberText} />
}

function StorageChart({ days }: { readonly days: readonly Day[] }) {
  const { times, series } = useMemo(() => storageSeries(days), [days])
  return (
    <Chart
      label="Stored bytes over 30 days, and how it may go on"
      times={times}
      series={series}
      valueText={bytesText}
      isBytes
    />
  )
}

function storageSeries(days: readonly Day[]): { readonly times: number[]; readonly series: Series[] } {
  const first = days[0]
  const last = days.at(-1)
  const grown = first && last ? (last.storedBytes - first.storedBytes) / Math.max(1, days.length - 1) : 0
  const ahead = last === undefined ? [] : Array.from({ length: forecastDays }, (_, at) => at + 1)
  const then = ahead.map(at => Math.max(0, (last?.storedBytes ?? 0) + grown * at))
  return {
    times: [...days.map(day => day.dayMs), ...ahead.map(at => (last?.dayMs ?? 0) + at * dayMs)],
    series: [
      {
        name: 'Stored',
        colour: '--accent',
        values: [...days.map(day => day.storedBytes), ...ahead.map(() => null)],
      },
      {
        name: 'Forecast',
        colour: '--ink-faint',
        values: [...days.slice(0, -1).map(() => null), last?.storedBytes ?? null, ...then],
        look: 'dashes',
      },
    ],
  }
}

function Full({ overview }: { readonly overview: Overview | undefined }) {
  const nowMs = useNow()
  if (overview?.storage === undefined) return null
  const { bytes, diskFreeBytes, fullAtMs } = overview.storage
  const ends =
    fullAtMs === undefined ? `${bytesText(diskFreeBytes)} free` : `full in ${spanText(fullAtMs - nowMs)}`
  return (
    <span className="faint">
      {bytesText(bytes)} stored, {ends}
    </span>
  )
}

function Proofs({ overview }: { readonly overview: Overview }) {
  const { storage, scrub, drill } = overview
  return (
    <Facts
      lines={[
        ['Last scrub', <Ago key="scrub" atMs={scrub?.lastAtMs} never="not yet" />],
        ['Oldest byte not read again', <Ago key="oldest" atMs={scrub?.oldestUnverifiedAtMs} />],
        ['Damaged objects', <Count key="damaged" count={scrub?.damaged ?? 0} />],
        ['Last proof of keys', <Ago key="proof" atMs={drill.lastProofAtMs} never="never" />],
        ['Keys unproven', <Count key="unproven" count={drill.unproven} />],
        ...(storage === undefined ? [] : [['Protected data', bytesText(storage.logicalBytes)] as const]),
        // In one: what is compressed is sealed, and the collector cannot tell the two apart.
        ...(storage?.dedup === undefined
          ? []
          : [['Dedup and compression', timesText(storage.dedup)] as const]),
      ]}
    />
  )
}

/** None is well. */
function Count({ count }: { readonly count: number }) {
  return count === 0 ? 'none' : <span className="tone warn">{numberText(count)}</span>
}
