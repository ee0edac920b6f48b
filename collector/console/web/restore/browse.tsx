/** Three panes: the moment, what lay there, the basket. All that is chosen stands in the address, where the collector never sees it. */
import { useEffect, useMemo } from 'react'
import { pathFromWord } from '../keys/paths.ts'
import { useOpened } from '../keys/use-vault.ts'
import type { SnapshotRow } from '../keys/vault-answers.ts'
import { Coming, Empty, Trouble } from '../parts/saying.tsx'
import { useHiddenAddress } from '../words/address.ts'
import { BasketPane } from './basket-pane.tsx'
import { FolderPane } from './folder-pane.tsx'
import { MomentPane } from './moment-pane.tsx'
import { SearchPane } from './search-pane.tsx'
import { useBasket } from './use-basket.ts'

export const topPath = pathFromWord('2f') ?? []
const none: readonly SnapshotRow[] = []

export function Browse({ device }: { readonly device: string }) {
  const [address, change] = useHiddenAddress()
  const basket = useBasket(device)
  const snapshots = useOpened(['snapshots', device], vault => vault.snapshots(device))
  const wanted = Number(address.get('at'))
  const all = snapshots.data ?? none
  const at = all.find(one => one.sequence === wanted) ?? all.find(one => one.complete) ?? all[0]
  const word = address.get('path') ?? ''
  const path = useMemo(() => pathFromWord(word) ?? topPath, [word])
  const words = address.get('find') ?? ''
  useFirstFolder(device, at?.sequence, address.has('path'), word => change({ path: word }))

  if (snapshots.error !== null) {
    return (
      <Trouble
        error={snapshots.error}
        safe="What is stored is as it was."
        onAgain={() => void snapshots.refetch()}
      />
    )
  }
  if (snapshots.data === undefined) return <Coming lines={12} />
  if (at === undefined) {
    return (
      <Empty title="This device has no snapshot yet">
        It appears here as soon as its first backup has come far enough to be restored.
      </Empty>
    )
  }
  return (
    <div className="restore">
      <MomentPane
        device={device}
        path={path}
        snapshots={all}
        at={at}
        onChoose={sequence => change({ at: String(sequence) })}
      />
      {words === '' ? (
        <FolderPane device={device} at={at} snapshots={all} path={path} basket={basket} />
      ) : (
        <SearchPane device={device} snapshots={all} words={words} basket={basket} />
      )}
      <BasketPane device={device} basket={basket} />
    </div>
  )
}

/** Where the person most likely wants to look: the first folder that is backed up. */
function useFirstFolder(
  device: string,
  sequence: number | undefined,
  isChosen: boolean,
  choose: (word: string) => void,
): void {
  const roots = useOpened(
    ['roots', device, sequence ?? 0],
    vault => vault.roots(device, sequence ?? 0),
    sequence !== undefined && !isChosen,
  )
  const first = roots.data?.[0]?.path
  useEffect(() => {
    if (!isChosen && first !== undefined) choose(first.map(part => part.toHex()).join('.'))
  }, [isChosen, first, choose])
}
