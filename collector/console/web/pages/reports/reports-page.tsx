/** What to show to whoever asks. */
import type { Report, ReportKind } from '@backstay/proto/rest/reports'
import { Download, Printer } from 'lucide-react'
import { Link } from 'wouter'
import { addressOf } from '../../api/client.ts'
import { useAsk } from '../../api/queries.ts'
import { Page, Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { useAddress } from '../../words/address.ts'
import { numberText } from '../../words/bytes.ts'
import { Schedules } from './schedules.tsx'

export interface ReportLine {
  readonly kind: ReportKind
  readonly title: string
  readonly summary: string
  readonly rows: number
}

export function ReportsPage() {
  const [address] = useAddress()
  const person = usePerson()
  const { data, error, refetch } = useAsk<{ readonly items: readonly ReportLine[] }>('/reports')
  const chosen = data?.items.find(({ kind }) => kind === address.get('report')) ?? data?.items[0]
  return (
    <Page title="Reports" about="To read here, to take along, or to have sent.">
      {error !== null && <Trouble error={error} onAgain={() => void refetch()} />}
      <nav className="tabs" aria-label="Reports">
        {(data?.items ?? []).map(({ kind, title, rows }) => (
          <Link
            key={kind}
            href={`/reports?report=${kind}`}
            className="tab"
            aria-current={kind === chosen?.kind ? 'page' : undefined}
          >
            {title} <span className="faint">{numberText(rows)}</span>
          </Link>
        ))}
      </nav>
      {chosen !== undefined && <Shown kind={chosen.kind} />}
      {may(person, 'policy') && data !== undefined && <Schedules reports={data.items} />}
    </Page>
  )
}

function Shown({ kind }: { readonly kind: ReportKind }) {
  const { data, error } = useAsk<Report>(`/reports/${kind}`)
  return (
    <Panel
      title={data?.summary ?? ' '}
      bare
      actions={
        <>
          {data !== undefined && (
            <span className="faint">
              as of <Ago atMs={data.asOfMs} />
            </span>
          )}
          <a className="button plain small" href={addressOf(`/reports/${kind}.csv`)} download>
            <Download size={12} aria-hidden />
            CSV
          </a>
          <a className="button plain small" href={addressOf(`/reports/${kind}.pdf`)} download>
            <Printer size={12} aria-hidden />
            PDF
          </a>
        </>
      }
    >
      {error !== null ? (
        <Trouble error={error} />
      ) : data === undefined ? (
        <Coming lines={8} />
      ) : data.rows.length === 0 ? (
        <Empty title="Nothing to report">That is the best kind of report.</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              {data.columns.map(({ name, align }) => (
                <th key={name} className={align === 'right' ? 'number' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.rows.map(row => (
              <tr key={row.join('\n')}>
                {row.map((cell, at) => (
                  <td
                    key={data.columns[at]?.name ?? cell}
                    className={data.columns[at]?.align === 'right' ? 'number' : 'break'}
                  >
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
