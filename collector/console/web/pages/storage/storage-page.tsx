/** Is there room, is it intact, and who fills it? */
import type { Storage } from '@backstay/proto/rest/storage'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Facts, Figure } from '../../parts/facts.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { bytesText, counted, numberText, percentText, timesText } from '../../words/bytes.ts'
import { spanText } from '../../words/times.ts'

const devicesMax = 50

export function StoragePage() {
  const { data, error, refetch } = useAsk<Storage>('/storage', {}, { everyMs: 20_000 })
  return (
    <Page title="Storage" about="What is kept, on which disk, and whether every byte of it was read again.">
      {error !== null && (
        <Trouble error={error} safe="What is stored is not touched by this." onAgain={() => void refetch()} />
      )}
      {data === undefined ? error === null && <Coming lines={12} /> : <Everything storage={data} />}
    </Page>
  )
}

function Everything({ storage }: { readonly storage: Storage }) {
  const { packs, condemned, collection, scrub, retention, disk } = storage
  // What else lies on that disk is nobody's business here: of what backups have or could have.
  const used = disk.bytes / Math.max(1, disk.bytes + disk.freeBytes)
  return (
    <div className="columns">
      <Panel className="span-12">
        <div className="figures">
          <Figure name="Stored" value={bytesText(storage.bytes)} more={counted(storage.objects, 'object')} />
          <Figure
            name="Protected data"
            value={bytesText(storage.logicalBytes)}
            more="newest snapshots, as restored"
          />
          <Figure
            name="Dedup and compression"
            value={storage.dedup === undefined ? '–' : timesText(storage.dedup)}
            more="all snapshots ÷ stored"
          />
          <Figure name="Disk free" value={bytesText(disk.freeBytes)} more={<Meter part={used} />} />
        </div>
      </Panel>
      <Panel title="Read again" className="span-4" actions={<Verdict scrub={scrub} />}>
        <Facts
          lines={[
            ['Oldest byte that was not', <Ago key="oldest" atMs={scrub.oldestUnverifiedAtMs} />],
            [
              'All is read within',
              scrub.periodMs === undefined ? 'never by itself' : spanText(scrub.periodMs),
            ],
            ['Damaged objects', scrub.damagedObjects === 0 ? 'none' : numberText(scrub.damagedObjects)],
            ['Packs damaged or missing', `${packs.damaged} and ${packs.missing}`],
          ]}
        />
        {scrub.damagedDevices.length > 0 && (
          <ul className="reasons">
            {scrub.damagedDevices.map(one => (
              <li key={one.device} className="reason bad">
                <Link href={`/devices/${one.device}`}>{one.device.slice(0, 8)}</Link>:{' '}
                {counted(one.objects, 'object')} in {counted(one.snapshots, 'snapshot')}; its next backup
                heals what it still has
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Retention" className="span-4">
        <Facts
          lines={[
            ['Snapshots', retention === undefined ? 'counting…' : numberText(retention.snapshots)],
            ['May go at the next collection', goText(retention?.mayGo)],
            [
              'Kept for',
              <Link key="rule" href="/policies">
                see Policies
              </Link>,
            ],
          ]}
        />
        <Going retention={retention} />
      </Panel>
      <Panel title="Collection" className="span-4">
        <Facts
          lines={[
            ['Last', <Ago key="last" atMs={collection.lastAtMs} never="not yet" />],
            ['Next', <Ago key="next" atMs={collection.nextAtMs} />],
            ['Waits to be freed', `${bytesText(condemned.bytes)} in ${counted(condemned.objects, 'object')}`],
            ['Packs', `${numberText(packs.packs)}, ${bytesText(packs.bytes)}`],
            ['Kept free on the disk', bytesText(disk.reserveBytes)],
          ]}
        />
      </Panel>
      <Panel title="By device" className="span-12" bare>
        <ByDevice storage={storage} />
      </Panel>
    </div>
  )
}

const goingMax = 5

/** Whose snapshots go. How many bytes that frees is known when they have gone: snapshots share segments. */
function Going({ retention }: Pick<Storage, 'retention'>) {
  if (retention === undefined || retention.mayGo === 0) return null
  const { devices, devicesTotal } = retention
  return (
    <div className="stack">
      <p className="soft">
        From {counted(devicesTotal, 'device')}; how much room that makes is seen afterwards, as snapshots
        share what did not change.
      </p>
      <ul className="reasons">
        {devices.slice(0, goingMax).map(one => (
          <li key={one.device} className="row wrap">
            <Link href={`/devices/${one.device}`}>{one.name}</Link>
            <span className="soft">
              {numberText(one.mayGo)} of {numberText(one.snapshots)}
            </span>
          </li>
        ))}
        {devicesTotal > goingMax && <li className="faint">and {numberText(devicesTotal - goingMax)} more</li>}
      </ul>
    </div>
  )
}

function Verdict({ scrub }: { readonly scrub: Storage['scrub'] }): ReactNode {
  if (scrub.damagedObjects > 0) return <span className="tone bad">damage found</span>
  return scrub.late ? (
    <span className="tone warn">behind its plan</span>
  ) : (
    <span className="tone good">intact</span>
  )
}

function Meter({ part }: { readonly part: number }) {
  return (
    <span className="stack">
      <span>{percentText(part)} of the room is used</span>
      <span className={part > 0.85 ? 'meter warn' : 'meter'} aria-hidden>
        <span style={{ width: `${Math.min(100, part * 100)}%` }} />
      </span>
    </span>
  )
}

function ByDevice({ storage }: { readonly storage: Storage }) {
  const rows = storage.devices.toSorted((a, b) => b.bytes - a.bytes).slice(0, devicesMax)
  const most = rows[0]?.bytes ?? 1
  if (rows.length === 0)
    return <Empty title="Nothing is stored yet">The first snapshot of the first device begins it.</Empty>
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Device</th>
          <th className="number">Stored</th>
          <th>
            <span className="unseen">Share</span>
          </th>
          <th className="number">Snapshots</th>
          <th className="number">Objects</th>
          <th className="number">Protected data</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={row.device}>
            <td>
              <Link href={`/devices/${row.device}`}>{row.name}</Link>
            </td>
            <td className="number">{bytesText(row.bytes)}</td>
            <td className="share">
              <span className="meter" aria-hidden>
                <span style={{ width: `${(row.bytes / Math.max(1, most)) * 100}%` }} />
              </span>
            </td>
            <td className="number">{numberText(row.snapshots)}</td>
            <td className="number">{numberText(row.objects)}</td>
            <td className="number">{bytesText(row.logicalBytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function goText(count: number | undefined): string {
  if (count === undefined) return 'counting…'
  return count === 0 ? 'none' : numberText(count)
}
