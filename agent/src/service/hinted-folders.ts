/** Folders in which something changed that no backup has looked at yet; unless it may have changed anywhere. */
import type { Bytes } from '@backstay/proto/bytes'
import { pathBytes, pathKey } from '../system/path-key.ts'

export interface HintedFolders {
  add(folders: readonly Bytes[]): void
  /** Something may have changed anywhere. */
  addAll(): void
  /** How many folders nobody has looked at; undefined: perhaps all. */
  readonly waiting: number | undefined
  /** What a backup is to look at, undefined: everything. From then on it is looked at. */
  take(): readonly Bytes[] | undefined
}

/** Looking at so many one by one is hardly less work than a walk. */
const foldersMax = 1024

/** At first nobody has looked at anything. */
export function hintedFolders(): HintedFolders {
  let folders: Set<string> | undefined
  return {
    add(some) {
      for (const folder of some) folders?.add(pathKey(folder))
      if (folders !== undefined && folders.size > foldersMax) folders = undefined
    },
    addAll() {
      folders = undefined
    },
    get waiting() {
      return folders?.size
    },
    take() {
      const taken = folders === undefined ? undefined : [...folders].map(pathBytes)
      folders = new Set()
      return taken
    },
  }
}
