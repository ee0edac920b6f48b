/** What waits to be backed up and sent, as far as it is known without looking: what was hinted, and what is on the wire. */
import type { Queue } from '@backstay/proto/trust/heartbeat'
import type { Board } from './board.ts'
import { unknownSince } from './scheduler.ts'

export function queueOf({ agent, hinted, scheduler, link }: Board): Queue {
  const { objects, bytes } = link?.session.inFlight ?? { objects: 0, bytes: 0 }
  const { waiting } = hinted
  const everything = waiting === undefined || unknownSince(scheduler, agent.clock.now()) !== undefined
  return { everything, folders: waiting ?? 0, objects, bytes }
}
