/** What somebody must do, the gravest first, each with its remedy. */
import type { Overview } from '@backstay/proto/rest/overview'
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { Link } from 'wouter'
import { Panel } from '../../parts/page.tsx'
import { Coming } from '../../parts/saying.tsx'
import { Since } from '../../parts/time.tsx'
import { numberText } from '../../words/bytes.ts'
import { gathered, type Need } from './gathered.ts'

/** More than this is a list to work through, and no longer a glance. */
const shownMax = 6

export function NeedsYou({ overview }: { readonly overview: Overview | undefined }) {
  const total = overview?.attentionTotal ?? 0
  return (
    <Panel
      title={total === 0 ? 'Needs you now' : `Needs you now (${numberText(total)})`}
      className="needs-panel"
      bare
      actions={total > 0 && <Link href="/devices?view=attention">All {numberText(total)}</Link>}
    >
      {overview === undefined ? (
        <Coming lines={7} />
      ) : total === 0 ? (
        <div className="all-well">
          <CircleCheck size={20} className="tone good" aria-hidden />
          <p>Nothing. You would be told here, and by your alert channels.</p>
        </div>
      ) : (
        <ul>
          {gathered(overview.attention)
            .slice(0, shownMax)
            .map(need => (
              <Line key={need.id} need={need} />
            ))}
        </ul>
      )}
    </Panel>
  )
}

function Line({ need }: { readonly need: Need }) {
  const isGrave = need.severity === 'critical'
  const Icon = isGrave ? CircleX : TriangleAlert
  return (
    <li className="need">
      <Icon
        size={16}
        className={`tone ${isGrave ? 'bad' : 'warn'}`}
        aria-label={isGrave ? 'Critical' : 'Warning'}
      />
      <div className="need-words">
        <p className="one-line" title={need.what}>
          {need.what}
        </p>
        <p className="faint one-line" title={need.remedy}>
          Since <Since atMs={need.sinceMs} />. {need.remedy}
        </p>
      </div>
      <Link href={need.to} className="button plain small" aria-label={`${need.word}: ${need.what}`}>
        {need.word}
      </Link>
    </li>
  )
}
