/** A device's state: icon, word and colour, with since when and why. */
import { CircleCheck, CircleDashed, CircleOff, CirclePause, CircleX, Moon, TriangleAlert } from 'lucide-react'
import { type HealthState, stateLooks } from '../words/states.ts'
import './state.css'
import { Since } from './time.tsx'

const icons = {
  unprotected: CircleX,
  never_backed_up: CircleDashed,
  at_risk: TriangleAlert,
  protected: CircleCheck,
  offline_complete: Moon,
  paused: CirclePause,
  retired: CircleOff,
} as const

export function StateChip({ state }: { readonly state: HealthState }) {
  const { word, tone, outline } = stateLooks[state]
  const Icon = icons[state]
  return (
    <span className={`chip ${tone}${outline ? ' outline' : ''}`}>
      <Icon size={14} aria-hidden />
      {word}
    </span>
  )
}

export function StateIcon({ state }: { readonly state: HealthState }) {
  const Icon = icons[state]
  return <Icon size={16} className={`tone ${stateLooks[state].tone}`} aria-hidden />
}

/** The chip, since when, and in one line why. */
export function StateSentence(props: {
  readonly state: HealthState
  readonly sinceMs: number
  readonly why?: string | undefined
}) {
  const { why = '' } = props
  return (
    <span className="row wrap">
      <StateChip state={props.state} />
      <span className="soft">
        {!/\bsince\b/.test(why) && (
          <>
            since <Since atMs={props.sinceMs} />
            {why !== '' && ': '}
          </>
        )}
        {why}
      </span>
    </span>
  )
}
