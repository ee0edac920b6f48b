/** What somebody must do, the gravest first, each with its remedy. */
import type { Attention, Overview } from '@backstay/proto/rest/overview'
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { Link } from 'wouter'
import { Panel } from '../../parts/page.tsx'
import { Coming } from '../../parts/saying.tsx'
import { Since } from '../../parts/time.tsx'
import { numberText } from '../../words/bytes.ts'

/** More than this is a list to work through, and no longer a glance. */
const shownMax = 6

export function NeedsYou({ overview }: { readonly overview: Overview | undefined }) {
  const total = overview?.attentionTotal ?? 0
  return (
    <Panel
      title={total === 0 ? 'Needs you now' : `Needs you now (${numberText(total)})`}
      className="needs-panel"
      bare
      actions={total > shownMax && <Link href="/devices?view=attention">See all {numberText(total)}</Link>}
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
          {overview.attention.slice(0, shownMax).map(one => (
            <Need key={one.id} one={one} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Need({ one }: { readonly one: Attention }) {
  const isGrave = one.severity === 'critical'
  const Icon = isGrave ? CircleX : TriangleAlert
  const { to, word } = wayTo(one)
  return (
    <li className="need">
      <Icon
        size={16}
        className={`tone ${isGrave ? 'bad' : 'warn'}`}
        aria-label={isGrave ? 'Critical' : 'Warning'}
      />
      <div className="need-words">
        <p className="one-line" title={one.what}>
          {one.what}
        </p>
        <p className="faint one-line" title={one.remedy}>
          Since <Since atMs={one.sinceMs} />. {one.remedy}
        </p>
      </div>
      <Link href={to} className="button plain small" aria-label={`${word}: ${one.what}`}>
        {word}
      </Link>
    </li>
  )
}

function wayTo({ kind, device }: Attention): { readonly to: string; readonly word: string } {
  if (kind === 'escrow') return { to: '/keys', word: 'Prove' }
  if (device !== undefined) return { to: `/devices/${device}`, word: 'Open' }
  if (kind === 'policy') return { to: '/policies', word: 'Why' }
  if (kind === 'storage' || kind === 'scrub') return { to: '/storage', word: 'Open' }
  return { to: '/devices', word: 'Open' }
}
