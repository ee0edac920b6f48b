/**
 * Which orders about policy stand: in each slot the one with the highest number, whatever came first. A slot is the layer
 * of one audience, one group, or the place of one device. Collector, console and device compute the same from what they
 * hold; SHA-256 of the result is how a device says in 32 bytes what it obeys.
 */
import { type Bytes, compareBytes, concat, hex } from '../bytes.ts'
import { type DeviceId, idToBytes } from '../object/id.ts'
import type { Primitives } from '../primitives.ts'
import type { Assignment } from '../trust/assignment.ts'
import type { Group } from '../trust/group.ts'
import { compareOrders } from '../trust/order.ts'
import type { Policy } from './policy.ts'

export type StandingOrder = Policy | Group | Assignment

export const standingKinds = ['policy', 'group', 'assignment'] as const

/** Of one device. */
export interface Place {
  readonly device: DeviceId
  /** 16 bytes: the grant by which it came. */
  readonly grantId: Bytes
}

/** The newest of each slot. Keys are ids in hexadecimal digits. */
export interface Standing {
  /** By audience; the fleet's is ''. */
  readonly policies: ReadonlyMap<string, Policy>
  readonly groups: ReadonlyMap<string, Group>
  /** By device. */
  readonly assignments: ReadonlyMap<string, Assignment>
}

/** Groups in one another, from the fleet to a device: bounds what a device must hold. */
export const groupDepthMax = 8
/** Layers, groups and the assignment that concern one device. */
export const concerningMax = groupDepthMax * 2 + 4

export function standingOf(orders: Iterable<StandingOrder>): Standing {
  const policies = new Map<string, Policy>()
  const groups = new Map<string, Group>()
  const assignments = new Map<string, Assignment>()
  for (const one of orders) {
    if (one.kind === 'policy') keepNewest(policies, audienceOf(one), one)
    else if (one.kind === 'group') keepNewest(groups, hex(one.id), one)
    else for (const device of one.devices) keepNewest(assignments, device, one)
  }
  return { policies, groups, assignments }
}

/** What an order replaces and is replaced by. `device`: whose place an assignment is asked for. */
export function slotOf(order: StandingOrder, device: DeviceId): string {
  if (order.kind === 'policy') return `policy ${audienceOf(order)}`
  return order.kind === 'group' ? `group ${hex(order.id)}` : `assignment ${device}`
}

/** The groups that a device stands in, outermost first. A chain that runs in a circle or too deep ends there. */
export function groupChain({ groups, assignments }: Standing, device: DeviceId): Group[] {
  const chain: Group[] = []
  let id = assignments.get(device)?.group
  while (id !== undefined && chain.length < groupDepthMax) {
    const group = groups.get(hex(id))
    if (group === undefined || chain.includes(group)) break
    chain.unshift(group)
    id = group.parent
  }
  return chain
}

/** All that decides about one device. */
export function concerning(standing: Standing, { device, grantId }: Place): StandingOrder[] {
  const chain = groupChain(standing, device)
  const audiences = ['', ...chain.map(group => hex(group.id)), hex(grantId), device]
  const layers = audiences.flatMap(id => standing.policies.get(id) ?? [])
  const assignment = standing.assignments.get(device)
  return [...layers, ...chain, ...(assignment === undefined ? [] : [assignment])]
}

/** 32 bytes: the same for the same orders, in whatever order they are given. */
export function standingHash(p: Primitives, orders: readonly StandingOrder[]): Promise<Bytes> {
  return p.sha256(concat(...orders.map(one => one.order.id).sort(compareBytes)))
}

/** Whom orders of the device may be addressed to. */
export function audiencesOf(standing: Standing, place: Place): Bytes[] {
  const chain = groupChain(standing, place.device)
  return [idToBytes(place.device), place.grantId, ...chain.map(group => group.id)]
}

function audienceOf({ order }: Policy): string {
  const [id] = order.audience
  return id === undefined ? '' : hex(id)
}

function keepNewest<T extends StandingOrder>(slots: Map<string, T>, slot: string, order: T): void {
  const held = slots.get(slot)
  if (held === undefined || compareOrders(order.order, held.order) > 0) slots.set(slot, order)
}
