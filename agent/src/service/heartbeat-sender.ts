/** Numbers, signs and sends what a device says of itself. */

import type { Bytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { type Heartbeat, signHeartbeat } from '@backstay/proto/trust/heartbeat'
import { type Agent, agentVersion } from '../agent.ts'
import type { Session } from '../link/session.ts'

/** All that is not the same in every heartbeat of a device. */
export type Words = Omit<Heartbeat, 'fleet' | 'device' | 'number' | 'sentAtMs' | 'agentVersion' | 'platform'>

export interface HeartbeatSender {
  /** Returns when the collector received it. Throws what the session throws. */
  send(session: Pick<Session, 'heartbeat' | 'welcome'>, words: Words, signal?: AbortSignal): Promise<number>
}

/** A collector whose clock was set back remembers numbers from the future: they are overtaken in steps that double. */
const firstLeadMs = 60_000

/**
 * Numbers begin with the collector's own clock, in milliseconds, and there is at most one heartbeat in each: so they grow
 * over restarts, over copies of this state folder that are put back, and nothing is written for them.
 */
export function heartbeatSender(
  agent: Pick<Agent, 'primitives' | 'clock' | 'identity' | 'signingKey'>,
): HeartbeatSender {
  const { primitives: p, clock, identity, signingKey } = agent
  let last = 0
  let leadMs = firstLeadMs

  function signed(words: Words): Promise<Bytes> {
    const { fleet, device } = identity
    const now = { number: last, sentAtMs: Math.max(0, clock.now()) }
    const program = { agentVersion, platform: `${process.platform} ${process.arch}` }
    return signHeartbeat(p, { ...words, fleet, device, ...now, ...program }, signingKey)
  }

  return {
    async send(session, words, signal) {
      last = Math.max(last + 1, session.welcome.nowMs)
      try {
        const receivedAtMs = await session.heartbeat(await signed(words), signal)
        leadMs = firstLeadMs
        return receivedAtMs
      } catch (error) {
        if (isFailure(error, 'stale_heartbeat')) {
          last += leadMs
          leadMs *= 2
        }
        throw error
      }
    },
  }
}
