/** The link to the collector, held open as long as it lives. A dead one is noticed by pings that nobody answers (proto/wire). */
import { Failure, isFailure } from '@backstay/proto/failure'
import { agentVersion } from '../agent.ts'
import { connectMemberLink, type MemberLink } from '../link/member.ts'
import { type Board, raised, waitFor } from './board.ts'
import type { Log } from './log.ts'
import { obeyPushed, takeObedience } from './policy-part.ts'
import type { Part } from './supervisor.ts'

const lookAtLogMs = 3_600_000

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
      takeAlarms(board, link, log)
      log('info', 'collector connected')
      takeObedience(board, link.obedience, log)
      board.tell({ kind: 'connected' })
      try {
        const over = AbortSignal.any([link.session.ended, signal])
        await Promise.race([obeyPushed(board, link.session, log, over), watchLog(board, link, log, over)])
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

/** Each is said in the log when it comes. */
function takeAlarms(board: Board, link: MemberLink, log: Log): void {
  const before = new Set(board.linkAlarms.map(({ code }) => code))
  board.linkAlarms = raised(board.linkAlarms, link.alarms, board.agent.clock.now())
  for (const { code, message } of link.alarms) if (!before.has(code)) log('warn', message, { code })
}

/** A session may last for months, and a witness looks more often than that. Ends with the session. */
async function watchLog(board: Board, link: MemberLink, log: Log, signal: AbortSignal): Promise<never> {
  for (;;) {
    await board.agent.clock.sleep(lookAtLogMs, signal)
    await link.logWitness?.look(signal)
    takeAlarms(board, link, log)
    board.changed.ring()
  }
}
