/** A watcher that says what it is told to: for tests and the simulation. */
import type { Bytes } from '@backstay/proto/bytes'
import { pathKey } from '../system/path-key.ts'
import { hintBox } from './hint-box.ts'
import type { Missed, RootHealth, Watcher } from './watcher.ts'

export interface ScriptedWatcher extends Watcher {
  change(folder: Bytes): void
  miss(why: Missed): void
  lose(root: Bytes): void
  giveBack(root: Bytes): void
  isDisposed(): boolean
}

export function scriptedWatcher(roots: readonly Bytes[]): ScriptedWatcher {
  const box = hintBox()
  const missing = new Set<string>()
  let overflows = 0
  let disposed = false
  const healthOf = (path: Bytes): RootHealth => ({
    path,
    state: missing.has(pathKey(path)) ? 'missing' : 'watched',
    folders: 1,
    unwatched: {},
  })
  return {
    next: box.next,
    ready: Promise.resolve(),
    health: () => ({ roots: roots.map(healthOf), overflows }),
    change: folder => box.changed(pathKey(folder)),
    miss(why) {
      if (why === 'overflow') overflows++
      box.missed(why)
    },
    lose(root) {
      missing.add(pathKey(root))
      box.gone(pathKey(root))
    },
    giveBack(root) {
      missing.delete(pathKey(root))
      box.back(pathKey(root))
    },
    isDisposed: () => disposed,
    async [Symbol.asyncDispose]() {
      disposed = true
    },
  }
}
