/** Which moment? The snapshots of a device by day, and above them what each one changed in the chosen folder. */
import type { Path } from '@backstay/proto/content/map/key'
import { useEffect, useMemo, useRef } from 'react'
import type { ChangeCounts, SnapshotRow } from '../keys/vault-answers.ts'
import { Ago } from '../parts/time.tsx'
import { bytesText, counted } from '../words/bytes.ts'
import { ChangeBars, changeMarks, changeText } from './change-bars.tsx'
import { useChanges } from './use-changes.ts'

export interface MomentPaneProps {
  readonly device: string
  readonly path: Path
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

export function MomentPane({ device, path, snapshots, at, onChoose }: MomentPaneProps) {
  const counts = useChanges(device, snapshots, path)
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
      <ChangeBars snapshots={snapshots} at={at} counts={counts} onChoose={onChoose} />
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
                    <Changed counts={counts.get(one.sequence)} />
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <p className="restore-foot faint">
        Taken <Ago atMs={at.receivedAtMs} />, {counted(at.entries, 'entry', 'entries')}, {bytesText(at.bytes)}
      </p>
    </section>
  )
}

/** In the folder that is looked at. */
function Changed({ counts }: { readonly counts: ChangeCounts | undefined }) {
  if (counts === undefined) return null
  return (
    <span className="push faint" title={changeText(counts)}>
      <span aria-hidden>{changeMarks(counts)}</span>
      <span className="unseen">{changeText(counts)}</span>
    </span>
  )
}
