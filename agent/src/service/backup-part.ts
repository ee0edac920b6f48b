/** Asks the scheduler what is due and does it, one backup at a time. */

import type { Bytes } from '@backstay/proto/bytes'
import { hex, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { rateAt } from '@backstay/proto/policy/schedule'
import { type RunBackupOptions, runBackup } from '../backup/run-backup.ts'
import { backoff } from '../link/backoff.ts'
import type { MemberLink } from '../link/member.ts'
import { type Moment, runHook } from '../policy/hooks.ts'
import type { Obedience } from '../policy/obey.ts'
import { rootsNow, scopeOf } from './backup-roots.ts'
import { type Board, raised, waitFor } from './board.ts'
import { type MachineConditions, machineConditions, nothingKnown } from './conditions.ts'
import { judgeCoverage } from './coverage.ts'
import { fraction } from './fraction.ts'
import { flagLabel, judgedRoots } from './judged-roots.ts'
import { limitedSession } from './limited-session.ts'
import type { Log } from './log.ts'
import { raisePolicyAlarms } from './policy-part.ts'
import { unreadSince, writeRecord } from './record.ts'
import { type LocalRules, rulesOf } from './rules.ts'
import {
  type Begun,
  type Conditions,
  type Decision,
  decide,
  mustEnd,
  type Rules,
  type RunReason,
  unknownSince,
  unprotectedSince,
} from './scheduler.ts'
import { errorFields, type Part } from './supervisor.ts'

/** Clocks and conditions are looked at this often, whatever nobody said. */
const lookMs = 60_000
/** When its threads are gone after a backup, and when V8 has given up the pages that it keeps for the next one. */
const settleAfterMs = [2000, 30_000] as const
/** A machine whose clock ran on so far without us was asleep. */
const sleptMs = 30_000
const setBackMs = 1000

/** What waits for less is on no disk: a start looks at everything anyway. */
const keptAfterMs = 10 * 60_000

export interface BackupPartOptions {
  readonly local: LocalRules
  /** Where root puts hooks. */
  readonly hooks: string
  readonly log: Log
  /** Who lists, reads and seals; see RunBackupOptions. */
  readonly threads?: RunBackupOptions['threads']
  /** After each backup, when nothing follows at once. */
  settleMemory(): void
  /** What simulations and tests have otherwise. */
  readonly runs?: typeof runBackup
  readonly asks?: MachineConditions
}

export function backupPart(
  board: Board,
  { local, hooks, log, threads, settleMemory, ...seams }: BackupPartOptions,
): Part {
  const { agent } = board
  const { clock } = agent
  const { runs = runBackup, asks = machineConditions } = seams
  const waits = backoff({ random: () => fraction(agent.primitives) })
  const look = clockWatch(board, log)
  const rulesNow = () => rulesOf(board.obedience.policy, local)
  let settlesMs: readonly number[] = []

  /** Each at most once. Not for every save: a dump that writes into a watched folder would never come to rest. */
  function hooksOf({ policy }: Obedience, why: RunReason, signal: AbortSignal) {
    const done = new Set<Moment>(why === 'changes' ? ['before', 'after'] : [])
    return async (moment: Moment) => {
      if (done.has(moment)) return []
      done.add(moment)
      // What the one before has stopped must go on, even when the agent ends.
      const until = moment === 'before' ? signal : new AbortController().signal
      const options = { system: agent.system, clock, folder: hooks, signal: until }
      return runHook(policy.values.hooks, moment, options)
    }
  }

  async function backUp(
    link: MemberLink,
    { why, everything }: Extract<Decision, { do: 'run' }>,
    stopped: AbortSignal,
  ): Promise<void> {
    const startedMs = clock.monotonic()
    const folders = foldersToLookAt(board, everything)
    // A look at everything takes the most memory: what the last backups left is given up before it.
    if (folders === undefined && settlesMs.length > 0) settleMemory()
    const begun = { why, pausedUntilMs: board.scheduler.pausedUntilMs }
    board.tell({ kind: 'started' })
    const holding = new AbortController()
    const signal = AbortSignal.any([stopped, holding.signal])
    const over = new AbortController()
    const watching = holdWhenDue(begun, holding, AbortSignal.any([stopped, over.signal]))
    const { obedience } = board
    const hook = hooksOf(obedience, why, signal)
    try {
      const { session } = link
      const hookAlarms = await hook('before')
      const label = judgeRoots(board, log)
      const head = await agent.identities.readHead()
      const limited = limitedSession(session, clock, () => rateAt(rulesNow().manners, clock.now()), signal)
      const options: RunBackupOptions = {
        ...{ session: limited, orders: obedience, seenTrust: board.trust.document.version, signal },
        ...(label !== undefined && { label }),
        ...(folders !== undefined && { folders }),
        ...(threads && { threads }),
        onProgress(now) {
          board.progress = now
        },
      }
      const outcome = await runs({ ...agent, head, trust: board.trust }, options)
      const alarms = [...hookAlarms, ...(await hook('after')), ...outcome.alarms]
      board.outcome = { ...outcome, alarms }
      // Asked for where everything was looked at, and else nobody can tell.
      if (folders === undefined && process.platform === 'win32')
        board.access.note('vss_failed', alarms.filter(({ code }) => code === 'vss_failed').length)
      board.backupFailure = undefined
      board.backupAlarms = raised(board.backupAlarms, alarms, clock.now())
      waits.reset()
      board.tell({
        kind: 'succeeded',
        everything: folders === undefined,
        jitter: fraction(agent.primitives),
        reconcileMs: rulesNow().reconcileMs,
      })
      await coverNow(board, obedience, outcome.built.entries, log)
      await remember(board, outcome.unread)
      for (const { code, message } of alarms) log('warn', message, { code })
      const { sequence, changed, sentBytes } = outcome
      const ms = Math.round(clock.monotonic() - startedMs)
      log('info', 'snapshot stored', {
        sequence,
        why,
        folders: folders?.length ?? 'all',
        changed,
        sentBytes,
        unread: unreadOf(outcome.unread),
        ms,
      })
    } catch (error) {
      board.hinted.addAll()
      if (holding.signal.aborted && !stopped.aborted) {
        board.tell({ kind: 'held' })
        for (const { code, message } of await hook('after')) log('warn', message, { code })
        log('info', 'backup held', { why, by: holding.signal.reason })
        return
      }
      board.backupFailure = error
      board.tell({ kind: 'failed', retryAfterMs: waits.next(error) })
      for (const { code, message } of await hook('after')) log('warn', message, { code })
      // Another machine with our identity has published meanwhile: the next Welcome says what is newest.
      if (isFailure(error, 'stale_head')) await link.session.close()
      if (stopped.aborted) throw error
      if (isFailure(error, 'no_roots')) await coverNow(board, obedience, 0, log)
      log(isFailure(error) ? 'warn' : 'error', 'backup failed', { why, ...errorFields(error) })
    } finally {
      over.abort()
      await watching
      board.progress = undefined
      settlesMs = settleAfterMs.map(ms => clock.monotonic() + ms)
    }
  }

  /** Until `over`: aborts the run as soon as the machine must be left alone. */
  async function holdWhenDue(begun: Begun, holding: AbortController, over: AbortSignal): Promise<void> {
    let conditions: Conditions = { isConnected: true, ...nothingKnown }
    let askedMs = clock.monotonic()
    while (!over.aborted && !holding.signal.aborted) {
      const held = mustEnd(begun, board.scheduler, rulesNow(), conditions, clock.now())
      if (held !== undefined) holding.abort(held)
      const ms = Math.max(1, askedMs + lookMs - clock.monotonic())
      await waitFor(agent, board.changed, ms, AbortSignal.any([over, holding.signal])).catch(() => undefined)
      if (over.aborted || clock.monotonic() < askedMs + lookMs) continue
      conditions = { isConnected: true, ...(await asks(rulesNow().manners)) }
      askedMs = clock.monotonic()
    }
  }

  return {
    name: 'backup',
    async run(signal) {
      for (;;) {
        look()
        raisePolicyAlarms(board, log)
        const { scheduler, link } = board
        const decision = await decideNow(board, rulesNow(), asks)
        board.decision = decision
        // What was told meanwhile did not wake us.
        if (board.scheduler !== scheduler || board.link !== link) continue
        if (decision.do === 'run' && link !== undefined) {
          await backUp(link, decision, signal)
          continue
        }
        await keepWaiting(board, decision)
        const untilMs = decision.do === 'wait' ? (decision.untilMs ?? Number.POSITIVE_INFINITY) : 0
        const [settlesAtMs = Number.POSITIVE_INFINITY] = settlesMs
        const mostMs = Math.min(lookMs, settlesAtMs - clock.monotonic())
        const ms = Math.max(1, Math.min(mostMs, untilMs - clock.now()))
        await waitFor(agent, board.changed, ms, signal)
        if (clock.monotonic() >= settlesAtMs) {
          settlesMs = settlesMs.slice(1)
          settleMemory()
        }
      }
    },
    rest: (ms, signal) => waitFor(agent, board.hurry, ms, signal),
    failed(error) {
      board.backupFailure = error
    },
  }
}

async function decideNow(board: Board, rules: Rules, asks: MachineConditions): Promise<Decision> {
  const now = board.agent.clock.now()
  const isConnected = board.link !== undefined
  const decision = decide(board.scheduler, rules, { isConnected, ...nothingKnown }, now)
  if (decision.do === 'wait' || decision.why === 'asked') return decision
  return decide(board.scheduler, rules, { isConnected, ...(await asks(rules.manners)) }, now)
}

/** Undefined: everything. What is told of from now on is for the next backup. */
function foldersToLookAt(board: Board, everything: boolean): readonly Bytes[] | undefined {
  const folders = board.hinted.take()
  return everything || board.watcher === undefined ? undefined : folders
}

/** Tells the scheduler when the wall clock went another way than time. */
function clockWatch(board: Board, log: Log): () => void {
  const { clock } = board.agent
  let aheadMs = clock.now() - clock.monotonic()
  return () => {
    const nowAheadMs = clock.now() - clock.monotonic()
    const drift = nowAheadMs - aheadMs
    if (drift < -setBackMs) {
      log('warn', 'the clock was set back', { bySeconds: Math.round(-drift / 1000) })
      board.tell({ kind: 'set_back', byMs: -drift })
    } else if (drift > sleptMs) {
      log('info', 'woke up', { afterSeconds: Math.round(drift / 1000) })
      board.tell({ kind: 'doubted' })
      board.hurry.ring()
    } else if (Math.abs(drift) < setBackMs) return
    aheadMs = nowAheadMs
  }
}

/** Looks at the roots, and returns what the snapshot is to say of those that are flagged. */
function judgeRoots(board: Board, log: Log): string | undefined {
  const { system, clock } = board.agent
  const { roots, flagged } = judgedRoots(system, board.record.roots, rootsNow(board), clock.now())
  for (const { flag, isNew } of flagged) {
    if (isNew) log('warn', 'a root lost what it held', { why: flag.why, names: flag.namesBefore })
  }
  board.record = { ...board.record, roots }
  return flagLabel(flagged)
}

/** Remembers how much the policy covers, and says when it is less than half of what one before it did. */
async function coverNow(board: Board, { policy }: Obedience, entries: number, log: Log): Promise<void> {
  const { primitives, clock } = board.agent
  const scope = hex(await primitives.sha256(utf8(scopeOf(policy.values))))
  const coverage = judgeCoverage(board.record.coverage, scope, entries, clock.now())
  board.record = { ...board.record, coverage }
  raisePolicyAlarms(board, log)
}

/** Since when a change is held back, or will be for long, is known after a restart, too: also after one that comes at once. */
async function keepWaiting(board: Board, decision: Decision): Promise<void> {
  const { agent, scheduler, record } = board
  const nowMs = agent.clock.now()
  const leftSinceMs = unprotectedSince(scheduler) ?? unknownSince(scheduler, nowMs)
  if (leftSinceMs === undefined || leftSinceMs === record.leftSinceMs) return
  const { untilMs = Number.POSITIVE_INFINITY } = decision.do === 'wait' ? decision : { untilMs: nowMs }
  if (untilMs - leftSinceMs < keptAfterMs) return
  board.record = { ...record, leftSinceMs }
  await writeRecord(agent.state, board.record, agent.files)
}

async function remember(board: Board, counts: ReadonlyMap<string, number>): Promise<void> {
  const { lastStartedMs, lastCompleteMs, pausedUntilMs, pausedSinceMs, pausedBy } = board.scheduler
  const nowMs = board.agent.clock.now()
  const unread = unreadSince(board.record.unread, counts, nowMs)
  const paused = { pausedUntilMs, pausedSinceMs, pausedBy }
  const leftSinceMs = undefined
  board.record = { ...board.record, lastStartedMs, lastCompleteMs, leftSinceMs, ...paused, unread }
  await writeRecord(board.agent.state, board.record, board.agent.files)
}

const unreadOf = (unread: ReadonlyMap<string, number>) =>
  [...unread.values()].reduce((sum, count) => sum + count, 0)
