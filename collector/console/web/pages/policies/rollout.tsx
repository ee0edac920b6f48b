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

function Bar({ progress: { newest, behind, unknown } }: { readonly progress: Progress }) {
  const all = Math.max(1, newest + behind + unknown)
  return (
    <>
      <div className="rollout-bar" aria-hidden>
        <span className="good" style={{ width: `${(newest / all) * 100}%` }} />
        <span className="warn" style={{ width: `${(behind / all) * 100}%` }} />
      </div>
      <p className="row wrap">
        <span>
          <b>{numberText(newest)}</b> obey the newest orders
        </span>
        <span className="soft">
          · <b>{numberText(behind)}</b> still obey older ones
        </span>
        <span className="soft">
          · <b>{numberText(unknown)}</b> have not said
        </span>
      </p>
    </>
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
