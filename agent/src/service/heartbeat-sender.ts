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

/** A collector whose clock was set back remembers numbers from the future: they are overtaken at once, in steps that grow. */
const firstLeadMs = 60_000
const leadFactor = 16
/** To 32 years: a device that is heard a minute after every start may not be on for long. */
const leadsMax = 7

/**
 * Numbers begin with the collector's own clock, in milliseconds, and there is at most one heartbeat in each: so they grow
 * over restarts, over copies of this state folder that are put back, and nothing is written for them.
 */
export function heartbeatSender(
  agent: Pick<Agent, 'primitives' | 'clock' | 'identity' | 'signingKey'>,
): HeartbeatSender {
  const { primitives: p, clock, identity, signingKey } = agent
  let last = 0

  function signed(words: Words): Promise<Bytes> {
    const { fleet, device } = identity
    const now = { number: last, sentAtMs: Math.max(0, clock.now()) }
    const program = { agentVersion, platform: `${process.platform} ${process.arch}` }
    return signHeartbeat(p, { ...words, fleet, device, ...now, ...program }, signingKey)
  }

  return {
    async send(session, words, signal) {
      last = Math.max(last + 1, session.welcome.nowMs)
      for (let leads = 0; ; leads++) {
        try {
          return await session.heartbeat(await signed(words), signal)
        } catch (error) {
          if (leads === leadsMax || !isFailure(error, 'stale_heartbeat')) throw error
          last += firstLeadMs * leadFactor ** leads
        }
      }
    },
  }
}
