/** What each snapshot changed in a folder, newest first, one after another: the thread with the keys has other things to do. */

import type { Path } from '@backstay/proto/content/map/key'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { pathWord } from '../keys/paths.ts'
import { useVault } from '../keys/use-vault.ts'
import type { ChangeCounts, SnapshotRow } from '../keys/vault-answers.ts'
import { pairsOf } from './pairs.ts'

/** By the number of the later snapshot, as far as it is known yet. */
export function useChanges(
  device: string,
  snapshots: readonly SnapshotRow[],
  path: Path,
): ReadonlyMap<number, ChangeCounts> {
  const vault = useVault()
  const client = useQueryClient()
  const word = pathWord(path)
  const [known, know] = useState<{
    readonly of: string
    readonly counts: ReadonlyMap<number, ChangeCounts>
  }>()
  const of = `${device} ${word}`
  useEffect(() => {
    let isLeft = false
    const counts = new Map<number, ChangeCounts>()
    const count = async () => {
      for (const { before, after } of pairsOf(snapshots)) {
        const found = await client.fetchQuery({
          queryKey: ['vault', 'counts', device, before, after, word],
          queryFn: () => vault.changeCounts(device, before, after, path),
          staleTime: Number.POSITIVE_INFINITY,
          retry: false,
        })
        if (isLeft) return
        counts.set(after, found)
        know({ of, counts: new Map(counts) })
      }
    }
    // What cannot be compared (a lost page, an ended collector) has no bar; the folder itself says why.
    count().catch(() => undefined)
    return () => {
      isLeft = true
    }
  }, [client, vault, device, snapshots, word, of, path])
  return known?.of === of ? known.counts : new Map()
}
