/** A watcher that says what it is told to: for tests and the simulation. */
import type { Bytes } from '@backstay/proto/bytes'
import { hintBox, pathText } from './hint-box.ts'
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
    state: missing.has(pathText(path)) ? 'missing' : 'watched',
    folders: 1,
    unwatched: {},
  })
  return {
    next: box.next,
    ready: Promise.resolve(),
    health: () => ({ roots: roots.map(healthOf), overflows }),
    change: folder => box.changed(pathText(folder)),
    miss(why) {
      if (why === 'overflow') overflows++
      box.missed(why)
    },
    lose(root) {
      missing.add(pathText(root))
      box.gone(pathText(root))
    },
    giveBack(root) {
      missing.delete(pathText(root))
      box.back(pathText(root))
    },
    isDisposed: () => disposed,
    async [Symbol.asyncDispose]() {
      disposed = true
    },
  }
}
