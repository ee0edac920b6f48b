/**
 * The orders that this device obeys, and what they add up to. An order is obeyed when somebody signed it who may, it is
 * meant for this device, it has not ended before the device ever saw it, and its number is not below one that was obeyed
 * in its place before. What is obeyed goes on whatever happens later: neither its age nor the leaving of its signer ends
 * protection, and a collector that shows nothing changes nothing.
 */
import { type Bytes, equalBytes, fromHex, hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { type EffectivePolicy, effectivePolicy } from '@backstay/proto/policy/effective'
import {
  audiencesOf,
  concerning,
  type Place,
  type StandingOrder,
  slotOf,
  standingHash,
  standingOf,
} from '@backstay/proto/policy/standing'
import type { Primitives } from '@backstay/proto/primitives'
import { compareOrders, type Order } from '@backstay/proto/trust/order'
import { decodeStanding, verifyStanding } from '@backstay/proto/trust/orders'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { ObeyedOrders, RefusedOrder } from '@backstay/proto/wire/frame'

export interface KnownOrders {
  /** What this device obeys. */
  readonly envelopes: readonly Bytes[]
  /** By slot, the newest that was ever obeyed there: nothing older is, though the device left that slot meanwhile. */
  readonly marks: ReadonlyMap<string, Mark>
}

export interface Mark {
  readonly trustVersion: number
  readonly sequence: number
  /** Of the order, in hexadecimal digits. */
  readonly id: string
}

export const noOrders: KnownOrders = { envelopes: [], marks: new Map() }

/** Slots that a device remembers: groups that it was ever in. The oldest leave first. */
export const marksMax = 1024

export interface Obedience extends ObeyedOrders {
  readonly known: KnownOrders
  readonly orders: readonly StandingOrder[]
  readonly policy: EffectivePolicy
  /** `known` is not what it was: it must be on the disk before anyone acts on it. */
  readonly isNew: boolean
}

export interface ObeyContext {
  readonly place: Place
  readonly trust: VerifiedTrust
  readonly nowMs: number
  readonly known: KnownOrders
}

/** What is obeyed when `offered` is shown on top of what is known. Never throws for what is wrong with an order. */
export async function obey(
  p: Primitives,
  context: ObeyContext,
  offered: readonly Bytes[] = [],
): Promise<Obedience> {
  const { known, place } = context
  const held = new Map<StandingOrder, Bytes>(known.envelopes.map(bytes => [decodeStanding(bytes), bytes]))
  const all = new Map(held)
  const refused: RefusedOrder[] = []
  const fresh = offered.filter(bytes => !known.envelopes.some(one => equalBytes(one, bytes)))
  // Whom a layer may be addressed to depends on the groups.
  const verified: [StandingOrder, Bytes][] = []
  for (const bytes of fresh) {
    try {
      verified.push([await accepted(p, context, bytes), bytes])
    } catch (error) {
      if (!isFailure(error)) throw error
      if (error.code === 'old_order' && (await steppedBack(p, context, bytes))) continue
      refused.push({ id: orderIdIn(bytes), code: error.code })
    }
  }
  for (const [order, bytes] of verified) if (order.kind !== 'policy') all.set(order, bytes)
  const audiences = audiencesOf(standingOf(all.keys()), place).map(hex)
  for (const [order, bytes] of verified) {
    if (order.kind !== 'policy') continue
    const [id] = order.order.audience
    if (id === undefined || audiences.includes(hex(id))) all.set(order, bytes)
    else refused.push({ id: order.order.id, code: 'wrong_audience' })
  }
  const standing = standingOf(all.keys())
  const orders = concerning(standing, place)
  const envelopes = orders.flatMap(order => all.get(order) ?? [])
  const marks = marksOf(known.marks, orders, place)
  return {
    known: { envelopes, marks },
    orders,
    policy: effectivePolicy(standing, place),
    isNew: orders.length !== held.size || orders.some(order => !held.has(order)),
    standing: await standingHash(p, orders),
    refused,
  }
}

async function accepted(
  p: Primitives,
  { trust, nowMs, place, known }: ObeyContext,
  envelope: Bytes,
): Promise<StandingOrder> {
  const order = await verifyStanding(p, envelope, { trust, nowMs })
  if (order.kind === 'assignment' && !order.devices.includes(place.device)) {
    throw new Failure('wrong_audience', 'the assignment is about others')
  }
  const mark = known.marks.get(slotOf(order, place.device))
  if (mark !== undefined && compareOrders(order.order, numbered(order.order, mark)) < 0) {
    throw new Failure('old_order', 'a newer order was obeyed in its place before')
  }
  return order
}

/**
 * Whether the newer order in its place counts no longer because its signer left: then the fleet stands on the one before,
 * and nobody rolled anything back. The newer one is obeyed on until somebody signs another.
 */
async function steppedBack(
  p: Primitives,
  { trust, place, known }: ObeyContext,
  envelope: Bytes,
): Promise<boolean> {
  const slotIn = (bytes: Bytes) => slotOf(decodeStanding(bytes), place.device)
  const slot = slotIn(envelope)
  const newer = known.envelopes.find(one => slotIn(one) === slot)
  if (newer === undefined) return false
  try {
    await verifyStanding(p, newer, { trust, nowMs: 0, held: true })
    return false
  } catch (error) {
    if (isFailure(error, 'not_authorized')) return true
    throw error
  }
}

function marksOf(
  before: ReadonlyMap<string, Mark>,
  orders: readonly StandingOrder[],
  { device }: Place,
): ReadonlyMap<string, Mark> {
  const marks = new Map(before)
  for (const one of orders) {
    const { trustVersion, sequence, id } = one.order
    const slot = slotOf(one, device)
    // Set again, so that it counts as young.
    marks.delete(slot)
    marks.set(slot, { trustVersion, sequence, id: hex(id) })
  }
  for (const slot of marks.keys()) {
    if (marks.size <= marksMax) break
    marks.delete(slot)
  }
  return marks
}

const numbered = (order: Order, mark: Mark): Order => ({
  ...order,
  trustVersion: mark.trustVersion,
  sequence: mark.sequence,
  id: fromHex(mark.id) ?? order.id,
})

function orderIdIn(envelope: Bytes): Bytes | undefined {
  try {
    return decodeStanding(envelope).order.id
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}
