/** The list of devices: only what is seen is drawn, so ten thousand are as quick as ten. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { Tick } from '../../parts/controls.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { StateChip } from '../../parts/state.tsx'
import { Ago } from '../../parts/time.tsx'
import { isTyping } from '../../shell/shortcuts.ts'
import { useAddress } from '../../words/address.ts'
import { bytesText } from '../../words/bytes.ts'
import { useNow } from '../../words/now.ts'
import { reasonText } from '../../words/reasons.ts'
import { sinceText } from '../../words/times.ts'
import type { DeviceList, DeviceRow } from './use-device-list.ts'
import { type Selection, selectedMax } from './use-selection.ts'
import { isNarrowed } from './views.ts'

const rowPixels = 36
/** Drawn beyond what is seen, for quick scrolling. */
const beyond = 12

interface Column {
  readonly id: string
  readonly name: string
  /** As the API sorts by; without it the column does not sort. */
  readonly sort?: string
  readonly number?: boolean
}

const columns: readonly Column[] = [
  { id: 'state', name: 'State', sort: 'state' },
  { id: 'device', name: 'Device', sort: 'name' },
  { id: 'why', name: 'Why', sort: 'since' },
  { id: 'user', name: 'User' },
  { id: 'policy', name: 'Policy', sort: 'group' },
  { id: 'complete', name: 'Last complete', sort: '-complete' },
  { id: 'waiting', name: 'Oldest change', sort: 'waiting' },
  { id: 'stored', name: 'Stored', sort: '-stored', number: true },
  { id: 'agent', name: 'Agent', sort: 'agent' },
]

export interface DeviceTableProps {
  readonly list: DeviceList
  readonly sort: string
  readonly selection: Selection
  readonly row: string | undefined
  readonly onRow: (device: string | undefined) => void
}

export function DeviceTable({ list, sort, selection, row, onRow }: DeviceTableProps) {
  const { items, hasMore, more } = list
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPixels,
    overscan: beyond,
  })
  const rows = virtual.getVirtualItems()
  const lastSeen = rows.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && lastSeen >= items.length - beyond * 2) more()
  }, [hasMore, lastSeen, items.length, more])
  useRowKeys({ items, row, onRow, selection, show: index => virtual.scrollToIndex(index, { align: 'auto' }) })

  if (list.error !== null && items.length === 0) return <Trouble error={list.error} onAgain={list.again} />
  return (
    <div ref={scroll} className="grid-scroll">
      <div
        className={items.some(({ user }) => user !== undefined) ? 'grid' : 'grid nobody'}
        role="grid"
        aria-label="Devices"
        aria-rowcount={(list.total ?? items.length) + 1}
      >
        <div className="grid-head grid-row" role="row" aria-rowindex={1}>
          <span role="columnheader">
            <AllTick items={items} selection={selection} />
          </span>
          {columns.map(column => (
            <HeadCell key={column.id} column={column} sort={sort} />
          ))}
        </div>
        {list.isPending ? (
          <Coming lines={14} />
        ) : items.length === 0 ? (
          <NoDevice />
        ) : (
          <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
            {rows.map(({ index, start }) => {
              const item = items[index]
              return (
                item !== undefined && (
                  <Row
                    key={item.device}
                    item={item}
                    index={index}
                    start={start}
                    isHere={item.device === row}
                    selection={selection}
                    onRow={onRow}
                  />
                )
              )
            })}
          </div>
        )}
      </div>
    </div>
  )
}

interface RowProps {
  readonly item: DeviceRow
  readonly index: number
  readonly start: number
  readonly isHere: boolean
  readonly selection: Selection
  readonly onRow: (device: string | undefined) => void
}

function Row({ item, index, start, isHere, selection, onRow }: RowProps) {
  const nowMs = useNow()
  const [, go] = useLocation()
  const isSelected = selection.has(item.device)
  const why = whyOf(item, nowMs)
  return (
    <div
      role="row"
      tabIndex={isHere ? 0 : -1}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      className={isHere ? 'grid-row here' : 'grid-row'}
      style={{ transform: `translateY(${start}px)` }}
      onClick={() => onRow(item.device)}
      onDoubleClick={() => go(`/devices/${item.device}`)}
      onKeyDown={() => undefined}
    >
      <span role="gridcell">
        <Tick
          isSelected={isSelected}
          label={`Select ${item.name}`}
          isDisabled={!isSelected && selection.ids.length >= selectedMax}
          onChange={() => selection.toggle(item.device)}
        />
      </span>
      <span role="gridcell">
        <StateChip state={item.state} />
      </span>
      <span role="gridcell" className="row">
        <span className={item.online ? 'lamp live' : 'lamp'} title={item.online ? 'Online' : 'Offline'} />
        <Link href={`/devices/${item.device}`} className="device-name one-line" title={item.name}>
          {item.name}
        </Link>
      </span>
      <span role="gridcell" className="one-line soft" title={why}>
        {why}
      </span>
      <span role="gridcell" className="one-line user" title={item.user}>
        {item.user ?? <span className="faint">–</span>}
      </span>
      <span role="gridcell" className="one-line policy" title={item.groupName ?? 'Fleet'}>
        {item.groupName ?? 'Fleet'}
        {item.policyVersionOk === false && <span className="faint"> · on its way</span>}
      </span>
      <span role="gridcell">
        <Ago atMs={item.lastCompleteAtMs} never="never" />
      </span>
      <span role="gridcell" className="waiting">
        <Ago atMs={item.oldestChangeAtMs} />
      </span>
      <span role="gridcell" className="number">
        {bytesText(item.storedBytes)}
      </span>
      <span role="gridcell" className="one-line faint agent">
        {item.agentVersion}
      </span>
    </div>
  )
}

