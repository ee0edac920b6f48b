/** Orders about policy that stand today and whose signers command no longer under the next version of Trust, told in sentences. */
import { hex } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { type Standing, type StandingOrder, standingOf } from '@backstay/proto/policy/standing'
import { verifyStanding } from '@backstay/proto/trust/orders'
import type { TrustDocument } from '@backstay/proto/trust/trust'
import { type OrderReader, readOrders } from '../policy/fleet-view.ts'

/** Empty when none falls. */
export async function fallenLines(reader: OrderReader, next: TrustDocument): Promise<readonly string[]> {
  const { primitives, trust } = reader
  const viewed = await readOrders(reader)
  const standing = standingOf(viewed.map(one => one.order))
  const envelopes = new Map(viewed.map(one => [one.order, one.envelope]))
  const fallen: StandingOrder[] = []
  for (const order of inForce(standing)) {
    const envelope = envelopes.get(order)
    if (envelope === undefined) continue
    try {
      await verifyStanding(primitives, envelope, {
        trust: { ...trust, document: next },
        nowMs: 0,
        held: true,
      })
    } catch (error) {
      if (!isFailure(error)) throw error
      fallen.push(order)
    }
  }
  if (fallen.length === 0) return []
  const names = fallen.slice(0, namedMax).map(order => nameOf(order, standing))
  const more = fallen.length > namedMax ? `; and ${fallen.length - namedMax} more` : ''
  return [
    `Orders that only this key signed, and that fall with it: ${names.join('; ')}${more}.`,
    'Devices go on as they do until somebody signs these again (backstay policy edit, assign); new devices get what was signed before in their place. How long snapshots stay by them counts for a week more.',
  ]
}

/** Nobody reads a longer list before he signs. */
const namedMax = 12

function inForce({ policies, groups, assignments }: Standing): ReadonlySet<StandingOrder> {
  return new Set([...policies.values(), ...groups.values(), ...assignments.values()])
}

function nameOf(order: StandingOrder, { groups }: Standing): string {
  if (order.kind === 'group') return `the group “${order.name}”`
  if (order.kind === 'assignment') return `the place of ${order.devices.length} device(s)`
  const [id] = order.order.audience
  if (id === undefined) return 'the policy of the fleet'
  const group = groups.get(hex(id))
  return group === undefined
    ? `the policy of device or token ${hex(id).slice(0, 8)}`
    : `the policy of the group “${group.name}”`
}
