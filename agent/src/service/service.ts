/**
 * `backstay-agent run`: the parts that live as long as the device does, and what other commands may ask of them.
 *
 *     link    holds a session with a collector                        → connected
 *     watch   hears that something changed                            → hinted, doubted
 *     job     does what an admin has signed, once
 *     backup  asks the scheduler what is due, and backs up when it is ← scheduler.ts
 *     heartbeat  says each minute how the device is, and once more when it ends in order
 */
import { Failure } from '@backstay/proto/failure'
import type { Agent } from '../agent.ts'
import type { RunBackupOptions } from '../backup/run-backup.ts'
import { type Places, placesHere } from '../jobs/restored-place.ts'
import { alreadyEnrolled } from '../keys/enroll.ts'
import { movedKeys } from '../keys/moved-keys.ts'
import type { Question } from '../local/questions.ts'
import { obey } from '../policy/obey.ts'
import type { Background } from '../system/load-background.ts'
import { backupThreads } from '../threads/backup-threads.ts'
import { type RestoreThreads, restoreThreads } from '../threads/restore-threads.ts'
import { hereIsWho, personAt } from '../vitals/person.ts'
import { type VitalSigns, vitalSigns } from '../vitals/vitals.ts'
import { openWatcher } from '../watch/open-watcher.ts'
import type { WatchedRoot, Watcher } from '../watch/watcher.ts'
import { backupPart } from './backup-part.ts'
import { rootsNow } from './backup-roots.ts'
import { type Board, board as makeBoard, waitFor } from './board.ts'
import type { MachineConditions } from './conditions.ts'
import { fraction } from './fraction.ts'
import { type HeartbeatOptions, heartbeatPart } from './heartbeat-part.ts'
import { jobPart } from './job-part.ts'
import { linkPart } from './link-part.ts'
import type { Log } from './log.ts'
import { settleMemory } from './memory.ts'
import { tellOutcome } from './outcome.ts'
import { pauseHere, resumeHere } from './pausing.ts'
import { readRecord } from './record.ts'
import { type LocalRules, rulesOf } from './rules.ts'
import { pausedSince } from './scheduler.ts'
import { runStatus } from './status.ts'
import { type Part, supervise } from './supervisor.ts'
import { stateBytes, watchPart } from './watch-part.ts'

/** Fewer than a backup takes that somebody waits for: each takes 13 MB, and over a million unchanged files two are as fast. */
const threadsMax = 2

export interface ServiceOptions {
  readonly local: LocalRules
  /** Where root puts hooks. */
  readonly hooks: string
  /** Where jobs restore what lies in nobody's home. */
  readonly restored: string
  readonly background: Background
  readonly log: Log
  /** What simulations have otherwise; absent, it is as on any machine. */
  readonly watcher?: (roots: readonly WatchedRoot[]) => Watcher
  readonly threads?: RunBackupOptions['threads']
  readonly restoreThreads?: () => RestoreThreads
  readonly places?: () => Places
  readonly vitals?: VitalSigns
  readonly heartbeats?: Pick<HeartbeatOptions, 'access' | 'everyMs'>
  readonly settleMemory?: () => void
  readonly asks?: MachineConditions
}

/** Resolves when the signal has ended it. */
export async function runService(agent: Agent, options: ServiceOptions, signal: AbortSignal): Promise<void> {
  const { board, parts, heartbeat } = await openService(agent, options)
  const { background, log } = options
  background.giveWay()
  agent.owner.serve((question, progress, left) => answer(board, question, progress, left))
  log('info', 'agent started', {
    device: agent.identity.device,
    schedule: rulesOf(board.obedience.policy, options.local).schedule.kind,
  })
  const ends = endsAfter(signal, heartbeat.leave)
  await superviseService(agent, [...parts, heartbeat], log, ends)
  log('info', 'agent stopped')
}

