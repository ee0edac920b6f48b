/** What a job does here. Nothing that writes to people's files: a signed order to restore or overwrite is refused whoever signed it. */
import { Failure } from '@backstay/proto/failure'
import type { Job } from '@backstay/proto/trust/job'
import { ownArchive } from '../commands/archive.ts'
import { pathText } from '../commands/text.ts'
import { chooseSnapshot, snapshotsOf } from '../restore/snapshots.ts'
import { verifySnapshot } from '../restore/verify.ts'
import type { Board } from '../service/board.ts'
import { toldOutcome } from '../service/outcome.ts'
import { runStatus } from '../service/status.ts'
import { restoreThreads } from '../threads/restore-threads.ts'

export interface JobTools {
  readonly board: Board
  /** Backs up now; resolves with what `tellOutcome` made of it. */
  backUp(progress: (now: unknown) => void, signal: AbortSignal): Promise<unknown>
}

export interface JobProgressNow {
  readonly entries: number
  readonly bytes: number
}

/** So many names of lost files fit into a report. */
const namedMax = 100

/** Returns what its signer is to know. Throws why it was not done. */
export async function doJob(
  job: Job,
  tools: JobTools,
  progress: (now: JobProgressNow) => void,
  signal: AbortSignal,
): Promise<unknown> {
  switch (job.kind) {
    case 'backup': {
      const outcome = toldOutcome(await tools.backUp(now => progress(backupProgress(now)), signal))
      const { sequence, changed, sentBytes, built, unread, alarms } = outcome
      return { sequence, changed, sentBytes, ...built, unread: Object.fromEntries(unread), alarms }
    }
    case 'verify':
      return verify(tools.board, progress, signal)
    case 'diagnostics':
      return runStatus(tools.board)
    case 'restore':
      throw new Failure(
        'not_supported',
        'this version restores on a device only when somebody there asks for it',
      )
  }
}

function backupProgress(now: unknown): JobProgressNow {
  const { entries = 0, sentBytes = 0 } = (now ?? {}) as { entries?: number; sentBytes?: number }
  return { entries, bytes: sentBytes }
}

async function verify({ agent, link }: Board, progress: (now: JobProgressNow) => void, signal: AbortSignal) {
  if (link === undefined) throw new Failure('link_cut', 'the collector is not connected', { remedy: 'retry' })
  const archive = await ownArchive(agent, link.session)
  const snapshot = await chooseSnapshot({ kind: 'newest' }, snapshotsOf(archive.reader, archive.records()))
  progress({ entries: 0, bytes: 0 })
  await using threads = restoreThreads()
  const { opener } = threads
  const { files, bytes, damaged, lostPages } = await verifySnapshot({
    ...archive,
    opener,
    root: snapshot.root,
    signal,
  })
  const named = damaged.slice(0, namedMax).map(({ path, code }) => ({ path: pathText(path), code }))
  return { sequence: snapshot.commit.sequence, files, bytes, damaged: damaged.length, named, lostPages }
}
