/**
 * What a job does here. None changes what lies on the device: a restore goes into a new folder, or beside what is there
 * (restore-job.ts); a pause is short, ends by itself, and is counted (service/afar-pauses.ts).
 */

import { chooseSnapshot, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import { Failure } from '@backstay/proto/failure'
import type { Job } from '@backstay/proto/trust/job'
import { ownArchive } from '../commands/archive.ts'
import { pathText } from '../commands/text.ts'
import { verifySnapshot } from '../restore/verify.ts'
import type { Board } from '../service/board.ts'
import { toldOutcome } from '../service/outcome.ts'
import { afarMinutesLeft, pauseFromAfar, resumeFromAfar } from '../service/pausing.ts'
import { runStatus } from '../service/status.ts'
import type { Course, JobEnd, JobProgressNow } from './course.ts'
import { named } from './named.ts'
import { type RestoreTools, restoreJob } from './restore-job.ts'

export interface JobTools extends RestoreTools {
  /** Backs up now; resolves with what `tellOutcome` made of it. */
  backUp(progress: (now: unknown) => void, signal: AbortSignal): Promise<unknown>
}

/** `signer`: his name in Trust. Throws why it was not done; a restore whose link was cut can go on (`isCutOff`). */
export async function doJob(
  job: Job,
  signer: string,
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
      return { found: await verify(tools, progress, signal) }
    case 'diagnostics':
      return { found: runStatus(tools.board) }
    case 'pause':
      return pause(job, signer, tools.board)
    case 'resume':
      await resumeFromAfar(tools.board)
      return { found: { minutesLeft: afarMinutesLeft(tools.board) } }
    case 'restore':
      return restoreJob(job, tools, course, progress, signal)
  }
}

/** Its signer hears how much is left, also when it is too little. */
async function pause({ minutes = 0 }: Job, signer: string, board: Board): Promise<JobEnd> {
  try {
    const pausedUntilMs = await pauseFromAfar(board, minutes, signer)
    return { found: { pausedUntilMs, minutesLeft: afarMinutesLeft(board) } }
  } catch (failure) {
    return { found: { minutesLeft: afarMinutesLeft(board) }, failure }
  }
}

function backupProgress(now: unknown): JobProgressNow {
  const { entries = 0, sentBytes = 0 } = (now ?? {}) as { entries?: number; sentBytes?: number }
  return { entries, bytes: sentBytes }
}

async function verify(
  { board: { agent, link }, threads: begin }: JobTools,
  progress: (now: JobProgressNow) => void,
  signal: AbortSignal,
) {
  if (link === undefined) throw new Failure('link_cut', 'the collector is not connected', { remedy: 'retry' })
  const archive = await ownArchive(agent, link.session)
  const snapshot = await chooseSnapshot({ kind: 'newest' }, snapshotsOf(archive.reader, archive.records()))
  progress({ entries: 0, bytes: 0 })
  await using threads = begin()
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
