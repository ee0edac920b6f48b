/** Which reports go out by mail, and when. */
import type { ReportSchedule, ScheduleBody } from '@backstay/proto/rest/reports'
import { Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Choose, Field } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import type { ReportLine } from './reports-page.tsx'

const spans = [
  { id: 'day', name: 'Every day' },
  { id: 'week', name: 'Every Monday' },
  { id: 'month', name: 'On the first of a month' },
] as const
const formats = [
  { id: 'pdf', name: 'PDF' },
  { id: 'csv', name: 'CSV' },
] as const

export function Schedules({ reports }: { readonly reports: readonly ReportLine[] }) {
  const { data, error } = useAsk<{ readonly items: readonly ReportSchedule[] }>('/report-schedules')
  const [isAdding, setAdding] = useState(false)
  const remove = useDeed((id: string) => send('DELETE', `/report-schedules/${id}`), ['/report-schedules'])
  return (
    <Panel
      title="Sent by mail"
      bare
      actions={
        <Button small onPress={() => setAdding(true)}>
          <Plus size={14} aria-hidden />
          Add
        </Button>
      }
    >
      {error !== null || remove.error !== null ? (
        <Trouble error={error ?? remove.error} />
      ) : data === undefined ? (
        <Coming lines={2} />
      ) : data.items.length === 0 ? (
        <Empty title="None is sent">
          A weekly coverage report is read by people who never open a console.
        </Empty>
      ) : (
        <table className="table">
          <tbody>
            {data.items.map(one => (
              <tr key={one.id}>
                <td>{one.name}</td>
                <td className="soft">
                  {spans.find(({ id }) => id === one.every)?.name} at {one.hour}:00, as{' '}
                  {one.format.toUpperCase()}
                </td>
                <td className="soft break">{one.to.join(', ')}</td>
                <td className="soft">
                  next <Ago atMs={one.nextAtMs} />
                </td>
                <td className="tight">
                  <Button
                    look="quiet"
                    small
                    onPress={() => remove.mutate(one.id)}
                    aria-label={`Remove ${one.name}`}
                  >
                    Remove
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isAdding && <ScheduleForm reports={reports} onClose={() => setAdding(false)} />}
    </Panel>
  )
}

function ScheduleForm(props: { readonly reports: readonly ReportLine[]; readonly onClose: () => void }) {
  const [report, setReport] = useState<string>(props.reports[0]?.kind ?? '')
  const [every, setEvery] = useState<ScheduleBody['every']>('week')
  const [format, setFormat] = useState<ScheduleBody['format']>('pdf')
  const [hour, setHour] = useState('7')
  const [to, setTo] = useState('')
  const name = props.reports.find(({ kind }) => kind === report)?.title ?? report
  const add = useDeed(
    () =>
      send('POST', '/report-schedules', {
        ...{ name, report, every, format, hour: Number(hour), enabled: true },
        to: to.split(/[\s,;]+/).filter(one => one !== ''),
      }),
    ['/report-schedules'],
  )
  return (
    <Asking title="Send a report" isOpen onClose={props.onClose}>
      <form
        className="stack wide"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          add.mutate(undefined, { onSuccess: props.onClose })
        }}
      >
        {add.error !== null && <Trouble error={add.error} />}
        <Choose
          label="Report"
          choices={props.reports.map(({ kind, title }) => ({ id: kind, name: title }))}
          value={report}
          onChange={setReport}
        />
        <Choose
          label="When"
          choices={spans}
          value={every}
          onChange={id => setEvery(spans.find(one => one.id === id)?.id ?? every)}
        />
        <Field
          label="Hour"
          inputMode="numeric"
          help="By the clock of the collector."
          value={hour}
          onChange={setHour}
        />
        <Choose
          label="As"
          choices={formats}
          value={format}
          onChange={id => setFormat(id === 'csv' ? 'csv' : 'pdf')}
        />
        <Field label="To" help="Addresses, with commas." value={to} onChange={setTo} isRequired />
        <div className="dialog-end">
          <Button type="submit" look="main" isDisabled={add.isPending}>
            Send it
          </Button>
        </div>
      </form>
    </Asking>
  )
}
