/** Says each minute how this device is, and at once when there is something to say. */
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { protectionOf } from '../keys/key-store.ts'
import { farMounts, isFarPath } from '../system/mounts.ts'
import { pathKey } from '../system/path-key.ts'
import { type AccessProbe, lookAtAccess } from '../vitals/access.ts'
import type { VitalSigns } from '../vitals/vitals.ts'
import { rootsNow } from './backup-roots.ts'
import { type Board, waitFor } from './board.ts'
import { fraction } from './fraction.ts'
import { heartbeatSender } from './heartbeat-sender.ts'
import { boardWords, storyOf, toldOrders } from './heartbeat-words.ts'
import type { Log } from './log.ts'
import { errorFields, type Part } from './supervisor.ts'

export interface HeartbeatPart extends Part {
  /** The last word before an orderly end. Never rejects, and never holds up the end. */
  leave(): Promise<void>
}

export interface HeartbeatOptions {
  readonly vitals: VitalSigns
  readonly log: Log
  /** What simulations have otherwise. */
  readonly access?: AccessProbe
  readonly everyMs?: number
}

const minuteMs = 60_000
/** Ten thousand devices that came back together do not stay together. */
const jitterMs = 10_000
/** A story that changes all the time is told this often. */
const restMs = 3_000
const leaveMs = 2_000

export function heartbeatPart(
  board: Board,
  { vitals, log, access, everyMs = minuteMs }: HeartbeatOptions,
): HeartbeatPart {
  const { agent } = board
  const { clock, identities } = agent
  const sender = heartbeatSender(agent)
  const state = utf8(agent.state)
  let troubled = ''

  async function send(leaving: boolean, signal: AbortSignal): Promise<void> {
    const { link } = board
    if (link === undefined) return
    const { standing, refused } = toldOrders(board.obedience)
    const far = farMounts()
    const roots = rootsNow(board)
      .map(root => root.path)
      .filter(path => !isFarPath(pathKey(path), far))
    const places: Bytes[] = [state, ...roots]
    const asked = [identities.readHead(), vitals.take(places), vitals.user(), agent.secrets.kind()] as const
    const [head, signs, user, kind] = await Promise.all(asked)
    // One behind the other: of a place that does not answer only one question is open.
    await lookAtAccess(board.access, roots, clock, access)
    const machine = { vitals: signs, user, keyProtection: protectionOf(kind) }
    const about = { headSequence: head.sequence, standing, refused, leaving, ...machine }
    await sender.send(link.session, { ...boardWords(board), ...about }, signal)
  }

  /** What the collector refuses is said once; it is no reason to begin this part anew. */
  async function trySend(signal: AbortSignal): Promise<void> {
    try {
      await send(false, signal)
      troubled = ''
    } catch (error) {
      if (!isFailure(error) || signal.aborted) throw error
      if (error.code !== troubled && error.code !== 'link_cut')
        log('warn', 'heartbeat not taken', errorFields(error))
      troubled = error.code
    }
  }

  return {
    name: 'heartbeat',
    async run(signal) {
      for (;;) {
        while (board.link === undefined) await waitFor(agent, board.changed, everyMs, signal)
        const { link, outcome } = board
        const story = storyOf(boardWords(board))
        await trySend(signal)
        const sentMs = clock.monotonic()
        const nextMs = sentMs + everyMs - fraction(agent.primitives) * jitterMs
        const isTold = () =>
          board.link === link && board.outcome === outcome && storyOf(boardWords(board)) === story
        while (isTold() && clock.monotonic() < nextMs) {
          await waitFor(agent, board.changed, Math.max(1, nextMs - clock.monotonic()), signal)
        }
        const restedMs = clock.monotonic() - sentMs
        if (restedMs < restMs) await clock.sleep(restMs - restedMs, signal)
      }
    },
    rest: (ms, signal) => waitFor(agent, board.hurry, ms, signal),
    failed() {
      troubled = ''
    },
    async leave() {
      const late = new AbortController()
      const waiting = clock.sleep(leaveMs, late.signal).catch(() => undefined)
      const sent = send(true, late.signal).catch(() => undefined)
      await Promise.race([sent, waiting])
      late.abort()
    },
  }
}
