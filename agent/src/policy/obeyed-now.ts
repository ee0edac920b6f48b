/** What this device obeys as its state folder says, without asking anybody. */
import { believedTrust, placeOf, requireIdentity, type Surroundings } from '../agent.ts'
import { type Obedience, obey } from './obey.ts'

export async function obeyedNow(around: Surroundings): Promise<Obedience> {
  const { primitives, clock, identities } = around
  const identity = await requireIdentity(around)
  return obey(primitives, {
    place: placeOf(identity),
    trust: await believedTrust(around, identity),
    nowMs: clock.now(),
    known: await identities.readOrders(),
  })
}
