/** Watches the roots that the policy names here, and begins anew when it names others. */
import type { Bytes } from '@backstay/proto/bytes'
import { utf8 } from '@backstay/proto/bytes'
import type { WatchedRoot, Watcher } from '../watch/watcher.ts'
import { rootsKey, rootsNow, watchedRoots } from './backup-roots.ts'
import { type Board, waitFor } from './board.ts'
import type { Log } from './log.ts'
import type { Part } from './supervisor.ts'

/** `open`: the watcher of these roots on this machine. */
export function watchPart(board: Board, open: (roots: readonly WatchedRoot[]) => Watcher, log: Log): Part {
  const { agent } = board
  return {
    name: 'watch',
    async run(signal) {
      const roots = rootsNow(board)
      await using watcher = open(watchedRoots(roots))
      board.hinted.addAll()
      board.watcher = watcher
      board.watchFailure = undefined
      const others = new AbortController()
      const either = AbortSignal.any([signal, others.signal])
      const looking = watchPolicy(board, rootsKey(roots), others, signal)
      watcher.ready.then(
        () => {
          log('info', 'folders watched', { folders: foldersOf(watcher.health().roots) })
          lookAgain(board)
        },
        () => undefined,
      )
      try {
        for (;;) {
          const { folders, missed, gone, back } = await watcher.next(either)
          if (gone.length > 0) log('warn', 'roots are gone', { roots: gone.length })
          if (back.length > 0) log('info', 'roots are back', { roots: back.length })
          board.hinted.add(folders)
          const isElsewhere = missed !== undefined || gone.length + back.length > 0
          if (isElsewhere) board.hinted.addAll()
          if (folders.length > 0 || missed === 'somewhere') board.tell({ kind: 'hinted' })
          if (!isElsewhere || missed === 'somewhere') continue
          if (missed !== undefined) log('info', 'a rescan is needed', { why: missed })
          board.tell({ kind: 'doubted' })
        }
      } catch (error) {
        if (!others.signal.aborted) throw error
        // Nobody watched in between.
        board.tell({ kind: 'doubted' })
      } finally {
        board.watcher = undefined
        others.abort()
        await looking
      }
    },
    rest: (ms, signal) => agent.clock.sleep(ms, signal),
    failed(error) {
      board.watchFailure = error
    },
  }
}

/** What changed in a folder after a backup looked at it and before it was watched, nobody told of. */
function lookAgain(board: Board): void {
  board.hinted.addAll()
  const { runningSinceMs } = board.scheduler
  if (runningSinceMs !== undefined || board.outcome !== undefined) board.tell({ kind: 'doubted' })
}

const lookMs = 60_000

async function watchPolicy(
  board: Board,
  key: string,
  others: AbortController,
  signal: AbortSignal,
): Promise<void> {
  const either = AbortSignal.any([signal, others.signal])
  const { clock } = board.agent
  let seen = board.obedience
  let lookedMs = clock.monotonic()
  while (!either.aborted) {
    // The board rings with every hint; homes come and go rarely.
    if (board.obedience !== seen || clock.monotonic() - lookedMs >= lookMs) {
      seen = board.obedience
      lookedMs = clock.monotonic()
      if (rootsKey(rootsNow(board)) !== key) others.abort(new Error('the policy names other folders'))
    }
    await waitFor(board.agent, board.changed, lookMs, either).catch(() => undefined)
  }
}

const foldersOf = (roots: readonly { readonly folders: number }[]): number =>
  roots.reduce((most, root) => Math.max(most, root.folders), 0)

export const stateBytes = (state: string): Bytes => utf8(state)
