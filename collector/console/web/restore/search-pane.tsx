/** What was found by name in all snapshots: where it lies, whether it is still there, and the way to it. */
import { ArrowRight } from 'lucide-react'
import { pathWord } from '../keys/paths.ts'
import { useOpened } from '../keys/use-vault.ts'
import type { FoundRow, SnapshotRow } from '../keys/vault-answers.ts'
import { Button } from '../parts/controls.tsx'
import { Coming, Empty, Note, Trouble } from '../parts/saying.tsx'
import { useHiddenAddress } from '../words/address.ts'
import { numberText } from '../words/bytes.ts'
import { FindField } from './folder-pane.tsx'
import { type Basket, itemOf } from './use-basket.ts'

export interface SearchPaneProps {
  readonly device: string
  readonly snapshots: readonly SnapshotRow[]
  readonly words: string
  readonly basket: Basket
}

export function SearchPane({ device, snapshots, words, basket }: SearchPaneProps) {
  const [, change] = useHiddenAddress()
  const search = useOpened(['search', device, words], vault => vault.search(device, words))
  /** The newest complete snapshot that has it. */
  const momentOf = (row: FoundRow) =>
    snapshots.find(one => one.complete && (row.isThere || one.sequence <= row.lastIn)) ?? snapshots[0]
  const open = (row: FoundRow) => {
    const at = momentOf(row)
    change({ find: undefined, path: pathWord(row.path.slice(0, -1)), at: at && String(at.sequence) }, true)
  }
  return (
    <section className="panel restore-folder" aria-label="Search">
      <header className="panel-head restore-folder-head">
        <h2>Found in all snapshots</h2>
        <Button small look="quiet" onPress={() => change({ find: undefined })}>
          Back to the folder
        </Button>
      </header>
      <FindField />
      {search.error !== null ? (
        <Trouble error={search.error} onAgain={() => void search.refetch()} />
      ) : search.data === undefined ? (
        <Coming lines={8} />
      ) : (
        <>
          {search.data.lost > 0 && (
            <Note tone="warn">
              {numberText(search.data.lost)} of the lists of names could not be read: what only they tell is
              not found.
            </Note>
          )}
          {search.data.rows.length === 0 ? (
            <Empty title={`No name holds “${words}”`}>Try fewer letters; capitals do not matter.</Empty>
          ) : (
            <ul className="restore-found">
              {search.data.rows.map(row => {
                const at = momentOf(row)
                return (
                  <li key={pathWord(row.path)} className={row.isThere ? 'restore-hit' : 'restore-hit gone'}>
                    <button type="button" className="one-line" onClick={() => open(row)} title={row.shown}>
                      {row.shown}
                    </button>
                    {!row.isThere && <span className="restore-word">deleted; last in #{row.lastIn}</span>}
                    <span className="row push">
                      {at !== undefined && (
                        <Button
                          small
                          onPress={() =>
                            basket.put(
                              itemOf(
                                at.sequence,
                                at.receivedAtMs,
                                row.path,
                                row.shown.split('/').at(-1) ?? '',
                                false,
                              ),
                            )
                          }
                        >
                          Add
                        </Button>
                      )}
                      <Button
                        small
                        look="quiet"
                        aria-label={`Open the folder of ${row.shown}`}
                        onPress={() => open(row)}
                      >
                        <ArrowRight size={14} aria-hidden />
                      </Button>
                    </span>
                  </li>
                )
              })}
            </ul>
          )}
          <p className="restore-foot faint" role="status">
            {numberText(search.data.rows.length)}
            {search.data.isCut ? ' shown, there are more' : ' found'} among {numberText(search.data.names)}{' '}
            names
          </p>
        </>
      )}
    </section>
  )
}
