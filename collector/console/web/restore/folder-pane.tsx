/** What lay in a folder at the chosen moment; what is gone from it, struck through; versions and a look at each file. */

import { nameText } from '@backstay/proto/content/archive/shown-text'
import type { Path } from '@backstay/proto/content/map/key'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronRight, File, FileQuestion, Folder, History, Link2, Search } from 'lucide-react'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { pathWord } from '../keys/paths.ts'
import type { EntryRow } from '../keys/rows.ts'
import { useOpened } from '../keys/use-vault.ts'
import type { SnapshotRow } from '../keys/vault-answers.ts'
import { Button, Field, Tick } from '../parts/controls.tsx'
import { Coming, Empty, Note, Trouble } from '../parts/saying.tsx'
import { useHiddenAddress } from '../words/address.ts'
import { bytesText, counted } from '../words/bytes.ts'
import { CompareDialog } from './compare-dialog.tsx'
import { PreviewDialog } from './preview-dialog.tsx'
import { type Basket, itemOf } from './use-basket.ts'
import { VersionsDialog } from './versions-dialog.tsx'

export interface FolderPaneProps {
  readonly device: string
  readonly at: SnapshotRow
  readonly snapshots: readonly SnapshotRow[]
  readonly path: Path
  readonly basket: Basket
}

const rowPixels = 32
const whenText = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export function FolderPane({ device, at, snapshots, path, basket }: FolderPaneProps) {
  const [address, change] = useHiddenAddress()
  const withGone = address.has('gone')
  const [looked, setLooked] = useState<EntryRow>()
  const [versionsOf, setVersionsOf] = useState<EntryRow>()
  const [isComparing, setComparing] = useState(false)
  const word = pathWord(path)
  const folder = useOpened(['folder', device, at.sequence, word], vault =>
    vault.folder(device, at.sequence, path),
  )
  const gone = useOpened(
    ['gone', device, at.sequence, word],
    vault => vault.gone(device, at.sequence, path),
    withGone,
  )
  const rows = useMemo(
    () => [...(folder.data?.rows ?? []), ...(withGone ? (gone.data ?? []) : [])].sort(byKindAndName),
    [folder.data, gone.data, withGone],
  )
  const open = (row: EntryRow) => {
    if (!row.isFolder) return setLooked(row)
    change({ path: pathWord(row.path), ...(row.lastIn !== undefined && { at: String(row.lastIn) }) }, true)
  }
  const toggle = (row: EntryRow) => {
    const moment = snapshots.find(one => one.sequence === (row.lastIn ?? at.sequence)) ?? at
    const item = itemOf(moment.sequence, moment.receivedAtMs, row.path, row.name, row.isFolder)
    if (basket.has(item.sequence, item.word)) basket.take(item)
    else basket.put(item)
  }
  return (
    <section className="panel restore-folder" aria-label="Folder">
      <header className="panel-head restore-folder-head">
        <Crumbs path={path} onGo={to => change({ path: pathWord(to) }, true)} />
        <div className="row push">
          <Tick isSelected={withGone} onChange={is => change({ gone: is ? '1' : undefined })}>
            Show deleted
          </Tick>
          <Button small onPress={() => setComparing(true)} isDisabled={snapshots.length < 2}>
            Compare
          </Button>
        </div>
      </header>
      <FindField />
      {folder.error !== null ? (
        <Trouble error={folder.error} onAgain={() => void folder.refetch()} />
      ) : folder.data === undefined ? (
        <Coming lines={10} />
      ) : (
        <>
          {folder.data.lost > 0 && (
            <Note tone="bad">A part of this folder is lost in the store; another moment may have it.</Note>
          )}
          {folder.data.isCut && <Note>Only the first {rows.length} are shown; search for the others.</Note>}
          {rows.length === 0 ? (
            <Empty title="Nothing lay here at this moment">
              Choose another moment, or show what was deleted.
            </Empty>
          ) : (
            <Rows
              rows={rows}
              at={at}
              basket={basket}
              onOpen={open}
              onToggle={toggle}
              onVersions={setVersionsOf}
            />
          )}
        </>
      )}
      {looked !== undefined && (
        <PreviewDialog
          device={device}
          sequence={looked.lastIn ?? at.sequence}
          row={looked}
          onClose={() => setLooked(undefined)}
        />
      )}
      {versionsOf !== undefined && (
        <VersionsDialog
          device={device}
          row={versionsOf}
          snapshots={snapshots}
          basket={basket}
          onClose={() => setVersionsOf(undefined)}
        />
      )}
      {isComparing && (
        <CompareDialog
          device={device}
          at={at}
          snapshots={snapshots}
          path={path}
          onClose={() => setComparing(false)}
        />
      )}
    </section>
  )
}

