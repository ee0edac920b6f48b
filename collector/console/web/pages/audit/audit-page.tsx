/** Who did what, and when. Each line is a leaf of a log that nobody can change unseen. */
import type { AuditLine } from '@backstay/proto/rest/devices'
import { Download } from 'lucide-react'
import { Link } from 'wouter'
import { addressOf } from '../../api/client.ts'
import { useAsk } from '../../api/queries.ts'
import { Button, Field, Tick } from '../../parts/controls.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { useAddress } from '../../words/address.ts'
import { numberText } from '../../words/bytes.ts'
import { actorText, shortText } from '../../words/ids.ts'
import { dayBeginsMs } from '../../words/times.ts'
import './audit.css'

const lines = 200
/** Of one export with proofs. */
const provedMax = 10_000

interface Listing {
  readonly items: readonly AuditLine[]
  readonly nextCursor?: string
}

export function AuditPage() {
  const [address, change] = useAddress()
  const filters = {
    actor: address.get('actor') ?? '',
    action: address.get('action') ?? '',
    device: address.get('device') ?? '',
    withoutCommits: address.get('commits') === 'shown' ? 'false' : 'true',
    fromMs: dayBeginsMs(address.get('from') ?? ''),
    // The day itself as well.
    toMs: dayBeginsMs(address.get('to') ?? '', 1),
  }
  const { data, error, refetch } = useAsk<Listing>('/audit', {
    ...filters,
    cursor: address.get('cursor') ?? '',
    limit: lines,
  })
  const log = useAsk<{ readonly size: number; readonly root: string }>('/log/checkpoint')
  return (
    <Page
      title="Audit"
      about={
        log.data === undefined ? (
          ' '
        ) : (
          <>
            {numberText(log.data.size)} entries; agents and consoles witness the root{' '}
            <code title={log.data.root}>{log.data.root.slice(0, 12)}</code>.
          </>
        )
      }
      actions={
        <>
          <a className="button plain" href={addressOf('/audit.csv', filters)} download>
            <Download size={14} aria-hidden />
            CSV
          </a>
          <a
            className="button plain"
            href={addressOf('/audit.json', { ...filters, limit: provedMax })}
            title={`The newest ${numberText(provedMax)} lines that match; the file says when older ones do. Choose days for those.`}
            download
          >
            <Download size={14} aria-hidden />
            JSON with proofs
          </a>
        </>
      }
    >
      <div className="filter-bar">
        <Field
          label="Actor"
          hideLabel
          placeholder="Actor, exactly"
          value={filters.actor}
          onChange={actor => change({ actor, cursor: undefined })}
        />
        <Field
          label="Action"
          hideLabel
          placeholder="Action, exactly"
          value={filters.action}
          onChange={action => change({ action, cursor: undefined })}
        />
        {(['from', 'to'] as const).map(end => (
          <Day
            key={end}
            end={end}
            value={address.get(end) ?? ''}
            onChange={day => change({ [end]: day, cursor: undefined })}
          />
        ))}
        <Tick
          isSelected={filters.withoutCommits === 'false'}
          onChange={is => change({ commits: is ? 'shown' : undefined, cursor: undefined })}
        >
          With the snapshots of devices
        </Tick>
      </div>
      <Panel bare>
        {error !== null ? (
          <Trouble error={error} onAgain={() => void refetch()} />
        ) : data === undefined ? (
          <Coming lines={12} />
        ) : data.items.length === 0 ? (
          <Empty title="No such line">Nothing in the log matches.</Empty>
        ) : (
          <Lines items={data.items} />
        )}
      </Panel>
      <div className="row">
        {address.get('cursor') !== null && (
          <Button onPress={() => change({ cursor: undefined })}>Newest</Button>
        )}
        {data?.nextCursor !== undefined && (
          <Button onPress={() => change({ cursor: data.nextCursor }, true)}>Older</Button>
        )}
      </div>
    </Page>
  )
}

const endNames = { from: 'From', to: 'To' } as const

function Day(props: {
  readonly end: 'from' | 'to'
  readonly value: string
  readonly onChange: (day: string) => void
}) {
  const { end, value, onChange } = props
  return (
    <>
      <span className="faint" aria-hidden>
        {end}
      </span>
      <Field label={endNames[end]} hideLabel type="date" value={value} onChange={onChange} />
    </>
  )
}

function Lines({ items }: { readonly items: readonly AuditLine[] }) {
  const [, change] = useAddress()
  return (
    <table className="table audit">
      <thead>
        <tr>
          <th className="number">#</th>
          <th>When</th>
          <th>Who</th>
          <th>What</th>
          <th>About</th>
          <th>More</th>
        </tr>
      </thead>
      <tbody>
        {items.map(line => (
          <tr key={line.sequence}>
            <td className="number faint">{line.sequence}</td>
            <td>
              <Ago atMs={line.atMs} />
            </td>
            <td className="break">
              <button
                type="button"
                className="link"
                title={line.actor}
                onClick={() => change({ actor: line.actor, cursor: undefined })}
              >
                {actorText(line)}
              </button>
            </td>
            <td>
              <button
                type="button"
                className="link"
                onClick={() => change({ action: line.action, cursor: undefined })}
              >
                {line.action.replaceAll(/[._]/g, ' ')}
              </button>
            </td>
            <td className="break">
              <p>
                {line.device !== undefined && (
                  <Link href={`/devices/${line.device}`}>{line.deviceName ?? line.device.slice(0, 8)}</Link>
                )}{' '}
                <span title={line.target}>{shortText(line.target ?? '')}</span>
              </p>
            </td>
            <td className="soft break">
              {Object.entries(line.detail)
                .map(([name, value]) => `${name} ${value}`)
                .join(', ')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
