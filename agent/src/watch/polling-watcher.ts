/**
 * For roots whose file system tells nothing: chokidar asks the folders one after another whether names came or went. It
 * keeps a timer and a stat for each, so there is a limit; and a change inside a file moves no folder. So a rescan is
 * hinted every quarter of an hour, whatever was seen.
 */
import { lstat } from 'node:fs/promises'
import { fromUtf8 } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { backgroundWork } from './background-work.ts'
import { type HintBox, pathBytes, pathText } from './hint-box.ts'
import { type RootHealth, rootCheckMs, unseenMs, type WatchedRoot, type WatchPart } from './watcher.ts'

export interface PollingOptions {
  readonly clock: Clock
  readonly skip?: string
  readonly pollMs?: number
}

/** Measured: 0.05 MB and 0.03 ms a second for each folder (docs/decisions/0014). */
export const polledFoldersMax = 2_000
/** 2,000 folders make 67 questions a second, which any network mount answers. */
const pollMsDefault = 30_000

interface Root {
  readonly path: string
  /** What Node's own calls take; undefined when it is not UTF-8: then there are only rescans. */
  readonly shown: string | undefined
  readonly excludes: WatchedRoot['excludes']
  readonly folders: Set<string>
  beyond: number
  isThere: boolean
}

export function pollingWatcher(
  roots: readonly WatchedRoot[],
  box: HintBox,
  { clock, skip, pollMs = pollMsDefault }: PollingOptions,
): WatchPart {
  const stop = new AbortController()
  const running = backgroundWork(stop.signal, box.fail)
  const known: Root[] = roots.map(({ path, excludes }) => ({
    ...{
      path: pathText(path),
      shown: shownOf(path),
      excludes,
      folders: new Set<string>(),
      beyond: 0,
      isThere: false,
    },
  }))
  const pollers: { close(): Promise<void> }[] = []
  let polled = 0

  /** Called by chokidar for every name it comes by, more than once. */
  function isLeftOut(root: Root, path: string, isFolder: boolean | undefined): boolean {
    if (path === skip) return true
    if (isFolder === undefined || root.folders.has(path)) return false
    if (!isFolder) return true
    const relative = path.slice((root.shown?.length ?? 0) + 1)
    if (relative !== '' && root.excludes?.excluded(relative, true)) return true
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
  }

  async function poll(root: Root): Promise<void> {
    const { shown } = root
    if (shown === undefined) return
    // Loaded only where it is needed.
    const { watch } = await import('chokidar')
    const poller = watch(shown, {
      ...{ usePolling: true, interval: pollMs, ignoreInitial: true, followSymlinks: false },
      ignored: (path, stats) => isLeftOut(root, path, stats?.isDirectory()),
    })
    pollers.push(poller)
    poller.on('raw', (_event, path) => {
      if (path === null) box.missed('somewhere')
      else box.changed(pathText(Buffer.from(path)))
    })
    poller.on('unlinkDir', path => giveBack(root, path))
    // What cannot be polled is found by the rescans.
    poller.on('error', () => undefined)
    await new Promise<void>(resolve => poller.once('ready', resolve))
  }

  async function checkForever(): Promise<void> {
    let lastUnseen = clock.monotonic()
    for (;;) {
      await clock.sleep(rootCheckMs, stop.signal)
      for (const root of known) {
        const before = root.isThere
        root.isThere = await isFolder(root.path)
        if (before && !root.isThere) box.gone(root.path)
        if (!before && root.isThere) box.back(root.path)
        if (before !== root.isThere) box.missed('rewatched')
      }
      if (clock.monotonic() - lastUnseen < unseenMs) continue
      lastUnseen = clock.monotonic()
      box.missed('unseen')
    }
  }

  async function begin(): Promise<void> {
    for (const root of known) root.isThere = await isFolder(root.path)
    await Promise.all(known.map(poll))
    running.add(checkForever())
  }
  const ready = begin()
  running.add(ready)

  return {
    ready,
    health: () => ({ roots: known.map(healthOf), overflows: 0 }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(pollers.map(poller => poller.close()))
      await running.settled()
    },
  }
}

function healthOf({ path, isThere, folders, beyond }: Root): RootHealth {
  return {
    path: pathBytes(path),
    state: isThere ? 'polled' : 'missing',
    folders: folders.size,
    unwatched: beyond > 0 ? { limit: beyond } : {},
  }
}

/** A share that hangs holds up this watcher, and nothing else that waits for no disk. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(Buffer.from(path, 'latin1'))).isDirectory()
  } catch {
    return false
  }
}

function shownOf(path: WatchedRoot['path']): string | undefined {
  try {
    return fromUtf8(path)
  } catch {
    return undefined
  }
}
