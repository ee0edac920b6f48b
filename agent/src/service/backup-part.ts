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
import { pathText } from '../watch/hint-box.ts'
import { rootFacts, rootsNow, scopeOf } from './backup-roots.ts'
import { type Board, raised, waitFor } from './board.ts'
import { batteryPercent, isMetered } from './conditions.ts'
import { judgeCoverage } from './coverage.ts'
import { fraction } from './fraction.ts'
import { limitedSession } from './limited-session.ts'
import type { Log } from './log.ts'
import { raisePolicyAlarms } from './policy-part.ts'
import { writeRecord } from './record.ts'
import { judgeRoot, type RootMemory } from './root-guard.ts'
import { type LocalRules, rulesOf } from './rules.ts'
import { type Conditions, type Decision, decide, type Rules, type RunReason } from './scheduler.ts'
import { errorFields, type Part } from './supervisor.ts'

/** Clocks and conditions are looked at this often, whatever nobody said. */
const lookMs = 60_000
/** When its threads are gone after a backup, and when V8 has given up the pages that it keeps for the next one. */
const settleAfterMs = [2000, 30_000] as const
/** A machine whose clock ran on so far without us was asleep. */
const sleptMs = 30_000
const setBackMs = 1000

export interface BackupPartOptions {
  readonly local: LocalRules
  /** Where root puts hooks. */
  readonly hooks: string
  readonly log: Log
  /** Who lists, reads and seals; see RunBackupOptions. */
  readonly threads?: RunBackupOptions['threads']
  /** After each backup, when nothing follows at once. */
  settleMemory(): void
}

export function backupPart(
  board: Board,
  { local, hooks, log, threads, settleMemory }: BackupPartOptions,
): Part {
  const { agent } = board
  const { clock } = agent
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

  async function backUp(link: MemberLink, why: RunReason, signal: AbortSignal): Promise<void> {
    const startedMs = clock.monotonic()
    const folders = foldersToLookAt(board, why)
    board.tell({ kind: 'started' })
    const { obedience } = board
    const hook = hooksOf(obedience, why, signal)
    try {
      const { session } = link
      const hookAlarms = await hook('before')
      const label = await judgeRoots(board, log)
      const head = await agent.identities.readHead()
      const limited = limitedSession(session, clock, () => rateAt(rulesNow().manners, clock.now()))
      const options: RunBackupOptions = {
        ...{ session: limited, orders: obedience, seenTrust: board.trust.document.version, signal },
        ...(label !== undefined && { label }),
        ...(folders !== undefined && { folders }),
        ...(threads && { threads }),
        onProgress(now) {
          board.progress = now
        },
      }
      const outcome = await runBackup({ ...agent, head, trust: board.trust }, options)
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
      board.backupFailure = error
      board.hinted.addAll()
      board.tell({ kind: 'failed', retryAfterMs: waits.next(error) })
      for (const { code, message } of await hook('after')) log('warn', message, { code })
      // Another machine with our identity has published meanwhile: the next Welcome says what is newest.
      if (isFailure(error, 'stale_head')) await link.session.close()
      if (signal.aborted) throw error
      if (isFailure(error, 'no_roots')) await coverNow(board, obedience, 0, log)
      log(isFailure(error) ? 'warn' : 'error', 'backup failed', { why, ...errorFields(error) })
    } finally {
      board.progress = undefined
      settlesMs = settleAfterMs.map(ms => clock.monotonic() + ms)
    }
  }

  return {
    name: 'backup',
    async run(signal) {
      for (;;) {
        look()
        raisePolicyAlarms(board, log)
        const { scheduler, link } = board
        const decision = await decideNow(board, rulesNow())
        board.decision = decision
        // What was told meanwhile did not wake us.
        if (board.scheduler !== scheduler || board.link !== link) continue
        if (decision.do === 'run' && link !== undefined) {
          await backUp(link, decision.why, signal)
          continue
        }
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

const kind: Pick<Conditions, 'batteryPercent' | 'isMetered'> = { batteryPercent: undefined, isMetered: false }

async function decideNow(board: Board, rules: Rules): Promise<Decision> {
  const now = board.agent.clock.now()
  const isConnected = board.link !== undefined
  const decision = decide(board.scheduler, rules, { isConnected, ...kind }, now)
  if (decision.do === 'wait' || decision.why === 'asked') return decision
  const percent = rules.manners.batteryPercentMin > 0 ? await batteryPercent() : undefined
  const metered = rules.manners.onMetered ? false : await isMetered()
  return decide(board.scheduler, rules, { isConnected, batteryPercent: percent, isMetered: metered }, now)
}

/** Undefined: everything. What is told of from now on is for the next backup. */
function foldersToLookAt(board: Board, why: RunReason): readonly Bytes[] | undefined {
  const folders = board.hinted.take()
  const isRescan = why === 'reconcile' || why === 'asked'
  return isRescan || board.watcher === undefined ? undefined : folders
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
async function judgeRoots(board: Board, log: Log): Promise<string | undefined> {
  const nowMs = board.agent.clock.now()
  const roots = new Map<string, RootMemory>()
  const flagged: string[] = []
  for (const root of rootsNow(board)) {
    const path = pathText(root.path)
    const before = board.record.roots.get(path)
    const after = judgeRoot(before, rootFacts(root), nowMs)
    if (after === undefined) continue
    roots.set(path, after)
    if (after.flag === undefined) continue
    flagged.push(`${Buffer.from(path, 'latin1').toString()} is ${after.flag.why}`)
    if (before?.flag === undefined)
      log('warn', 'a root lost what it held', { why: after.flag.why, names: after.flag.namesBefore })
  }
  board.record = { ...board.record, roots }
  return flagged.length > 0 ? `flagged: ${flagged.join('; ')}`.slice(0, labelMax) : undefined
}

const labelMax = 500

/** Remembers how much the policy covers, and says when it is less than half of what one before it did. */
async function coverNow(board: Board, { policy }: Obedience, entries: number, log: Log): Promise<void> {
  const { primitives, clock } = board.agent
  const scope = hex(await primitives.sha256(utf8(scopeOf(policy.values))))
  const coverage = judgeCoverage(board.record.coverage, scope, entries, clock.now())
  board.record = { ...board.record, coverage }
  raisePolicyAlarms(board, log)
}

async function remember(board: Board, counts: ReadonlyMap<string, number>): Promise<void> {
  const { lastStartedMs, lastCompleteMs, pausedUntilMs, pausedSinceMs } = board.scheduler
  const nowMs = board.agent.clock.now()
  const sinceOf = (reason: string) => board.record.unread.get(reason)?.sinceMs ?? nowMs
  const unread = new Map([...counts].map(([reason, count]) => [reason, { count, sinceMs: sinceOf(reason) }]))
  const paused = { pausedUntilMs, pausedSinceMs }
  board.record = { ...board.record, lastStartedMs, lastCompleteMs, ...paused, unread }
  await writeRecord(board.agent.state, board.record, board.agent.files)
}

const unreadOf = (unread: ReadonlyMap<string, number>) =>
  [...unread.values()].reduce((sum, count) => sum + count, 0)