/** The parts that protect, and the one that says how it goes; none of them runs yet. */
export async function openService(agent: Agent, options: ServiceOptions) {
  const { local, hooks, restored, background, log } = options
  const { primitives, place, trust, orders: known, clock, system } = agent
  const obedience = await obey(primitives, { place, trust, known, nowMs: clock.now() })
  const board = makeBoard(agent, obedience, await readRecord(agent.state, agent.files))
  const settle = options.settleMemory ?? (() => settleMemory(background.trimMemory))
  const silent = (fact: string) => log('warn', 'a vital sign is unknown', { fact })
  const vitals =
    options.vitals ??
    vitalSigns({ clock, silent, asked: settle, person: () => personAt(hereIsWho(agent.places)) })
  const { notices, hasTreeNotices } = background
  const around = { system, clock, state: stateBytes(agent.state), notices, hasTreeNotices }
  const watcher = options.watcher ?? (roots => openWatcher(roots, around))
  const jobTools = {
    board,
    places: options.places ?? (() => placesHere(restored, agent.places)),
    threads: options.restoreThreads ?? restoreThreads,
    roots: () => rootsNow(board).map(({ path }) => path),
    backUp: (progress: (now: unknown) => void, signal: AbortSignal) => backUpNow(board, progress, signal),
  }
  const parts: readonly Part[] = [
    linkPart(board, log),
    watchPart(board, watcher, log),
    backupPart(board, {
      ...{ local, hooks, log, settleMemory: settle },
      threads: options.threads ?? (keys => backupThreads(keys, threadsMax)),
      ...(options.asks && { asks: options.asks }),
    }),
    jobPart(board, jobTools, log),
  ]
  return { board, parts, heartbeat: heartbeatPart(board, { vitals, log, ...options.heartbeats }) }
}

/** Until the signal ends all parts. */
export function superviseService(
  { primitives, clock: { now } }: Agent,
  parts: readonly Part[],
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  return supervise(parts, { random: () => fraction(primitives), now, log }, signal)
}

/** Aborts when the last word was said. */
export function endsAfter(signal: AbortSignal, lastWord: () => Promise<void>): AbortSignal {
  const ending = new AbortController()
  const end = () => void lastWord().finally(() => ending.abort(signal.reason))
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return ending.signal
}

async function answer(
  board: Board,
  question: Question,
  progress: (now: unknown) => void,
  left: AbortSignal,
): Promise<unknown> {
  switch (question.ask) {
    case 'status':
      return runStatus(board)
    case 'pause':
      return { pausedUntilMs: await pauseHere(board, question.forMs) }
    case 'resume':
      await resumeHere(board)
      return {}
    case 'keys':
      return movedKeys(board.agent, question.to)
    case 'enroll':
      throw alreadyEnrolled()
    default:
      return backUpNow(board, progress, left)
  }
}

const lookMs = 1000
/** A link that was about to be tried again gets this long. */
const connectMs = 5000

/** Resolves with the outcome of a backup that begins after the question. */
async function backUpNow(
  board: Board,
  progress: (now: unknown) => void,
  left: AbortSignal,
): Promise<unknown> {
  const { clock } = board.agent
  board.hurry.ring()
  for (const until = clock.monotonic() + connectMs; board.link === undefined; ) {
    if (clock.monotonic() >= until) {
      throw (
        board.linkFailure ??
        new Failure('unreachable', 'the collector is not connected yet', { remedy: 'retry' })
      )
    }
    await waitFor(board.agent, board.changed, lookMs, left)
  }
  const before = board.outcome
  board.tell({ kind: 'asked' })
  while (board.scheduler.isAsked) await waitFor(board.agent, board.changed, lookMs, left)
  while (board.scheduler.runningSinceMs !== undefined) {
    progress(board.progress)
    await waitFor(board.agent, board.changed, lookMs, left)
  }
  if (board.backupFailure !== undefined) throw board.backupFailure
  const { outcome } = board
  if (outcome === before && pausedSince(board.scheduler, clock.now()) !== undefined)
    throw new Failure('paused', 'the backup was paused', { hint: 'run: backstay-agent resume' })
  if (outcome === undefined || outcome === before)
    throw new Failure('link_cut', 'the backup did not begin', { remedy: 'retry' })
  return tellOutcome(outcome)
}
