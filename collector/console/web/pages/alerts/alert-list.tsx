/** Alerts, newest first: acknowledge one and it is told no more; mute one for a while. */
import type { AlertItem } from '@backstay/proto/rest/alerts'
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Link } from 'wouter'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Choose } from '../../parts/controls.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago, Since } from '../../parts/time.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { useAddress } from '../../words/address.ts'
import { capital, sentence } from '../../words/sentence.ts'
import { dayMs } from '../../words/times.ts'

const choices = [
  { id: '', name: 'Any state' },
  { id: 'open', name: 'Open' },
  { id: 'acknowledged', name: 'Acknowledged' },
  { id: 'muted', name: 'Muted' },
  { id: 'recovered', name: 'Recovered' },
]
const lines = 200
const mutes = [
  { id: '1', name: 'for a day' },
  { id: '7', name: 'for 7 days' },
  { id: '30', name: 'for 30 days' },
  { id: '90', name: 'for 90 days' },
]

interface Listing {
  readonly items: readonly AlertItem[]
  readonly nextCursor?: string
}

export function AlertList() {
  const [address, change] = useAddress()
  const state = address.get('state') ?? ''
  const cursor = address.get('cursor') ?? ''
  const { data, error, refetch } = useAsk<Listing>(
    '/alerts',
    { state, cursor, limit: lines },
    { everyMs: 60_000 },
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
          onChange={id => change({ state: id, cursor: undefined })}
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
      {(cursor !== '' || data?.nextCursor !== undefined) && (
        <div className="row alert-pages">
          {cursor !== '' && <Button onPress={() => change({ cursor: undefined })}>Newest</Button>}
          {data?.nextCursor !== undefined && (
            <Button onPress={() => change({ cursor: data.nextCursor }, true)}>Older</Button>
          )}
        </div>
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
  /** For none it is told again. */
  const mute = useDeed(
    (days: number) => send('POST', `/alerts/${item.id}/mute`, { untilMs: Date.now() + days * dayMs }),
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
        <Aside item={item} />
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
          {item.state === 'muted' ? (
            <Button look="quiet" small onPress={() => mute.mutate(0)}>
              Tell again
            </Button>
          ) : (
            <MenuTrigger>
              <Button look="quiet" small>
                Mute…
              </Button>
              <Popover className="popover" placement="bottom end">
                <Menu className="list-box" onAction={days => mute.mutate(Number(days))}>
                  {mutes.map(({ id, name }) => (
                    <MenuItem key={id} id={id} className="list-item">
                      {name}
                    </MenuItem>
                  ))}
                </Menu>
              </Popover>
            </MenuTrigger>
          )}
        </span>
      )}
    </li>
  )
}

/** What is not said above: since when, how it went on or what to do. The device itself is a click away. */
function Aside({ item: { what, name, sinceMs, recoveredAtMs, remedy } }: { readonly item: AlertItem }) {
  const since = !what.includes(' since ') && (
    <>
      Since <Since atMs={sinceMs} />.{' '}
    </>
  )
  const isToOpen = remedy === `backstay devices ${name}`
  const end = recoveredAtMs !== undefined && (
    <>
      Recovered <Ago atMs={recoveredAtMs} />.
    </>
  )
  const more = end || (!isToOpen && sentence(remedy))
  return (
    (since || more) && (
      <p className="faint">
        {since}
        {more}
      </p>
    )
  )
}

/** The sentence, with the name of the device in it as a link. */
function What({ item: { device, name, what } }: { readonly item: AlertItem }) {
  if (device === undefined || name === undefined) return sentence(what)
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
      {capital(what.slice(0, at))}
      {link}
      {what.slice(at + name.length)}
    </>
  )
}
