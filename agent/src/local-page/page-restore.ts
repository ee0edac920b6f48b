/** What the page restores: one file or folder at a time, into a new folder. */
import { entryAt, openedArchive, snapshotNumbered } from '@backstay/proto/content/archive/opened'
import type { Path } from '@backstay/proto/content/map/key'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { Agent } from '../agent.ts'
import { ownArchive } from '../commands/archive.ts'
import { isIncomplete, restoreNotes } from '../commands/restore-text.ts'
import { requireMayRestore } from '../policy/may-restore.ts'
import { obeyedNow } from '../policy/obeyed-now.ts'
import { restoreIntoFolder } from '../restore/into-folder.ts'
import { requireNew } from './new-folder.ts'
import type { OwnBackups } from './own-backups.ts'

export interface PageRestoreWish {
  /** From the volume down; one component alone is everything. */
  readonly path: Path
  /** Of the snapshot. */
  readonly sequence: number
  /** Absolute; not there yet. */
  readonly to: string
}

export type PageRestoreState =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly to: string; readonly entries: number; readonly bytes: number }
  | {
      readonly state: 'done'
      readonly to: string
      readonly written: number
      readonly bytes: number
      readonly isComplete: boolean
      readonly notes: readonly string[]
    }
  | { readonly state: 'failed'; readonly to: string; readonly message: string; readonly hint: string }

export interface PageRestore extends AsyncDisposable {
  readonly now: PageRestoreState
  /**
   * Begins, and resolves when it has begun. Throws `not_allowed` when the policy forbids it, as the state folder or the collector
   * knows it, `folder_taken`, `no_snapshot`, `not_in_snapshot`, `busy`, and what connecting throws.
   */
  begin(wish: PageRestoreWish): Promise<void>
  /** What was written stays. */
  stop(): void
}

const stopped = 'stopped'

export function pageRestore(agent: Agent, backups: OwnBackups): PageRestore {
  let now: PageRestoreState = { state: 'none' }
  let running = Promise.resolve()
  let ending = new AbortController()

  async function begin({ path, sequence, to }: PageRestoreWish): Promise<void> {
    if (now.state === 'running') throw new Failure('busy', 'a restore is under way', { remedy: 'retry' })
    const before = now
    now = { state: 'running', to, entries: 0, bytes: 0 }
    ending = new AbortController()
    try {
      requireMayRestore((await obeyedNow(agent)).policy.values)
      requireNew(to)
      const link = await backups.connect()
      try {
        requireMayRestore(link.obedience.policy.values)
        const archive = await backups.with(async known => {
          const own = await ownArchive(agent, link.session)
          return openedArchive({ ...own, snapshots: known.snapshots })
        })
        const { root } = snapshotNumbered(archive, sequence)
        const isWhole = path.length === 1
        if (!isWhole) await entryAt(archive, snapshotNumbered(archive, sequence), path)
        const { source, pages } = archive
        running = run({ source, pages, root, path: isWhole ? undefined : path, to }).finally(() =>
          link.session.close(),
        )
      } catch (error) {
        await link.session.close()
        throw error
      }
    } catch (error) {
      now = before
      throw error
    }
  }

  async function run(
    what: Omit<Parameters<typeof restoreIntoFolder>[1], 'asRoot' | 'signal' | 'onProgress'>,
  ): Promise<void> {
    const { to } = what
    const { signal } = ending
    try {
      const result = await restoreIntoFolder(agent.system, {
        ...what,
        asRoot: false,
        signal,
        onProgress: ({ entries, bytes }) => {
          now = { state: 'running', to, entries, bytes }
        },
      })
      const { written, bytes } = result.report
      const notes = restoreNotes(result)
      now = { state: 'done', to, written, bytes, isComplete: !isIncomplete(result), notes }
    } catch (error) {
      const message = signal.aborted ? stopped : error instanceof Error ? error.message : String(error)
      const hint =
        isFailure(error) && error.hint !== undefined
          ? error.hint
          : `what came back so far is in "${to}"; begin again into another folder`
      now = { state: 'failed', to, message, hint }
    }
  }

  return {
    get now() {
      return now
    },
    begin,
    stop: () => ending.abort(new Error(stopped)),
    async [Symbol.asyncDispose]() {
      ending.abort(new Error(stopped))
      await running
    },
  }
}
