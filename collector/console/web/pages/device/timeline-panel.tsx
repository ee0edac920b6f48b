/** The snapshots of a device on a line of time: full ones filled, incomplete ones hollow, pinned and held ones flagged. */
import type { DeviceDetail, deviceRoutes, SnapshotItem } from '@backstay/proto/rest/devices'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { RotateCcw } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Button } from '../../parts/controls.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty } from '../../parts/saying.tsx'
import { Ago, Since } from '../../parts/time.tsx'
import { useAddress } from '../../words/address.ts'
import { bytesText, counted } from '../../words/bytes.ts'
import { dayMs, exactText } from '../../words/times.ts'
import { marksOf, moved, placeOf, type Stretch, zoomed } from './timeline.ts'

/** The newest so many: a device that backs up every few minutes makes thousands. */
const snapshotsMax = 1000
const axis = 64

export function TimelinePanel({ device }: { readonly device: DeviceDetail }) {
  const [address, change] = useAddress()
  const { data } = useAsk<AnswerOf<typeof deviceRoutes.snapshots>>(`/devices/${device.device}/snapshots`, {
    limit: snapshotsMax,
  })
  const items = data?.items
  const chosen = items?.find(({ sequence }) => String(sequence) === address.get('at')) ?? items?.[0]
  return (
    <Panel
      title={items === undefined ? 'Snapshots' : `Snapshots (${items.length}${data?.nextBefore ? '+' : ''})`}
      actions={<span className="faint">Scroll to zoom, drag to move</span>}
    >
      {items === undefined ? (
        <Coming lines={3} />
      ) : items.length === 0 || chosen === undefined ? (
        <Empty title="No snapshot yet">
          <p>
            The first one may take a while; incomplete ones appear on the way, so that nothing is sent twice.
          </p>
        </Empty>
      ) : (
        <>
          <Line items={items} chosen={chosen} onChoose={item => change({ at: String(item.sequence) })} />
          <Moment item={chosen} device={device.device} />
        </>
      )}
    </Panel>
  )
}

interface LineProps {
  readonly items: readonly SnapshotItem[]
  readonly chosen: SnapshotItem
  readonly onChoose: (item: SnapshotItem) => void
}

function Line({ items, chosen, onChoose }: LineProps) {
  const picture = useRef<SVGSVGElement>(null)
  const [width, setWidth] = useState(800)
  const limits = useMemo(() => limitsOf(items), [items])
  const [wanted, setStretch] = useState<Stretch>()
  const stretch = wanted ?? limits
  const dragged = useRef<{ readonly x: number; readonly from: Stretch }>(undefined)

  useEffect(() => {
    const svg = picture.current
    if (svg === null) return
    const sizes = new ResizeObserver(() => setWidth(svg.clientWidth))
    sizes.observe(svg)
    const wheeled = (event: WheelEvent) => {
      event.preventDefault()
      const part = event.offsetX / Math.max(1, svg.clientWidth)
      setStretch(before => zoomed(before ?? limits, event.deltaY > 0 ? 1.25 : 0.8, part, limits))
    }
    // React would listen passively, and the page would scroll as well.
    svg.addEventListener('wheel', wheeled, { passive: false })
    return () => {
      sizes.disconnect()
      svg.removeEventListener('wheel', wheeled)
    }
  }, [limits])

  const span = stretch.toMs - stretch.fromMs
  const drag = (event: PointerEvent) => {
    const start = dragged.current
    if (start !== undefined) setStretch(moved(start.from, ((start.x - event.clientX) / width) * span, limits))
  }
  const pressed = (event: KeyboardEvent) => {
    const at = items.indexOf(chosen)
    const next = { ArrowLeft: items[at + 1], ArrowRight: items[at - 1] }[event.key]
    if (next !== undefined) onChoose(next)
    else if (event.key === '+') setStretch(zoomed(stretch, 0.8, 0.5, limits))
    else if (event.key === '-') setStretch(zoomed(stretch, 1.25, 0.5, limits))
    else return
    event.preventDefault()
  }
  return (
    <div>
      <div className="row wrap">
        {zooms.map(({ name, ms }) => (
          <Button
            key={name}
            look="quiet"
            small
            isDisabled={ms > limits.toMs - limits.fromMs}
            onPress={() =>
              setStretch(
                ms === 0 ? undefined : moved({ fromMs: limits.toMs - ms, toMs: limits.toMs }, 0, limits),
              )
            }
          >
            {name}
          </Button>
        ))}
      </div>
      <div
        className="timeline-line"
        tabIndex={0}
        role="slider"
        aria-label="Snapshot"
        aria-valuemin={items.at(-1)?.sequence ?? 0}
        aria-valuemax={items[0]?.sequence ?? 0}
        aria-valuenow={chosen.sequence}
        aria-valuetext={exactText(chosen.endedAtMs)}
        onKeyDown={pressed}
        onPointerDown={event => {
          dragged.current = { x: event.clientX, from: stretch }
        }}
        onPointerMove={drag}
        onPointerUp={() => {
          dragged.current = undefined
        }}
        onPointerLeave={() => {
          dragged.current = undefined
        }}
      >
        <svg ref={picture} className="timeline" aria-hidden>
          <line x1={0} x2={width} y1={axis} y2={axis} className="timeline-axis" />
          {marksOf(stretch, Math.max(2, Math.floor(width / 112))).map(({ atMs, text }) => {
            const x = placeOf(atMs, stretch, width)
            return (
              <g key={atMs}>
                <line x1={x} x2={x} y1={axis} y2={axis + 6} className="timeline-axis" />
                <text x={x + 4} y={axis + 20} className="timeline-word">
                  {text}
                </text>
              </g>
            )
          })}
          {items
            .filter(({ endedAtMs }) => endedAtMs >= stretch.fromMs && endedAtMs <= stretch.toMs)
            .toReversed()
            .map(item => (
              <Mark
                key={item.sequence}
                item={item}
                x={placeOf(item.endedAtMs, stretch, width)}
                isChosen={item === chosen}
                onChoose={onChoose}
              />
            ))}
        </svg>
      </div>
    </div>
  )
}

