/** What the running agent says of itself: read off the board, in durations. No name of a file or folder is in it. */
import type { Bytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import {
  accessMax,
  type Heartbeat,
  refusedMax,
  type Trouble,
  toldCheckpointBytesMax,
  troublesMax,
  type Watch,
} from '@backstay/proto/trust/heartbeat'
import type { MemberLink } from '../link/member.ts'
import type { Obedience } from '../policy/obey.ts'
import type { WatchHealth } from '../watch/watcher.ts'
import { alarmsOf, type Board } from './board.ts'
import type { Words } from './heartbeat-sender.ts'
import { queueOf } from './queue.ts'
import type { ServiceRecord } from './record.ts'
import { pausedSince, unknownSince, unprotectedSince } from './scheduler.ts'

/** All that can be told without asking anybody. */
export type BoardWords = Omit<Words, 'headSequence' | 'standing' | 'refused' | 'vitals' | 'leaving' | Asked>
/** Of the machine, not of the board. */
type Asked = 'user' | 'keyProtection'

export function boardWords(board: Board): BoardWords {
  const { agent, scheduler, record, decision, progress } = board
  const nowMs = agent.clock.now()
  const since = (ms: number) => Math.max(0, nowMs - ms)
  const sinceIf = (ms: number | undefined) => (ms === undefined ? undefined : since(ms))
  const { lastCompleteMs, runningSinceMs, pausedUntilMs } = scheduler
  const pausedMs = pausedSince(scheduler, nowMs)
  return {
    seenTrust: board.trust.document.version,
    escrowEpoch: agent.identity.secrets.epochs.at(-1)?.epoch ?? 0,
    sinceCompleteMs: sinceIf(lastCompleteMs),
    unprotectedMs: sinceIf(unprotectedSince(scheduler) ?? unknownSince(scheduler, nowMs)),
    paused:
      pausedMs === undefined
        ? undefined
        : {
            forMs: since(pausedMs),
            leftMs: Math.max(0, (pausedUntilMs ?? nowMs) - nowMs),
            by: scheduler.pausedBy ?? '',
          },
    waiting: runningSinceMs !== undefined || decision?.do !== 'wait' ? '' : decision.why,
    failure: codeOf(board.backupFailure),
    unread: [...record.unread]
      .map(([code, { count, sinceMs }]) => ({ code, count, forMs: since(sinceMs) }))
      .slice(0, troublesMax),
    roots: rootTroubles(record, nowMs),
    alarms: alarmsOf(board)
      .map(({ code, sinceMs }) => ({ code, count: 1, forMs: since(sinceMs) }))
      .slice(0, troublesMax),
    access: board.access.troubles().slice(0, accessMax),
    ...toldLog(board.link),
    watch: board.watcher && watchOf(board.watcher.health()),
    queue: queueOf(board),
    running:
      runningSinceMs === undefined
        ? undefined
        : {
            entries: progress?.entries ?? 0,
            readBytes: progress?.readBytes ?? 0,
            sentBytes: progress?.sentBytes ?? 0,
            forMs: since(runningSinceMs),
          },
  }
}

/** What others should hear of at once; numbers that grow by themselves are not in it. */
export function storyOf(words: BoardWords): string {
  const { seenTrust, paused, failure, unread, roots, alarms, access, watch } = words
  const counts = (troubles: readonly Trouble[]) => troubles.map(({ code, count }) => [code, count])
  return JSON.stringify([
    ...[seenTrust, paused?.by, failure, watch === undefined || watch.unwatched > 0],
    ...[counts(unread), counts(roots), counts(alarms), counts(access)],
  ])
}

/** What this device saw of the collector's log, so that others see whether they are shown the same one. */
export function toldLog(link: MemberLink | undefined): Pick<Heartbeat, 'checkpoint' | 'forkedFrom'> {
  const { checkpoint, fork } = link?.logWitness?.witnessed ?? {}
  return { checkpoint: tellable(checkpoint), forkedFrom: tellable(fork?.before) }
}

/** A collector that signs more than one of ours does is quoted elsewhere. */
function tellable(checkpoint: Bytes | undefined): Bytes | undefined {
  return checkpoint !== undefined && checkpoint.length <= toldCheckpointBytesMax ? checkpoint : undefined
}

/** Which orders this device obeys, and which it was shown and does not: the fleet manager sees whether a policy arrived. */
export function toldOrders({ standing, refused }: Obedience): Pick<Heartbeat, 'standing' | 'refused'> {
  const named = refused.flatMap(({ id, code }) => (id === undefined ? [] : { id, code }))
  return { standing, refused: named.slice(0, refusedMax) }
}

export function codeOf(error: unknown): string {
  if (error === undefined) return ''
  return isFailure(error) ? error.code : 'internal'
}

export function rootTroubles(record: Pick<ServiceRecord, 'roots'>, nowMs: number): Trouble[] {
  const flags = [...record.roots.values()].flatMap(({ flag }) => (flag === undefined ? [] : [flag]))
  return [...Map.groupBy(flags, flag => flag.why)].map(([code, own]) => {
    const sinceMs = Math.min(...own.map(flag => flag.sinceMs))
    return { code, count: own.length, forMs: Math.max(0, nowMs - sinceMs) }
  })
}

function watchOf({ roots, overflows }: WatchHealth): Watch {
  const inState = (state: string) => roots.filter(root => root.state === state).length
  const unwatched = roots.flatMap(root => Object.values(root.unwatched))
  return {
    roots: roots.length,
    native: inState('watched'),
    polled: inState('polled'),
    absent: inState('missing'),
    folders: roots.reduce((sum, root) => sum + root.folders, 0),
    unwatched: unwatched.reduce((sum, count) => sum + count, 0),
    missed: overflows,
  }
}
