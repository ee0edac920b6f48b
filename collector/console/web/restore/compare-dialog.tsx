/** What differs in a folder between two moments. */

import { pathText } from '@backstay/proto/content/archive/shown-text'
import type { Path } from '@backstay/proto/content/map/key'
import { useState } from 'react'
import { pathWord } from '../keys/paths.ts'
import { useOpened } from '../keys/use-vault.ts'
import type { SnapshotRow } from '../keys/vault-answers.ts'
import { Choose } from '../parts/controls.tsx'
import { Asking } from '../parts/dialog.tsx'
import { Coming, Empty, Trouble } from '../parts/saying.tsx'
import { bytesText, counted, numberText } from '../words/bytes.ts'

export interface CompareDialogProps {
  readonly device: string
  readonly at: SnapshotRow
  readonly snapshots: readonly SnapshotRow[]
  readonly path: Path
  readonly onClose: () => void
}

const whenText = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const words = { came: 'new', went: 'gone', changed: 'changed' } as const
const shownMax = 500

export function CompareDialog({ device, at, snapshots, path, onClose }: CompareDialogProps) {
  const others = snapshots.filter(one => one.sequence !== at.sequence)
  const usual = others.find(one => one.sequence < at.sequence) ?? others[0]
  const [other, setOther] = useState(usual?.sequence ?? at.sequence)
  const [before, after] = [Math.min(other, at.sequence), Math.max(other, at.sequence)]
  const changes = useOpened(['changes', device, before, after, pathWord(path)], vault =>
    vault.changes(device, before, after, path),
  )
  const choices = others.map(one => {
    return { id: String(one.sequence), name: `#${one.sequence}, ${whenText.format(one.receivedAtMs)}` }
  })
  const { counts } = changes.data ?? {}
  return (
    <Asking title={`What changed in ${pathText(path)}`} isOpen onClose={onClose} wide>
      <div className="stack wide">
        <Choose
          label={`Between #${at.sequence} and`}
          choices={choices}
          value={String(other)}
          onChange={id => setOther(Number(id))}
        />
        {changes.error !== null ? (
          <Trouble error={changes.error} onAgain={() => void changes.refetch()} />
        ) : changes.data === undefined || counts === undefined ? (
          <Coming lines={6} />
        ) : changes.data.rows.length === 0 ? (
          <Empty title="Nothing changed here between the two" />
        ) : (
          <>
            <p role="status">
              From #{before} to #{after}: {numberText(counts.came)} new, {numberText(counts.changed)} changed,{' '}
              {numberText(counts.went)} gone
            </p>
            <ul className="restore-changes">
              {changes.data.rows.slice(0, shownMax).map(one => (
                <li key={pathWord(one.path)} className={`restore-change ${one.change}`}>
                  <span className="restore-word">{words[one.change]}</span>
                  <span className="one-line" title={pathText(one.path)}>
                    {one.isFolder ? `${one.shown}/` : one.shown}
                  </span>
                  {!one.isFolder && (
                    <span className="push faint">{bytesText(one.after ?? one.before ?? 0)}</span>
                  )}
                </li>
              ))}
            </ul>
            {counts.came + counts.went + counts.changed > shownMax && (
              <p className="faint">The first {counted(shownMax, 'change')} are shown.</p>
            )}
          </>
        )}
      </div>
    </Asking>
  )
}
