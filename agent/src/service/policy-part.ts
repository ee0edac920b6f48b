/**
 * Orders about policy while the link is open: verified, on the disk, and only then obeyed; without a restart, because
 * each part looks at the board when it rings. A crash in between leaves what was on the disk, which the next start obeys.
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import { adoptTrust, escrowToRecipients } from '../link/adopt-trust.ts'
import type { Session } from '../link/session.ts'
import { tellObeyed } from '../link/tell-obeyed.ts'
import { policyAlarms } from '../policy/alarms.ts'
import { type Obedience, obey } from '../policy/obey.ts'
import { type Board, raised } from './board.ts'
import { coverageAlarms } from './coverage.ts'
import type { Log } from './log.ts'

const minuteMs = 60_000

/** Until the signal ends it, with its reason. */
export async function obeyPushed(
  board: Board,
  session: Pick<Session, 'pushedOrders' | 'obeyed' | 'ended' | 'putRecord'>,
  log: Log,
  signal: AbortSignal,
): Promise<never> {
  const { agent } = board
  for (;;) {
    const pushed = await session.pushedOrders(signal)
    const version = board.trust.document.version
    const trusts = pushed.filter(envelope => (trustVersionIn(envelope) ?? 0) > version)
    board.trust = await adoptTrust(agent, board.trust, trusts)
    if (trusts.length > 0) await escrowToRecipients(agent, board.trust, session)
    const orders = pushed.filter(envelope => trustVersionIn(envelope) === undefined)
    const { known } = board.obedience
    const context = { place: agent.place, trust: board.trust, nowMs: agent.clock.now(), known }
    const obedience = await obey(agent.primitives, context, orders)
    if (obedience.isNew) await agent.identities.writeOrders(obedience.known)
    takeObedience(board, obedience, log)
    await tellObeyed(session, obedience, signal)
  }
}

/** Undefined: it is something else. */
function trustVersionIn(bytes: Bytes): number | undefined {
  try {
    const envelope = decodeEnvelope(bytes)
    return kindOf(envelope) === 'trust' ? decodeTrust(envelope.payload).version : undefined
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

/** What is obeyed from now on; it is on the disk. */
export function takeObedience(board: Board, obedience: Obedience, log: Log): void {
  const { policy, orders } = obedience
  // It may have come to the disk with a link that failed just then: then it is not new there, and new here.
  const isNew = obedience.isNew || !haveSameOrders(board.obedience, obedience)
  board.obedience = obedience
  const nowMs = board.agent.clock.now()
  if (isNew) log('info', 'policy obeyed', { layers: policy.layers.length, orders: orders.length })
  raisePolicyAlarms(board, log)
  shortenPause(board, policy.values.pauseMinutesMax * minuteMs, nowMs)
  // What says where this device stands lets it in, too, when its token asked for that.
  if (isNew && isFailure(board.backupFailure, 'approval_needed')) board.tell({ kind: 'connected' })
  board.changed.ring()
}

function haveSameOrders(one: Obedience, other: Obedience): boolean {
  const ids = ({ orders }: Obedience) => orders.map(({ order }) => hex(order.id)).join()
  return ids(one) === ids(other)
}

/** Looks anew at what people must hear of; what is new is logged. */
export function raisePolicyAlarms(board: Board, log: Log): void {
  const nowMs = board.agent.clock.now()
  const before = board.policyAlarms
  const now = [...policyAlarms(board.obedience, nowMs), ...coverageAlarms(board.record.coverage)]
  board.policyAlarms = raised(before, now, nowMs)
  for (const { code, message } of now) {
    if (!before.some(one => one.message === message)) log('warn', message, { code })
  }
}

/** A pause of who works here that the policy no longer allows ends when one of the allowed length would. */
function shortenPause(board: Board, mostMs: number, nowMs: number): void {
  const { pausedUntilMs, pausedBy } = board.scheduler
  if (pausedBy !== undefined || pausedUntilMs === undefined || pausedUntilMs <= nowMs + mostMs) return
  board.tell(mostMs === 0 ? { kind: 'resumed' } : { kind: 'paused', untilMs: nowMs + mostMs })
}
