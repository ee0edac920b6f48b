/** Devices by state as a ring; each part and each line is a link to those devices. */
import { Link } from 'wouter'
import { numberText } from '../words/bytes.ts'
import { type HealthState, stateLooks, statesInOrder } from '../words/states.ts'
import './ring.css'
import { StateIcon } from './state.tsx'

export interface RingProps {
  readonly counts: Readonly<Partial<Record<HealthState, number>>>
  /** In the middle: the one figure. */
  readonly figure: string
  readonly caption: string
}

const radius = 68
const around = 2 * Math.PI * radius
/** Even one device among thousands is seen. */
const leastPart = 0.012

export function Ring({ counts, figure, caption }: RingProps) {
  const shown = statesInOrder.filter(state => state !== 'retired' && (counts[state] ?? 0) > 0)
  const parts = partsOf(shown.map(state => counts[state] ?? 0))
  let from = 0
  return (
    <div className="ring">
      <svg viewBox="0 0 168 168" className="ring-picture" role="img" aria-label={`${figure} ${caption}`}>
        <circle cx={84} cy={84} r={radius} className="ring-ground" />
        {shown.map((state, at) => {
          const part = parts[at] ?? 0
          const gap = shown.length > 1 ? 2 : 0
          const arc = (
            <circle
              key={state}
              cx={84}
              cy={84}
              r={radius}
              className={`ring-part ${stateLooks[state].tone}${stateLooks[state].outline ? ' light' : ''}`}
              strokeDasharray={`${Math.max(1, part * around - gap)} ${around}`}
              strokeDashoffset={-from * around}
            />
          )
          from += part
          return arc
        })}
        <text x={84} y={86} className="ring-figure">
          {figure}
        </text>
        <text x={84} y={106} className="ring-caption">
          {caption}
        </text>
      </svg>
      <ul className="ring-lines">
        {statesInOrder
          .filter(state => (counts[state] ?? 0) > 0)
          .map(state => (
            <li key={state}>
              <Link href={`/devices?state=${state}`} className="ring-line">
                <StateIcon state={state} />
                {stateLooks[state].word}
                <b className="push">{numberText(counts[state] ?? 0)}</b>
              </Link>
            </li>
          ))}
      </ul>
    </div>
  )
}

function partsOf(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, one) => sum + one, 0)
  const wide = counts.map(one => Math.max(one / all, leastPart))
  const sum = wide.reduce((total, one) => total + one, 0)
  return wide.map(one => one / sum)
}
