/**
 * Notices that something changed; the scan reads what. A hint may be wrong, late, or for nothing, but none is missing
 * without being said: whoever cannot see says `missed`, and everything is read.
 *
 *     await using watcher = openWatcher(roots, …)
 *     for (;;) {
 *       const hints = await watcher.next(signal)     // waits until there is something; taking it clears it
 *       if (hints.missed !== undefined) rescan()
 *     }
 *
 * Implementations: native (change notices of the kernel) and polling, each for some of the roots, and scripted for tests.
 * testing/watcher-conformance.ts asks them for these promises.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Excludes } from '@backstay/proto/policy/excludes'

export interface WatchedRoot {
  /** Absolute path. */
  readonly path: Bytes
  /** What is excluded gives no hints. */
  readonly excludes: Excludes | undefined
}

export interface Hints {
  /** Absolute paths of folders in which something changed: their direct children, what is new below them, or they themselves. */
  readonly folders: readonly Bytes[]
  /** Why anything below any root may have changed unheard. */
  readonly missed: Missed | undefined
  /** Roots that vanished, and that are there (again) since the last hints. */
  readonly gone: readonly Bytes[]
  readonly back: readonly Bytes[]
}

/**
 * `somewhere`: something changed, in more folders than are named, or nobody knows where. `overflow`: more happened than the kernel remembered. `unseen`: some folders cannot be watched, and it is time to look.
 * `rewatched`: a root was watched anew.
 */
export type Missed = 'somewhere' | 'overflow' | 'unseen' | 'rewatched'

export interface WatchHealth {
  readonly roots: readonly RootHealth[]
  /** How often notices were lost since the start. */
  readonly overflows: number
}

export interface RootHealth {
  readonly path: Bytes
  /** `starting`: its folders are being found. `polled`: changes are seen late. */
  readonly state: 'starting' | 'watched' | 'polled' | 'missing'
  readonly folders: number
  /** Folders that could not be watched, by reason; changes in them are found by rescans only. */
  readonly unwatched: Readonly<Partial<Record<Unwatched, number>>>
}

/** `limit`: the kernel watches no more for this user, or we poll no more. `network`: on another machine. `io`: cannot be opened. */
export type Unwatched = 'limit' | 'network' | 'io'

export interface Watcher extends AsyncDisposable {
  /** Resolves when something is hinted. Rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<Hints>
  /** Resolves when every folder that is there was tried once. */
  readonly ready: Promise<void>
  health(): WatchHealth
}

/** Watches some of the roots and puts what it hears into a box that it is given. */
export interface WatchPart extends AsyncDisposable {
  readonly ready: Promise<void>
  health(): WatchHealth
}

/** While some folders cannot be watched, a rescan is hinted this often. */
export const unseenMs = 15 * 60_000
/** How often it is looked whether a root came or went: a stat for each. */
export const rootCheckMs = 15_000
