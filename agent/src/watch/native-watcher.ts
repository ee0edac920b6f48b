/**
 * Watches every folder of its roots by the kernel's change notices. A tree changes while it is watched, so:
 *
 * - a new folder is walked, and hinted when something is in it already: nobody told of that;
 * - a folder that is moved takes its watches along, under names that are wrong now: they are given up, and what arrives
 *   elsewhere is walked like a new folder;
 * - a root is looked at now and then: is it there, is it the same (a disk mounted over it is not), and is the same mounted
 *   below it? Of that no notice tells.
 *
 * Between two of these steps a folder's path may be outdated. A hint is only where to look.
 */
import type { Clock } from '@backstay/proto/clock'
import type { FolderNotices, Notice } from '../system/folder-notices.ts'
import { mountsBelow } from '../system/mounts.ts'
import { pathBytes, pathKey, shownKey } from '../system/path-key.ts'
import { emptyStat, fromRoot, type System } from '../system/system.ts'
import { backgroundWork } from './background-work.ts'
import { below, type FolderWalk, walkFolders } from './folder-walk.ts'
import type { HintBox } from './hint-box.ts'
import { nameKey, watchedFolders } from './watched-folders.ts'
import {
  type Missed,
  type RootHealth,
  rootCheckMs,
  type Unwatched,
  unseenMs,
  type WatchedRoot,
  type WatchPart,
} from './watcher.ts'

export interface NativeOptions {
  readonly system: System
  readonly notices: FolderNotices
  readonly clock: Clock
  /** A folder never watched, and of which nothing is hinted: the agent's own state. */
  readonly skip?: string
  /** What is mounted below a folder; the same text as long as it is the same. */
  readonly mounts?: (path: string) => string
}

/** Notices are gathered this long while there are any, so that a busy disk costs ten looks a second. */
const gatherMs = 100

interface Root {
  readonly path: string
  readonly excludes: WatchedRoot['excludes']
  /** Device and inode; undefined while it is not there. */
  identity: string | undefined
  mounts: string
  walk: Promise<void> | undefined
  /** The one that follows; who wants one meanwhile shares it. */
  next: { anew: boolean; readonly walk: Promise<void> } | undefined
  unwatched: Partial<Record<Unwatched, number>>
}