const zooms = [
  { name: '24 hours', ms: dayMs },
  { name: '7 days', ms: 7 * dayMs },
  { name: '30 days', ms: 30 * dayMs },
  { name: '1 year', ms: 365 * dayMs },
  { name: 'All', ms: 0 },
] as const

function Mark(props: {
  readonly item: SnapshotItem
  readonly x: number
  readonly isChosen: boolean
  readonly onChoose: (item: SnapshotItem) => void
}) {
  const { item, x } = props
  const look = `moment${item.complete ? '' : ' hollow'}${item.damaged > 0 ? ' damaged' : ''}${props.isChosen ? ' chosen' : ''}`
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows of the line do the same
    <g onClick={() => props.onChoose(item)}>
      <title>{`#${item.sequence}, ${exactText(item.endedAtMs)}${item.complete ? '' : ', incomplete'}`}</title>
      {(item.pinned || item.held) && <path d={`M${x} ${axis - 30}v-14l9 5-9 5`} className="flag" />}
      <rect x={x - 6} y={axis - 40} width={12} height={48} fill="transparent" />
      <circle cx={x} cy={axis - 16} r={props.isChosen ? 7 : 5} className={look} />
    </g>
  )
}

function limitsOf(items: readonly SnapshotItem[]): Stretch {
  const newest = items[0]?.endedAtMs ?? Date.now()
  const oldest = items.at(-1)?.endedAtMs ?? newest
  const margin = Math.max(dayMs / 4, (newest - oldest) * 0.02)
  return { fromMs: oldest - margin, toMs: newest + margin }
}

function Moment({ item, device }: { readonly item: SnapshotItem; readonly device: string }) {
  const stays = staysText(item)
  return (
    <div className="row wrap moment-line">
      <b>#{item.sequence}</b>
      <span>
        <Ago atMs={item.endedAtMs} /> (<Since atMs={item.endedAtMs} />)
      </span>
      <span className="soft">{item.complete ? 'complete' : 'incomplete: more was on its way'}</span>
      <span className="soft">{counted(item.entries, 'entry', 'entries')}</span>
      <span className="soft">{bytesText(item.bytes)}</span>
      {item.unread > 0 && <span className="tone warn">{counted(item.unread, 'file')} not read</span>}
      {item.damaged > 0 && <span className="tone bad">{counted(item.damaged, 'object')} damaged</span>}
      <span className="faint" title={whyText(item)}>
        {stays === '' ? 'may go at the next collection' : `kept as ${stays}`}
      </span>
      <Link href={`/restore/${device}#at=${item.sequence}`} className="button plain small push">
        <RotateCcw size={12} aria-hidden />
        Restore from here
      </Link>
    </div>
  )
}

/** Few words say it; the rest is shown on hover. */
const staysMax = 3

function staysText({ reasons }: SnapshotItem): string {
  const words = [...new Set(reasons.map(({ code }) => code.replaceAll('_', ' ')))]
  const more = words.length > staysMax ? ` and ${words.length - staysMax} more` : ''
  return `${words.slice(0, staysMax).join(', ')}${more}`
}

function whyText({ reasons }: SnapshotItem): string {
  return reasons
    .map(({ code, bucket }) => `${code.replaceAll('_', ' ')}${bucket ? ` (${bucket})` : ''}`)
    .join('\n')
}