function whyOf({ state, sinceMs, reasons }: DeviceRow, nowMs: number): string {
  const [first, ...others] = reasons.filter(({ grade }) => grade === state)
  if (first !== undefined) {
    const more = others.length === 0 ? '' : `; and ${others.length} more`
    return `${reasonText(first, nowMs)}${more}`
  }
  const note = reasons.find(({ code }) => code !== 'offline')
  if (note !== undefined) return reasonText(note, nowMs)
  return state === 'protected'
    ? `all is backed up since ${sinceText(sinceMs, nowMs)}`
    : `since ${sinceText(sinceMs, nowMs)}`
}

function HeadCell({ column, sort }: { readonly column: Column; readonly sort: string }) {
  const [, change] = useAddress()
  const usual = column.sort
  const isSorted = usual !== undefined && bare(usual) === bare(sort)
  const isDown = sort.startsWith('-')
  const Arrow = isDown ? ArrowDown : ArrowUp
  return (
    <span
      role="columnheader"
      className={`${column.id}${column.number ? ' number' : ''}`}
      aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : undefined}
    >
      {usual === undefined ? (
        column.name
      ) : (
        <button
          type="button"
          className="sorter"
          onClick={() => change({ sort: isSorted ? (isDown ? bare(sort) : `-${sort}`) : usual })}
        >
          {column.name}
          {isSorted && <Arrow size={12} aria-hidden />}
        </button>
      )}
    </span>
  )
}

const bare = (sort: string): string => sort.replace(/^-/, '')

function AllTick({
  items,
  selection,
}: {
  readonly items: readonly DeviceRow[]
  readonly selection: Selection
}) {
  const first = items.slice(0, selectedMax)
  const isAll = first.length > 0 && first.every(({ device }) => selection.has(device))
  return (
    <Tick
      label={`Select the first ${Math.min(items.length, selectedMax)}`}
      isSelected={isAll}
      isIndeterminate={!isAll && selection.ids.length > 0}
      onChange={() => (isAll ? selection.clear() : selection.set(first.map(({ device }) => device)))}
    />
  )
}

function NoDevice() {
  const [address] = useAddress()
  if (isNarrowed(address) || address.get('view') !== null) {
    return <Empty title="No such device">Nothing matches this view. That may be good news.</Empty>
  }
  return (
    <Empty title="No device yet">
      <p>Make an enrolment token and run its command on the first machine; it appears here by itself.</p>
      <Link href="/enrolment" className="button main">
        Enrol a device
      </Link>
    </Empty>
  )
}

interface RowKeys {
  readonly items: readonly DeviceRow[]
  readonly row: string | undefined
  readonly onRow: (device: string | undefined) => void
  readonly selection: Selection
  readonly show: (index: number) => void
}

/** j and k move, Enter opens, x ticks, Esc goes back: first the panel, then the ticks. */
function useRowKeys({ items, row, onRow, selection, show }: RowKeys): void {
  const [, go] = useLocation()
  const latest = useRef({ items, row, onRow, selection, show, go })
  latest.current = { items, row, onRow, selection, show, go }
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return
      const { items, row, onRow, selection, show, go } = latest.current
      const at = items.findIndex(({ device }) => device === row)
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
      if (step !== undefined) {
        const next = Math.min(items.length - 1, Math.max(0, at + step))
        const item = items[next]
        if (item === undefined) return
        event.preventDefault()
        onRow(item.device)
        show(next)
      } else if (event.key === 'Enter' && row !== undefined && !isControl(event)) go(`/devices/${row}`)
      else if (event.key === 'x' && row !== undefined) selection.toggle(row)
      else if (event.key === 'Escape') {
        if (row !== undefined) onRow(undefined)
        else if (selection.ids.length > 0) selection.clear()
      }
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}

function isControl({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.closest('a, button') !== null
}
