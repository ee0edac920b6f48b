/**
 * What a job does here. None changes what lies on the device: a restore goes into a new folder, or beside what is there
 * (restore-job.ts).
 */

import { chooseSnapshot, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import { Failure } from '@backstay/proto/failure'
import type { Job } from '@backstay/proto/trust/job'
import { ownArchive } from '../commands/archive.ts'
import { pathText } from '../commands/text.ts'
import { verifySnapshot } from '../restore/verify.ts'
import type { Board } from '../service/board.ts'
import { toldOutcome } from '../service/outcome.ts'
import { runStatus } from '../service/status.ts'
import { restoreThreads } from '../threads/restore-threads.ts'
import type { Course, JobEnd, JobProgressNow } from './course.ts'
import { named } from './named.ts'
import { type RestoreTools, restoreJob } from './restore-job.ts'

export interface JobTools extends RestoreTools {
  /** Backs up now; resolves with what `tellOutcome` made of it. */
  backUp(progress: (now: unknown) => void, signal: AbortSignal): Promise<unknown>
}

/** Throws why it was not done; a restore whose link was cut can go on (`isCutOff`). */
export async function doJob(
  job: Job,
  tools: JobTools,
  course: Course,
  progress: (now: JobProgressNow) => void,
  signal: AbortSignal,
): Promise<JobEnd> {
  switch (job.kind) {
    case 'backup': {
      const outcome = toldOutcome(await tools.backUp(now => progress(backupProgress(now)), signal))
      const { sequence, changed, sentBytes, built, unread, alarms } = outcome
      const notRead = Object.fromEntries(unread)
      return { found: { sequence, changed, sentBytes, ...built, unread: notRead, alarms } }
    }
    case 'verify':
      return { found: await verify(tools.board, progress, signal) }
    case 'diagnostics':
      return { found: runStatus(tools.board) }
    case 'restore':
      return restoreJob(job, tools, course, progress, signal)
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
  const { sequence } = snapshot.commit
  const names = damaged.map(({ path, code }) => ({ path: pathText(path), code }))
  return { sequence, files, bytes, damaged: damaged.length, named: named(names), lostPages }
}
