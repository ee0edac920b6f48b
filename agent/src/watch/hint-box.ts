/** Hints on their way from watchers to whoever takes them: bounded, whatever happens below. */

import { type Bell, bell } from '@backstay/proto/wire/bell'
import { pathBytes } from '../system/path-key.ts'
import type { Hints, Missed } from './watcher.ts'

export interface HintBox {
  /** Paths have one character a byte. */
  changed(folder: string): void
  missed(why: Missed): void
  gone(root: string): void
  back(root: string): void
  /** The watcher itself is broken: whoever waits is told. */
  fail(error: unknown): void
  next(signal: AbortSignal): Promise<Hints>
}

/** More folders than this are not named. */
const foldersMax = 256

export function hintBox(): HintBox {
  const rung: Bell = bell()
  let folders = new Set<string>()
  let why: Missed | undefined
  let failure: { readonly error: unknown } | undefined
  let states = new Map<string, 'gone' | 'back'>()

  const isEmpty = () => folders.size + states.size === 0 && why === undefined

  function taken(): Hints {
    const of = (wanted: 'gone' | 'back') =>
      [...states].filter(([, state]) => state === wanted).map(([path]) => path)
    const hints = {
      folders: [...folders].map(pathBytes),
      missed: why,
      gone: of('gone').map(pathBytes),
      back: of('back').map(pathBytes),
    }
    folders = new Set()
    states = new Map()
    why = undefined
    return hints
  }

  return {
    changed(folder) {
      if (folders.size < foldersMax) folders.add(folder)
      else if (!folders.has(folder)) why ??= 'somewhere'
      rung.ring()
    },
    missed(reason) {
      why ??= reason
      rung.ring()
    },
    gone(root) {
      states.set(root, 'gone')
      rung.ring()
    },
    back(root) {
      states.set(root, 'back')
      rung.ring()
    },
    fail(error) {
      failure ??= { error }
      rung.ring()
    },
    async next(signal) {
      signal.throwIfAborted()
      while (isEmpty() && failure === undefined) await rung.wait(signal)
      if (failure !== undefined) throw failure.error
      return taken()
    },
  }
}
