/** Bars from the oldest snapshot to the newest: what came, changed and went in the chosen folder. */
import type { ChangeCounts, SnapshotRow } from '../keys/vault-answers.ts'
import { numberText } from '../words/bytes.ts'
import { barsMax } from './pairs.ts'

export interface ChangeBarsProps {
  readonly snapshots: readonly SnapshotRow[]
  readonly at: SnapshotRow
  readonly counts: ReadonlyMap<number, ChangeCounts>
  readonly onChoose: (sequence: number) => void
}

const kinds = ['came', 'changed', 'went'] as const
const [width, height, foot] = [240, 48, 8]
const dayText = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })

/** The list below is for keyboards and readers. */
export function ChangeBars({ snapshots, at, counts, onChoose }: ChangeBarsProps) {
  const shown = snapshots.slice(0, barsMax).toReversed()
  const [oldest, newest] = [shown[0], shown.at(-1)]
  if (oldest === undefined || newest === undefined || shown.length < 2) return null
  const step = width / shown.length
  const most = Math.max(1, ...[...counts.values()].map(total))
  return (
    <div className="restore-bars">
      <svg
        viewBox={`0 0 ${width} ${height + foot}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="What changed in this folder, by snapshot"
      >
        {shown.map((one, index) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the list below does the same for keyboards
          <g
            key={one.sequence}
            className={one.sequence === at.sequence ? 'bar here' : 'bar'}
            transform={`translate(${index * step} 0)`}
            onClick={() => onChoose(one.sequence)}
          >
            <rect className="ground" width={step} height={height + foot} />
            <Bar counts={counts.get(one.sequence)} most={most} width={Math.max(1, Math.min(12, step - 1))} />
            <rect
              className={one.complete ? 'mark' : 'mark hollow'}
              y={height + 3}
              width={Math.max(1, Math.min(12, step - 1))}
              height="3"
            />
            <title>{`#${one.sequence}: ${changeText(counts.get(one.sequence))}`}</title>
          </g>
        ))}
      </svg>
      <div className="row restore-bars-ends faint">
        <span>{dayText.format(oldest.receivedAtMs)}</span>
        <span className="restore-bars-words">
          {kinds.map(kind => (
            <span key={kind} className={kind}>
              {words[kind]}
            </span>
          ))}
        </span>
        <span>{dayText.format(newest.receivedAtMs)}</span>
      </div>
    </div>
  )
}

function Bar(props: {
  readonly counts: ChangeCounts | undefined
  readonly most: number
  readonly width: number
}) {
  const { counts, most } = props
  if (counts === undefined || total(counts) === 0) return null
  // By the root, or one large change would hide all small ones.
  const tall = Math.max(3, Math.sqrt(total(counts) / most) * height)
  let y = height
  return kinds.map(kind => {
    const part = (counts[kind] / total(counts)) * tall
    y -= part
    return <rect key={kind} className={kind} y={y} width={props.width} height={part} />
  })
}

const words = { came: 'new', changed: 'changed', went: 'gone' } as const

/** `3 new, 60 gone` */
export function changeText(counts: ChangeCounts | undefined): string {
  if (counts === undefined) return 'not compared'
  const parts = kinds.flatMap(kind =>
    counts[kind] > 0 ? [`${numberText(counts[kind])} ${words[kind]}`] : [],
  )
  const text = parts.length === 0 ? 'nothing changed here' : parts.join(', ')
  return counts.isCut ? `more than ${text}` : text
}

/** `+3 −60`: for narrow places. */
export function changeMarks(counts: ChangeCounts): string {
  const signs = { came: '+', changed: '~', went: '−' } as const
  return kinds
    .flatMap(kind => (counts[kind] > 0 ? [`${signs[kind]}${numberText(counts[kind])}`] : []))
    .join(' ')
}

function total({ came, changed, went }: ChangeCounts): number {
  return came + changed + went
}