export function nativeWatcher(
  roots: readonly WatchedRoot[],
  box: HintBox,
  options: NativeOptions,
): WatchPart {
  const { system, notices, clock, skip, mounts = mountsBelow } = options
  const folders = watchedFolders()
  const stop = new AbortController()
  const known: Root[] = roots.map(({ path, excludes }) => ({
    ...{ path: pathKey(path), excludes, identity: undefined, mounts: '' },
    ...{ walk: undefined, next: undefined, unwatched: {} },
  }))
  const rootOf = new Map(known.map(root => [root.path, root]))
  let overflows = 0

  const walkOf = (root: Root): FolderWalk => ({
    system,
    watch(folder, parent, name) {
      const watch = notices.tryWatch(folder)
      if (watch >= 0) folders.add(watch, parent, name)
      return watch
    },
    excluded: path => path === skip || isExcluded(root, path, true),
    unwatched(why) {
      root.unwatched[why] = (root.unwatched[why] ?? 0) + 1
    },
    isOver: () => stop.signal.aborted,
  })

  /** Watches what is not watched yet; `anew`: under names that may have changed, too. */
  function watchRoot(root: Root, anew: boolean): Promise<void> {
    if (root.walk === undefined) return beginWalk(root, anew)
    if (root.next !== undefined) {
      root.next.anew ||= anew
      return root.next.walk
    }
    const walk: Promise<void> = root.walk.then(() => {
      root.next = undefined
      return beginWalk(root, next.anew)
    })
    const next = { anew, walk }
    root.next = next
    return walk
  }

  function beginWalk(root: Root, anew: boolean): Promise<void> {
    if (anew) for (const watch of folders.dropRoot(root.path)) notices.forget(watch)
    root.unwatched = {}
    const start = { path: root.path, parent: undefined, name: root.path, device: undefined }
    root.walk = walkFolders(walkOf(root), start).then(() => {
      root.walk = undefined
    })
    return root.walk
  }

  async function rewatch(root: Root, why: Missed): Promise<void> {
    await watchRoot(root, false)
    box.missed(why)
  }

  /** Looks at all roots; `first`: nothing is news. */
  async function checkRoots(first: boolean): Promise<void> {
    for (const root of known) {
      if (stop.signal.aborted) return
      const before = root.identity
      root.identity = identityOf(system, root.path)
      const mounted = root.identity === undefined ? '' : mounts(root.path)
      const isMountedAnew = mounted !== root.mounts
      root.mounts = mounted
      if (root.identity === before && !isMountedAnew) continue
      if (before !== undefined && root.identity === undefined) {
        for (const watch of folders.dropRoot(root.path)) notices.forget(watch)
        box.gone(root.path)
      } else {
        await watchRoot(root, true)
        if (first) continue
        box.missed('rewatched')
        if (before === undefined) box.back(root.path)
      }
    }
  }

  async function checkForever(): Promise<void> {
    let lastUnseen = clock.monotonic()
    for (;;) {
      await clock.sleep(rootCheckMs, stop.signal)
      await checkRoots(false)
      const blind = known.filter(root => Object.keys(root.unwatched).length > 0)
      if (blind.length === 0 || clock.monotonic() - lastUnseen < unseenMs) continue
      lastUnseen = clock.monotonic()
      // Perhaps there is room by now.
      for (const root of blind) await rewatch(root, 'unseen')
    }
  }

  function take(): void {
    const changed = new Set<number>()
    const left = new Set<string>()
    const arrived: { parent: number; name: string }[] = []
    const hear = ({ watch, kind, name, isFolder }: Notice) => {
      if (kind === 'overflow') {
        overflows++
        box.missed('overflow')
        // New folders that were not told of are found by walking again.
        for (const root of known) if (root.identity !== undefined) running.add(rewatch(root, 'overflow'))
      } else if (kind === 'ended') folders.delete(watch)
      else {
        if (isFolder && kind === 'left') left.add(nameKey(watch, name))
        if (isFolder && kind === 'arrived') arrived.push({ parent: watch, name })
        if (!changed.has(watch) && isWorthHinting(watch, name, isFolder)) changed.add(watch)
      }
    }
    if (notices.take(hear) === 0) {
      notices.arm(gather)
      return
    }
    for (const watch of changed) {
      const place = folders.place(watch)
      if (place !== undefined) box.changed(place.path)
    }
    for (const watch of folders.dropNamed(left)) notices.forget(watch)
    for (const { parent, name } of arrived) running.add(walkNew(parent, name))
    gather()
  }

  function isWorthHinting(watch: number, name: string, isFolder: boolean): boolean {
    const place = folders.place(watch)
    const root = place && rootOf.get(place.root)
    if (place === undefined || root === undefined) return false
    const path = name === '' ? place.path : below(place.path, name)
    return path !== skip && !isExcluded(root, path, isFolder)
  }

  async function walkNew(parent: number, name: string): Promise<void> {
    const place = folders.place(parent)
    const root = place && rootOf.get(place.root)
    if (place === undefined || root === undefined) return
    const path = below(place.path, name)
    const walk = walkOf(root)
    if (walk.excluded(path)) return
    if (await walkFolders(walk, { path, parent, name, device: undefined })) box.changed(path)
  }

  function gather(): void {
    if (stop.signal.aborted) return
    running.add(clock.sleep(gatherMs, stop.signal).then(take))
  }

  const running = backgroundWork(stop.signal, box.fail)
  async function begin(): Promise<void> {
    await checkRoots(true)
    if (stop.signal.aborted) return
    notices.arm(gather)
    running.add(checkForever())
  }
  const ready = begin()
  running.add(ready)

  return {
    ready,
    health: () => ({ roots: known.map(root => healthOf(root, folders.size)), overflows }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running.settled()
      notices.close()
    },
  }
}

function healthOf({ path, identity, walk, unwatched }: Root, folders: number): RootHealth {
  const state =
    identity === undefined ? 'missing' : walk ? 'starting' : unwatched.network ? 'polled' : 'watched'
  return { path: pathBytes(path), state, folders, unwatched: { ...unwatched } }
}

function identityOf(system: System, path: string): string | undefined {
  const handle = system.tryOpenFolder(fromRoot, pathBytes(path))
  if (handle < 0) return undefined
  const stat = emptyStat()
  system.tryStat(handle, stat)
  system.close(handle)
  return `${stat.deviceMajor}:${stat.deviceMinor}:${stat.inode}`
}

/** Patterns are relative to the root. */
function isExcluded(root: Root, path: string, isFolder: boolean): boolean {
  if (root.excludes === undefined || path === root.path) return false
  const start = root.path === '/' ? 1 : root.path.length + 1
  return root.excludes.excluded(shownKey(path.slice(start)), isFolder)
}
