/**
 * Watches whole trees, where the platform tells of changes in them (Windows: ReadDirectoryChangesW, through Node): one
 * watch a root, whatever lies below. A root is looked at now and then: is it there, and the same? A watch holds the
 * folder that it was given, under whatever name.
 */
import { type FSWatcher, statSync, watch } from 'node:fs'
import { sep } from 'node:path'
import { type Bytes, fromUtf8, utf8 } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { pathBytes, pathKey } from '../system/path-key.ts'
import { backgroundWork } from './background-work.ts'
import type { HintBox } from './hint-box.ts'
import { type RootHealth, rootCheckMs, unseenMs, type WatchedRoot, type WatchPart } from './watcher.ts'

export interface TreeOptions {
  readonly clock: Clock
  /** A folder of which nothing is hinted: the agent's own state. One character a byte. */
  readonly skip?: string
}

interface Root {
  readonly path: Bytes
  /** As Node takes it; undefined when it is no text. */
  readonly shown: string | undefined
  readonly excludes: WatchedRoot['excludes']
  /** Undefined while it is not there. */
  identity: string | undefined
  watcher: FSWatcher | undefined
}

export function treeWatcher(
  roots: readonly WatchedRoot[],
  box: HintBox,
  { clock, skip }: TreeOptions,
): WatchPart {
  const stop = new AbortController()
  const running = backgroundWork(stop.signal, box.fail)
  const skipped = skip === undefined ? undefined : `${plain(textOf(pathBytes(skip)) ?? '')}${sep}`
  const known: Root[] = roots.map(({ path, excludes }) => ({
    ...{ path, shown: textOf(path), excludes, identity: undefined, watcher: undefined },
  }))
  let overflows = 0

  function heard(root: Root, top: string, name: string | null): void {
    if (name === null) {
      // More happened than the buffer of the system holds.
      overflows++
      box.missed('overflow')
      return
    }
    const whole = `${plain(top)}${sep}${name}`
    if (skipped !== undefined && `${whole}${sep}`.startsWith(skipped)) return
    const end = name.lastIndexOf(sep)
    const folder = end < 0 ? '' : name.slice(0, end)
    const relative = folder.replaceAll(sep, '/')
    if (relative !== '' && root.excludes?.excluded(relative, true)) return
    // A name that Node cannot say is somewhere.
    if (!name.isWellFormed()) box.missed('somewhere')
    else box.changed(pathKey(utf8(folder === '' ? top : `${plain(top)}${sep}${folder}`)))
  }

  function watchRoot(root: Root): void {
    const { shown } = root
    if (shown === undefined) return
    try {
      const watcher = watch(shown, { recursive: true, persistent: false }, (_, name) =>
        heard(root, shown, name),
      )
      root.watcher = watcher
      // It is gone, or moved: the next look says which.
      watcher.on('error', () => unwatch(root))
    } catch {
      unwatch(root)
    }
  }

  function unwatch(root: Root): void {
    root.watcher?.close()
    root.watcher = undefined
  }

  function check(root: Root, first: boolean): void {
    const before = root.identity
    root.identity = identityOf(root.shown)
    if (root.identity === before && (before === undefined || root.watcher !== undefined)) return
    unwatch(root)
    if (root.identity !== undefined) watchRoot(root)
    if (first) return
    if (before !== undefined && root.identity === undefined) box.gone(pathKey(root.path))
    else {
      box.missed('rewatched')
      if (before === undefined) box.back(pathKey(root.path))
    }
  }

  async function checkForever(): Promise<void> {
    let lastUnseen = clock.monotonic()
    for (;;) {
      await clock.sleep(rootCheckMs, stop.signal)
      for (const root of known) check(root, false)
      if (clock.monotonic() - lastUnseen < unseenMs) continue
      lastUnseen = clock.monotonic()
      if (known.some(root => healthOf(root).state === 'polled')) box.missed('unseen')
    }
  }

  for (const root of known) check(root, true)
  running.add(checkForever())

  return {
    ready: Promise.resolve(),
    health: () => ({ roots: known.map(healthOf), overflows }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      for (const root of known) unwatch(root)
      await running.settled()
    },
  }
}

/** A root that cannot be watched is looked at by rescans alone. */
function healthOf({ path, identity, watcher }: Root): RootHealth {
  const state = identity === undefined ? 'missing' : watcher === undefined ? 'polled' : 'watched'
  return { path, state, folders: 1, unwatched: state === 'polled' ? { io: 1 } : {} }
}

function identityOf(path: string | undefined): string | undefined {
  const stat = path === undefined ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat?.isDirectory() ? `${stat.dev}:${stat.ino}` : undefined
}

/** Without the slash behind a volume. */
const plain = (path: string): string => (path.endsWith(sep) ? path.slice(0, -1) : path)

function textOf(path: Bytes): string | undefined {
  try {
    return fromUtf8(path).replaceAll('/', sep)
  } catch {
    return undefined
  }
}
