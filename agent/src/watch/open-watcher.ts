/** The watcher of a device: native where the file system tells of changes, polling elsewhere, one stream of hints. */

import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { isFailure } from '@backstay/proto/failure'
import { errno } from '../system/error-numbers.ts'
import type { FolderNotices } from '../system/folder-notices.ts'
import { pathKey } from '../system/path-key.ts'
import { fromRoot, type System } from '../system/system.ts'
import { type HintBox, hintBox } from './hint-box.ts'
import { nativeWatcher } from './native-watcher.ts'
import { pollingWatcher } from './polling-watcher.ts'
import { treeWatcher } from './tree-watcher.ts'
import type { WatchedRoot, Watcher, WatchPart } from './watcher.ts'

export interface WatchSurroundings {
  readonly system: System
  readonly clock: Clock
  /** Throws `no_notices`: then everything is polled. */
  notices(): FolderNotices
  /** Whole trees are watched by the platform, and `notices` is not asked. */
  readonly hasTreeNotices?: boolean
  /** The agent's own state folder. */
  readonly state: Bytes
}

export function openWatcher(roots: readonly WatchedRoot[], around: WatchSurroundings): Watcher {
  const { system, clock } = around
  const box = hintBox()
  const skip = pathKey(around.state)
  const outer = withoutNested(roots)
  if (around.hasTreeNotices) return watching(box, [treeWatcher(outer, box, { clock, skip })])
  const notices = noticesOf(around)
  const { polled = [], native = [] } = Object.groupBy(outer, root =>
    notices === undefined || isOnNetwork(system, root) ? 'polled' : 'native',
  )
  const parts: WatchPart[] = []
  if (polled.length > 0) parts.push(pollingWatcher(polled, box, { system, clock, skip }))
  if (notices !== undefined) parts.push(nativeWatcher(native, box, { system, notices, clock, skip }))
  return watching(box, parts)
}

function watching(box: HintBox, parts: readonly WatchPart[]): Watcher {
  return {
    next: box.next,
    ready: Promise.all(parts.map(part => part.ready)).then(() => undefined),
    health() {
      const all = parts.map(part => part.health())
      return {
        roots: all.flatMap(one => one.roots),
        overflows: all.reduce((sum, one) => sum + one.overflows, 0),
      }
    },
    async [Symbol.asyncDispose]() {
      for (const part of parts) await part[Symbol.asyncDispose]()
    },
  }
}

function noticesOf(around: WatchSurroundings): FolderNotices | undefined {
  try {
    return around.notices()
  } catch (error) {
    if (isFailure(error, 'no_notices')) return undefined
    throw error
  }
}

/** Also of one that does not answer now. */
function isOnNetwork(system: System, { path }: WatchedRoot): boolean {
  const handle = system.tryOpenFolder(fromRoot, path)
  if (handle < 0) return handle === -errno.ETIMEDOUT
  try {
    return system.fileSystemKind(handle) === 'network'
  } finally {
    system.close(handle)
  }
}

/** A root within another is watched with the other, as it is scanned (scan/roots.ts). */
function withoutNested(roots: readonly WatchedRoot[]): WatchedRoot[] {
  const paths = roots.map(root => pathKey(root.path))
  const isAbove = (above: string, path: string) => path.startsWith(above === '/' ? above : `${above}/`)
  return roots.filter((_, index) => {
    const path = paths[index] ?? ''
    return paths.every((other, at) => at === index || (other === path ? at > index : !isAbove(other, path)))
  })
}
