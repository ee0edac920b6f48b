/** Alerts, newest first: acknowledge one and it is told no more; mute one for a while. */
import type { AlertItem } from '@backstay/proto/rest/alerts'
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { Link } from 'wouter'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Choose } from '../../parts/controls.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago, Since } from '../../parts/time.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { useAddress } from '../../words/address.ts'
import { dayMs } from '../../words/times.ts'

const choices = [
  { id: '', name: 'Any state' },
  { id: 'open', name: 'Open' },
  { id: 'acknowledged', name: 'Acknowledged' },
  { id: 'muted', name: 'Muted' },
  { id: 'recovered', name: 'Recovered' },
]
const muteDays = 7

export function AlertList() {
  const [address, change] = useAddress()
  const state = address.get('state') ?? ''
  const { data, error, refetch } = useAsk<{ readonly items: readonly AlertItem[] }>(
    '/alerts',
    { state, limit: 200 },
    { everyMs: 15_000 },
  )
  return (
    <Panel
      title="Alerts"
      bare
      actions={
        <Choose
          label="State"
          hideLabel
          choices={choices}
          value={state}
          onChange={id => change({ state: id })}
        />
      }
    >
      {error !== null ? (
        <Trouble error={error} onAgain={() => void refetch()} />
      ) : data === undefined ? (
        <Coming lines={6} />
      ) : data.items.length === 0 ? (
        <Empty title={state === '' ? 'Nothing was ever wrong' : 'None'}>
          {state === '' && (
            <p>
              See that somebody is told when it is: add a channel under{' '}
              <Link href="/alerts?part=channels">Channels</Link> and press Test.
            </p>
          )}
        </Empty>
      ) : (
        <ul>
          {data.items.map(item => (
            <Line key={item.id} item={item} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

const stateWords = {
  open: 'open',
  acknowledged: 'taken care of',
  muted: 'muted',
  recovered: 'recovered',
} as const

function Line({ item }: { readonly item: AlertItem }) {
  const person = usePerson()
  const acknowledge = useDeed(() => send('POST', `/alerts/${item.id}/acknowledge`, {}), ['/alerts'])
  const mute = useDeed(
    () => send('POST', `/alerts/${item.id}/mute`, { untilMs: Date.now() + muteDays * dayMs }),
    ['/alerts'],
  )
  const error = acknowledge.error ?? mute.error
  const isOver = item.state === 'recovered'
  const Icon = isOver ? CircleCheck : item.severity === 'critical' ? CircleX : TriangleAlert
  const tone = isOver ? 'good' : item.severity === 'critical' ? 'bad' : 'warn'
  const mayAct = may(person, 'helpdesk', 'restore', 'policy') && !isOver
  return (
    <li className="alert-line">
      <Icon size={16} className={`tone ${tone}`} aria-label={isOver ? 'Recovered' : item.severity} />
      <div className="alert-words">
        <p>
          <What item={item} />
        </p>
        <p className="faint">
          Since <Since atMs={item.sinceMs} />
          {isOver ? (
            <>
              , recovered <Ago atMs={item.recoveredAtMs} />
            </>
          ) : (
            <>. {item.remedy}</>
          )}
        </p>
        {error !== null && <Trouble error={error} />}
      </div>
      <span className="soft">
        {stateWords[item.state]}
        {item.state === 'acknowledged' && item.acknowledgedBy !== undefined && ` by ${item.acknowledgedBy}`}
        {item.state === 'muted' && (
          <>
            {' '}
            until <Since atMs={item.mutedUntilMs} />
          </>
        )}
      </span>
      {mayAct && (
        <span className="row">
          {item.state === 'open' && (
            <Button small onPress={() => acknowledge.mutate(undefined)}>
              Acknowledge
            </Button>
          )}
          {item.state !== 'muted' && (
            <Button look="quiet" small onPress={() => mute.mutate(undefined)}>
              Mute {muteDays} days
            </Button>
          )}
        </span>
      )}
    </li>
  )
}

/** The sentence, with the name of the device in it as a link. */
function What({ item: { device, name, what } }: { readonly item: AlertItem }) {
  if (device === undefined || name === undefined) return what
  const at = what.indexOf(name)
  const link = <Link href={`/devices/${device}`}>{name}</Link>
  if (at < 0) {
    return (
      <>
        {link}: {what}
      </>
    )
  }
  return (
    <>
      {what.slice(0, at)}
      {link}
      {what.slice(at + name.length)}
    </>
  )
}
