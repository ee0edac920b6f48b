/**
 * The process that polls (polling-watcher.ts): chokidar asks the folders one after another whether names came or went. It
 * keeps a timer and a stat for each, so there is a limit. A server that is gone holds up the four threads that Node has for
 * files: here that harms nobody.
 */

import { type Excludes, excludesOf } from '@backstay/proto/policy/excludes'
import { type FSWatcher, watch } from 'chokidar'

/** What it is told, in one line of JSON. Paths are text here: others are not polled. */
export interface Polling {
  readonly roots: readonly { readonly path: string; readonly patterns: readonly string[] }[]
  /** A folder that is left out. */
  readonly skip: string | undefined
  readonly pollMs: number
}

/** What it tells, each in a line. */
export type Polled =
  /** Something came or went in a folder; undefined: nobody knows in which. */
  | { readonly changed: string | undefined }
  /** How many folders of each root are polled, and how many are beyond the limit, in the order of roots. */
  | { readonly counts: readonly FolderCounts[] }
  /** Every folder that is there was looked at once. */
  | { readonly ready: true }

export interface FolderCounts {
  readonly folders: number
  readonly beyond: number
}

/** Measured: 0.05 MB and 0.03 ms a second for each folder (docs/decisions/0014). */
const polledFoldersMax = 2_000
/** Counts change with every folder that is found. */
const countsMs = 100

interface Root {
  readonly path: string
  readonly excludes: Excludes | undefined
  readonly folders: Set<string>
  beyond: number
}

/** Until it is killed. */
export async function pollFolders(
  { roots, skip, pollMs }: Polling,
  tell: (told: Polled) => void,
): Promise<void> {
  const known: readonly Root[] = roots.map(({ path, patterns }) => ({
    ...{ path, excludes: excludesOf(patterns), folders: new Set<string>(), beyond: 0 },
  }))
  let polled = 0
  let isCounting = false

  function count(): void {
    if (isCounting) return
    isCounting = true
    setTimeout(tellCounts, countsMs)
  }

  function tellCounts(): void {
    isCounting = false
    tell({ counts: known.map(({ folders, beyond }) => ({ folders: folders.size, beyond })) })
  }

  /** Called by chokidar for every name it comes by, more than once. */
  function isLeftOut(root: Root, path: string, isFolder: boolean | undefined): boolean {
    if (path === skip) return true
    if (isFolder === undefined || root.folders.has(path)) return false
    if (!isFolder) return true
    const relative = path.slice(root.path.length + 1)
    if (relative !== '' && root.excludes?.excluded(relative, true)) return true
    count()
    if (polled >= polledFoldersMax) {
      root.beyond++
      return true
    }
    root.folders.add(path)
    polled++
    return false
  }

  /** A folder that is gone, with all below, makes room for others. */
  function giveBack(root: Root, path: string): void {
    for (const folder of root.folders) {
      if (folder !== path && !folder.startsWith(`${path}/`)) continue
      root.folders.delete(folder)
      polled--
    }
    count()
  }

  await Promise.all(known.map(poll))
  tellCounts()
  tell({ ready: true })

  function poll(root: Root): Promise<void> {
    const poller: FSWatcher = watch(root.path, {
      ...{ usePolling: true, interval: pollMs, ignoreInitial: true, followSymlinks: false },
      ignored: (path, stats) => isLeftOut(root, path, stats?.isDirectory()),
    })
    poller.on('raw', (_event, path) => tell({ changed: path ?? undefined }))
    poller.on('unlinkDir', path => giveBack(root, path))
    // What cannot be polled is found by the rescans.
    poller.on('error', () => undefined)
    return new Promise(resolve => poller.once('ready', resolve))
  }
}
