/** The link to the collector, held open as long as it lives. A dead one is noticed by pings that nobody answers (proto/wire). */
import { Failure, isFailure } from '@backstay/proto/failure'
import { agentVersion } from '../agent.ts'
import { connectMemberLink } from '../link/member.ts'
import { type Board, raised, waitFor } from './board.ts'
import type { Log } from './log.ts'
import { obeyPushed, takeObedience } from './policy-part.ts'
import type { Part } from './supervisor.ts'

export function linkPart(board: Board, log: Log): Part {
  const { agent } = board
  return {
    name: 'link',
    async run(signal) {
      // What another process, or the link before, has learned since this one began.
      const [head, orders] = await Promise.all([agent.identities.readHead(), agent.identities.readOrders()])
      await using link = await connectMemberLink({
        ...agent,
        ...{ head, orders, trust: board.trust, signal, keeps: true },
        software: `backstay-agent ${agentVersion}`,
      })
      board.link = link
      board.linkFailure = undefined
      board.trust = link.trust
      board.linkAlarms = raised(board.linkAlarms, link.alarms, agent.clock.now())
      for (const { code, message } of link.alarms) log('warn', message, { code })
      log('info', 'collector connected')
      takeObedience(board, link.obedience, log)
      board.tell({ kind: 'connected' })
      try {
        const over = AbortSignal.any([link.session.ended, signal])
        await obeyPushed(board, link.session, log, over)
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
