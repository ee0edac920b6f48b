/** The versions of one file, newest first. */

import { pathWord } from '../keys/paths.ts'
import type { EntryRow } from '../keys/rows.ts'
import { useOpened } from '../keys/use-vault.ts'
import type { SnapshotRow, VersionRow } from '../keys/vault-answers.ts'
import { Button } from '../parts/controls.tsx'
import { Asking } from '../parts/dialog.tsx'
import { Coming, Empty, Trouble } from '../parts/saying.tsx'
import { Ago } from '../parts/time.tsx'
import { bytesText } from '../words/bytes.ts'
import { type Basket, itemOf } from './use-basket.ts'

export interface VersionsDialogProps {
  readonly device: string
  readonly row: EntryRow
  readonly snapshots: readonly SnapshotRow[]
  readonly basket: Basket
  readonly onClose: () => void
}

const whenText = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

export function VersionsDialog({ device, row, basket, onClose }: VersionsDialogProps) {
  const word = pathWord(row.path)
  const versions = useOpened(['versions', device, word], vault => vault.versions(device, row.path))
  const toggle = ({ lastIn, lastAtMs }: VersionRow) => {
    const item = itemOf(lastIn, lastAtMs, row.path, row.name, false)
    if (basket.has(lastIn, word)) basket.take(item)
    else basket.put(item)
  }
  return (
    <Asking title={`Versions of ${row.name}`} isOpen onClose={onClose} wide>
      {versions.error !== null ? (
        <Trouble error={versions.error} onAgain={() => void versions.refetch()} />
      ) : versions.data === undefined ? (
        <Coming lines={4} />
      ) : versions.data.length === 0 ? (
        <Empty title="No complete snapshot has this file" />
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Changed</th>
              <th className="number">Size</th>
              <th>In snapshots</th>
              <th>Last kept</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {versions.data.map(one => (
              <tr key={one.lastIn}>
                <td>{whenText.format(one.row.mtimeMs)}</td>
                <td className="number">{bytesText(one.row.size)}</td>
                <td className="faint">
                  {one.firstIn === one.lastIn ? `#${one.lastIn}` : `#${one.firstIn} to #${one.lastIn}`}
                </td>
                <td className="faint">
                  <Ago atMs={one.lastAtMs} />
                </td>
                <td className="number">
                  <Button small onPress={() => toggle(one)}>
                    {basket.has(one.lastIn, word) ? 'Leave out' : 'Add'}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Asking>
  )
}
