/** Which moment? The snapshots of a device, by day, on an axis of time above. */
import { useEffect, useMemo, useRef } from 'react'
import type { SnapshotRow } from '../keys/vault-answers.ts'
import { Ago } from '../parts/time.tsx'
import { bytesText, counted } from '../words/bytes.ts'

export interface MomentPaneProps {
  readonly snapshots: readonly SnapshotRow[]
  readonly at: SnapshotRow
  readonly onChoose: (sequence: number) => void
}

const dayText = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
})
const timeText = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

export function MomentPane({ snapshots, at, onChoose }: MomentPaneProps) {
  const days = useMemo(
    () => [...Map.groupBy(snapshots, one => dayText.format(one.receivedAtMs))],
    [snapshots],
  )
  const chosen = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <section className="panel restore-moments" aria-label="Moments">
      <header className="panel-head">
        <h2>Moment</h2>
        <span className="push faint">{counted(snapshots.length, 'snapshot')}</span>
      </header>
      <Axis snapshots={snapshots} at={at} onChoose={onChoose} />
      <div className="restore-days">
        {days.map(([day, some]) => (
          <div key={day}>
            <h3>{day}</h3>
            <ul>
              {some.map(one => (
                <li key={one.sequence}>
                  <button
                    type="button"
                    ref={one.sequence === at.sequence ? chosen : undefined}
                    className="restore-moment"
                    aria-pressed={one.sequence === at.sequence}
                    onClick={() => onChoose(one.sequence)}
                  >
                    <span className={one.complete ? 'mark' : 'mark hollow'} aria-hidden />
                    <span>{timeText.format(one.receivedAtMs)}</span>
                    <span className="faint">#{one.sequence}</span>
                    {!one.complete && <span className="restore-word">incomplete</span>}
                    {one.unread > 0 && (
                      <span className="restore-word">{counted(one.unread, 'file')} not read</span>
                    )}
                    <span className="push faint">{bytesText(one.bytes)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <p className="restore-foot faint">
        Taken <Ago atMs={at.receivedAtMs} />, {counted(at.entries, 'entry', 'entries')}
      </p>
    </section>
  )
}

const width = 240

/** Marks from the oldest to the newest; the list below is for keyboards and readers. */
function Axis({ snapshots, at, onChoose }: MomentPaneProps) {
  const newest = snapshots[0]?.receivedAtMs ?? 0
  const oldest = snapshots.at(-1)?.receivedAtMs ?? 0
  const span = Math.max(1, newest - oldest)
  const placeOf = (one: SnapshotRow) => 6 + ((width - 12) * (one.receivedAtMs - oldest)) / span
  if (snapshots.length < 2) return null
  return (
    <svg className="restore-axis" viewBox={`0 0 ${width} 28`} role="img" aria-label="Snapshots over time">
      <line x1="0" x2={width} y1="14" y2="14" />
      {snapshots.map(one => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the list below does the same for keyboards
        <circle
          key={one.sequence}
          className={one.sequence === at.sequence ? 'here' : one.complete ? '' : 'hollow'}
          cx={placeOf(one)}
          cy="14"
          r={one.sequence === at.sequence ? 5 : 3}
          onClick={() => onChoose(one.sequence)}
        />
      ))}
    </svg>
  )
}
