/** The link to the collector, held open as long as it lives. A dead one is noticed by pings that nobody answers (proto/wire). */
import { Failure, isFailure } from '@backstay/proto/failure'
import { agentVersion, audienceOf } from '../agent.ts'
import { connectMemberLink } from '../link/member.ts'
import { type Board, raised, waitFor } from './board.ts'
import type { Log } from './log.ts'
import type { Part } from './supervisor.ts'

export function linkPart(board: Board, log: Log): Part {
  const { agent } = board
  return {
    name: 'link',
    async run(signal) {
      // What another process, or the link before, has learned since this one began.
      const [head, { policy }] = await Promise.all([
        agent.identities.readHead(),
        agent.identities.readTrust(),
      ])
      await using link = await connectMemberLink({
        ...agent,
        ...{ head, policy, trust: board.trust, signal },
        audience: audienceOf(agent.identity),
        software: `backstay-agent ${agentVersion}`,
      })
      board.link = link
      board.linkFailure = undefined
      board.trust = link.trust
      board.policy = link.policy
      board.linkAlarms = raised(board.linkAlarms, link.alarms, agent.clock.now())
      for (const { code, message } of link.alarms) log('warn', message, { code })
      log('info', 'collector connected')
      board.tell({ kind: 'connected' })
      try {
        throw await ended(link.session.ended, signal)
      } finally {
        board.link = undefined
        board.changed.ring()
      }
    },
    rest: (ms, signal) => waitFor(agent, board.hurry, ms, signal),
    failed(error) {
      board.linkFailure = isFailure(error) ? error : new Failure('link_failed', String(error))
      board.changed.ring()
    },
  }
}

/** Resolves with the reason of whichever aborts first. */
function ended(...signals: readonly AbortSignal[]): Promise<unknown> {
  const any = AbortSignal.any([...signals])
  return new Promise(resolve => {
    if (any.aborted) resolve(any.reason)
    else any.addEventListener('abort', () => resolve(any.reason), { once: true })
  })
}
