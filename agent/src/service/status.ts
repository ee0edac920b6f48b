/** How a running agent is: facts for programs, and one sentence for a person. */
import { isFailure } from '@backstay/proto/failure'
import { nameText } from '@backstay/proto/policy/excludes'
import type { Objective } from '@backstay/proto/policy/settings'
import type { Queue } from '@backstay/proto/trust/heartbeat'
import { agentVersion } from '../agent.ts'
import { shownKey } from '../system/path-key.ts'
import { accessTexts } from '../vitals/access.ts'
import { alarmsOf, type Board } from './board.ts'
import { queueOf } from './queue.ts'
import type { RootTrouble } from './root-guard.ts'
import { unprotectedSince, type WaitReason } from './scheduler.ts'

export interface RunStatus {
  readonly pid: number
  readonly doing: 'run'
  readonly version: string
  readonly isConnected: boolean
  /** Why no backup runs now; undefined while one does. */
  readonly waiting: WaitReason | undefined
  readonly entries: number | undefined
  readonly sentBytes: number | undefined
  /** What waits, as far as it is known without looking. */
  readonly queue: Queue
  readonly lastCompleteMs: number | undefined
  readonly unprotectedSinceMs: number | undefined
  readonly pausedUntilMs: number | undefined
  /** The admin who paused it from afar; undefined: somebody here did. */
  readonly pausedBy: string | undefined
  /** Not read in the newest snapshot. */
  readonly unread: number
  readonly linkFailure: string | undefined
  readonly backupFailure: string | undefined
  readonly watchFailure: string | undefined
  readonly watch: readonly {
    readonly path: string
    readonly state: string
    readonly folders: number
    readonly unwatched: number
  }[]
  readonly overflows: number
  readonly flags: readonly { readonly path: string; readonly why: RootTrouble; readonly sinceMs: number }[]
  readonly alarms: readonly string[]
  /** What the system keeps from this agent, and what to do about it. */
  readonly access: readonly string[]
  readonly objective: Objective
  readonly hasRoots: boolean
}

export function runStatus(board: Board): RunStatus {
  const { scheduler, record, decision, progress } = board
  const { policy } = board.obedience
  const health = board.watcher?.health()
  const flags = [...record.roots].flatMap(([path, { flag }]) =>
    flag === undefined ? [] : [{ path: shownKey(path), why: flag.why, sinceMs: flag.sinceMs }],
  )
  return {
    ...{ pid: process.pid, doing: 'run', version: agentVersion, isConnected: board.link !== undefined },
    waiting: scheduler.runningSinceMs !== undefined || decision?.do === 'run' ? undefined : decision?.why,
    entries: progress?.entries,
    sentBytes: progress?.sentBytes,
    queue: queueOf(board),
    lastCompleteMs: scheduler.lastCompleteMs,
    unprotectedSinceMs: unprotectedSince(scheduler),
    pausedUntilMs: scheduler.pausedUntilMs,
    pausedBy: scheduler.pausedBy,
    unread: [...record.unread.values()].reduce((sum, { count }) => sum + count, 0),
    linkFailure: board.linkFailure?.message,
    backupFailure: messageOf(board.backupFailure),
    watchFailure: messageOf(board.watchFailure),
    watch: (health?.roots ?? []).map(({ path, state, folders, unwatched }) => ({
      ...{ path: nameText(path), state, folders },
      unwatched: Object.values(unwatched).reduce((sum, count) => sum + count, 0),
    })),
    overflows: health?.overflows ?? 0,
    flags,
    alarms: alarmsOf(board).map(alarm => alarm.message),
    access: board.access.troubles().map(({ code }) => accessTexts[code]),
    objective: policy.values.objective,
    hasRoots: policy.values.backupSets.length > 0,
  }
}

function messageOf(error: unknown): string | undefined {
  if (error === undefined) return undefined
  return isFailure(error) || error instanceof Error ? error.message : String(error)
}
