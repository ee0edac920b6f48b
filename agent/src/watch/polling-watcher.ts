/**
 * For roots whose file system tells nothing: a process of its own asks the folders whether names came or went
 * (folder-poller.ts). A change inside a file moves no folder, so a rescan is hinted every quarter of an hour, whatever was
 * seen; and so is one when that process is gone.
 */
import { createInterface } from 'node:readline'
import { fromUtf8 } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { pathBytes, pathKey } from '../system/path-key.ts'
import { emptyStat, fromRoot, type System } from '../system/system.ts'
import { ownProcess } from '../threads/own-process.ts'
import { backgroundWork } from './background-work.ts'
import type { FolderCounts, Polled, Polling } from './folder-poller.ts'
import type { HintBox } from './hint-box.ts'
import { type RootHealth, rootCheckMs, unseenMs, type WatchedRoot, type WatchPart } from './watcher.ts'

export interface PollingOptions {
  readonly system: Pick<System, 'tryStatAt'>
  readonly clock: Clock
  readonly skip?: string
  readonly pollMs?: number
}

/** 2,000 folders make 67 questions a second, which any network mount answers. */
const pollMsDefault = 30_000
const noCounts: FolderCounts = { folders: 0, beyond: 0 }

interface Root {
  readonly path: string
  readonly patterns: readonly string[]
  /** What Node's own calls take; undefined when it is not UTF-8: then there are only rescans. */
  readonly shown: string | undefined
  counts: FolderCounts
  isThere: boolean
}

export function pollingWatcher(
  roots: readonly WatchedRoot[],
  box: HintBox,
  { system, clock, skip, pollMs = pollMsDefault }: PollingOptions,
): WatchPart {
  const stop = new AbortController()
  const running = backgroundWork(stop.signal, box.fail)
  const known: Root[] = roots.map(({ path, excludes }) => ({
    ...{ path: pathKey(path), patterns: excludes?.patterns ?? [], shown: shownOf(path) },
    ...{ counts: noCounts, isThere: false },
  }))
  const polled = known.filter((root): root is Root & { shown: string } => root.shown !== undefined)
  let isPolling = false

  /** Resolves when every folder was looked at once, or never will be. */
  function poll(): Promise<void> {
    if (polled.length === 0) return Promise.resolve()
    const { child, gone } = ownProcess(['poll-folders'], stop.signal)
    isPolling = true
    const wanted: Polling = {
      roots: polled.map(({ shown, patterns }) => ({ path: shown, patterns })),
      ...{ skip, pollMs },
    }
    child.stdin.write(`${JSON.stringify(wanted)}\n`)
    running.add(
      gone.then(() => {
        isPolling = false
        for (const root of polled) root.counts = noCounts
        if (!stop.signal.aborted) box.missed('unseen')
      }),
    )
    return new Promise(resolve => {
      createInterface(child.stdout).on('line', line => {
        const told = JSON.parse(line) as Polled
        if ('ready' in told) resolve()
        else if ('counts' in told) {
          for (const [index, root] of polled.entries()) root.counts = told.counts[index] ?? noCounts
        } else if (told.changed === undefined) box.missed('somewhere')
        else box.changed(pathKey(Buffer.from(told.changed)))
      })
      gone.then(resolve)
    })
  }

  async function checkForever(): Promise<void> {
    let lastUnseen = clock.monotonic()
    for (;;) {
      await clock.sleep(rootCheckMs, stop.signal)
      for (const root of known) {
        const before = root.isThere
        root.isThere = isFolder(system, root.path)
        if (before && !root.isThere) box.gone(root.path)
        if (!before && root.isThere) box.back(root.path)
        if (before !== root.isThere) box.missed('rewatched')
      }
      if (clock.monotonic() - lastUnseen < unseenMs) continue
      lastUnseen = clock.monotonic()
      box.missed('unseen')
      if (!isPolling) running.add(poll())
    }
  }

  async function begin(): Promise<void> {
    for (const root of known) root.isThere = isFolder(system, root.path)
    running.add(checkForever())
    // A root that does not answer is not waited for.
    if (known.every(root => root.isThere)) await poll()
    else running.add(poll())
  }
  const ready = begin()
  running.add(ready)

  return {
    ready,
    health: () => ({ roots: known.map(healthOf), overflows: 0 }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running.settled()
    },
  }
}

function healthOf({ path, isThere, counts }: Root): RootHealth {
  return {
    path: pathBytes(path),
    state: isThere ? 'polled' : 'missing',
    folders: counts.folders,
    unwatched: counts.beyond > 0 ? { limit: counts.beyond } : {},
  }
}

function isFolder(system: PollingOptions['system'], path: string): boolean {
  const stat = emptyStat()
  return system.tryStatAt(fromRoot, pathBytes(path), stat) === 0 && stat.kind === 'folder'
}

function shownOf(path: WatchedRoot['path']): string | undefined {
  try {
    return fromUtf8(path)
  } catch {
    return undefined
  }
}