/** A search by name, over all snapshots; asked with Enter, since its first time opens the lists. */
export function FindField() {
  const [address, change] = useHiddenAddress()
  const [words, setWords] = useState(address.get('find') ?? '')
  const ask = (event: KeyboardEvent) => {
    if (event.key === 'Enter') change({ find: words }, true)
    if (event.key === 'Escape' && words !== '') {
      setWords('')
      change({ find: undefined })
    }
  }
  return (
    <div className="restore-find" onKeyDown={ask} role="search">
      <Search size={14} aria-hidden />
      <Field
        label="Find a file by name, in all snapshots"
        hideLabel
        placeholder="Find by name in all snapshots, then Enter"
        value={words}
        onChange={setWords}
      />
    </div>
  )
}

function Crumbs({ path, onGo }: { readonly path: Path; readonly onGo: (path: Path) => void }) {
  return (
    <nav aria-label="Folder" className="restore-crumbs">
      {path.map((part, depth) => {
        const to = path.slice(0, depth + 1)
        const isLast = depth === path.length - 1
        return (
          <span key={pathWord(to)} className="row tight">
            {depth > 0 && <ChevronRight size={12} aria-hidden className="faint" />}
            <button type="button" aria-current={isLast ? 'true' : undefined} onClick={() => onGo(to)}>
              {nameText(part)}
            </button>
          </span>
        )
      })}
    </nav>
  )
}

interface RowsProps {
  readonly rows: readonly EntryRow[]
  readonly at: SnapshotRow
  readonly basket: Basket
  readonly onOpen: (row: EntryRow) => void
  readonly onToggle: (row: EntryRow) => void
  readonly onVersions: (row: EntryRow) => void
}

function Rows({ rows, at, basket, onOpen, onToggle, onVersions }: RowsProps) {
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPixels,
    overscan: 16,
  })
  return (
    <div ref={scroll} className="restore-rows">
      <div
        role="table"
        aria-label="Files"
        aria-rowcount={rows.length}
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          const isGone = row.lastIn !== undefined
          const isIn = basket.has(row.lastIn ?? at.sequence, pathWord(row.path))
          return (
            <div
              key={pathWord(row.path)}
              role="row"
              aria-rowindex={index + 1}
              className={isGone ? 'restore-row gone' : 'restore-row'}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span role="cell">
                <Tick label={`Restore ${row.name}`} isSelected={isIn} onChange={() => onToggle(row)} />
              </span>
              <span role="cell" className="restore-name">
                <Kind row={row} />
                <button type="button" className="one-line" onClick={() => onOpen(row)} title={row.name}>
                  {row.name}
                </button>
                {row.unread !== undefined && <span className="restore-word">not read: {row.unread}</span>}
                {isGone && <span className="restore-word">deleted; last in #{row.lastIn}</span>}
              </span>
              <span role="cell" className="number faint">
                {row.isFolder ? '' : bytesText(row.size)}
              </span>
              <span role="cell" className="number faint">
                {whenText.format(row.mtimeMs)}
              </span>
              <span role="cell">
                {!row.isFolder && (
                  <Button
                    look="quiet"
                    small
                    aria-label={`Versions of ${row.name}`}
                    onPress={() => onVersions(row)}
                  >
                    <History size={14} aria-hidden />
                  </Button>
                )}
              </span>
            </div>
          )
        })}
      </div>
      <p className="unseen" role="status">
        {counted(rows.length, 'entry', 'entries')}
      </p>
    </div>
  )
}

function Kind({ row }: { readonly row: EntryRow }) {
  const Icon = row.isFolder
    ? Folder
    : row.kind === 'symlink'
      ? Link2
      : row.kind === 'unread'
        ? FileQuestion
        : File
  return <Icon size={15} aria-hidden className={row.isFolder ? 'restore-icon folder' : 'restore-icon'} />
}

function byKindAndName(a: EntryRow, b: EntryRow): number {
  if (a.isFolder !== b.isFolder) return a.isFolder ? -1 : 1
  return names.compare(a.name, b.name)
}

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
