/** How far the newest orders have come: who obeys, who has not heard, who refused. */
import type { policyRoutes } from '@backstay/proto/rest/policies'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Panel } from '../../parts/page.tsx'
import { Coming, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { numberText } from '../../words/bytes.ts'

type Progress = AnswerOf<typeof policyRoutes.rollout>

const namedMax = 8

export function Rollout() {
  const { data, error } = useAsk<Progress>('/policies/rollout', {}, { everyMs: 5_000 })
  return (
    <Panel title="Roll-out">
      {error !== null ? (
        <Trouble error={error} />
      ) : data === undefined ? (
        <Coming lines={2} />
      ) : (
        <div className="stack">
          <Bar progress={data} />
          <Refusals progress={data} />
        </div>
      )}
    </Panel>
  )
}

function Bar({ progress }: { readonly progress: Progress }) {
  const { newest, behind, unknown } = progress
  const all = Math.max(1, newest + behind + unknown)
  return (
    <>
      <div className="rollout-bar" aria-hidden>
        <span className="good" style={{ width: `${(newest / all) * 100}%` }} />
        <span className="warn" style={{ width: `${(behind / all) * 100}%` }} />
      </div>
      <p className="row wrap">
        <Link href="/devices?policy=ok">
          <b>{numberText(newest)}</b> obey the newest orders
        </Link>
        <span aria-hidden>·</span>
        <Link href="/devices?policy=behind">
          <b>{numberText(behind)}</b> still obey older ones
        </Link>
        <span aria-hidden>·</span>
        <Link href="/devices?policy=unknown">
          <b>{numberText(unknown)}</b> have not said
        </Link>
      </p>
      <Waiting progress={progress} />
    </>
  )
}

/** Those that are connected and do not obey yet: the others hear of it when they come. */
function Waiting({ progress: { items } }: { readonly progress: Progress }) {
  const waiting = items.filter(({ obeys, refused }) => obeys !== 'newest' && refused.length === 0)
  if (waiting.length === 0) return null
  const shown = waiting.toSorted((a, b) => Number(b.online) - Number(a.online)).slice(0, namedMax)
  return (
    <ul className="reasons" aria-label="Not in force yet">
      {shown.map(({ device, name, obeys, online, saidAtMs }) => (
        <li key={device} className="row wrap">
          <Link href={`/devices/${device}`}>{name}</Link>
          <span className="soft">
            {obeys === 'behind' ? 'obeys older orders' : 'has not said'},{' '}
            {online ? 'and is connected' : 'and is not connected'}
            {saidAtMs !== undefined && (
              <>
                ; said <Ago atMs={saidAtMs} />
              </>
            )}
          </span>
        </li>
      ))}
      {waiting.length > namedMax && (
        <li className="faint">and {numberText(waiting.length - namedMax)} more</li>
      )}
    </ul>
  )
}

function Refusals({ progress }: { readonly progress: Progress }) {
  const refusing = progress.items.filter(({ refused }) => refused.length > 0)
  if (refusing.length === 0) return <p className="faint">Nobody refused an order.</p>
  return (
    <ul className="reasons">
      {refusing.slice(0, namedMax).map(item => (
        <li key={item.device} className="reason warn">
          <Link href={`/devices/${item.device}`}>{item.name}</Link> refused:{' '}
          {item.refused.map(({ code }) => code.replaceAll('_', ' ')).join(', ')}, said{' '}
          <Ago atMs={item.saidAtMs} />
        </li>
      ))}
      {refusing.length > namedMax && (
        <li>
          <Link href="/devices?policy=refused">All {numberText(refusing.length)} that refused</Link>
        </li>
      )}
    </ul>
  )
}
