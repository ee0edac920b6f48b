/** What grants, policies, groups, jobs, keyrings, revocations and proofs have in common. */
import { type Bytes, compareBytes, hex } from '../bytes.ts'
import { type DeviceId, type FleetId, fleetId, idToBytes } from '../object/id.ts'
import type { Primitives } from '../primitives.ts'
import type { Fields } from './fields.ts'
import type { VerifiedTrust } from './trust.ts'

export interface Order {
  readonly fleet: FleetId
  /** 16 random bytes. */
  readonly id: Bytes
  /** The signer's. */
  readonly trustVersion: number
  readonly issuedAtMs: number
  /** 0 = no end. */
  readonly expiresAtMs: number
  /** Grows per (trust version, kind, audience). */
  readonly sequence: number
  /** Ids of devices, grants or groups, 16 bytes each; empty = the whole fleet. */
  readonly audience: readonly Bytes[]
}

/** One order may name a whole vault of devices. */
export const audienceMax = 1024

interface OrderMessage {
  fleet?: Uint8Array | null
  id?: Uint8Array | null
  trustVersion?: number | null
  issuedAtMs?: number | null
  expiresAtMs?: number | null
  sequence?: number | null
  audience?: Uint8Array[] | null
}

export interface OrderOptions {
  readonly expiresAtMs?: number
  readonly sequence?: number
  readonly audience?: readonly Bytes[]
}

/** A new order under the Trust that its signer believes. */
export function newOrder(
  p: Primitives,
  trust: VerifiedTrust,
  nowMs: number,
  options: OrderOptions = {},
): Order {
  return {
    fleet: trust.fleet,
    id: p.random(16),
    trustVersion: trust.document.version,
    issuedAtMs: nowMs,
    expiresAtMs: options.expiresAtMs ?? 0,
    sequence: options.sequence ?? 1,
    audience: options.audience ?? [],
  }
}

/** Whether it names this device; one that names nobody is for all of them, and not meant here. */
export function isFor(device: DeviceId, { audience }: Order): boolean {
  return audience.some(one => hex(one) === device)
}

export function writeOrder(order: Order): OrderMessage {
  return { ...order, fleet: idToBytes(order.fleet), audience: [...order.audience] }
}

export function readOrder(fields: Fields, message: OrderMessage | null | undefined): Order {
  if (!message) throw fields.bad('it has no order header')
  return {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    id: fields.fixed('id', message.id, 16),
    trustVersion: fields.integer('Trust version', message.trustVersion),
    issuedAtMs: fields.time('time of issue', message.issuedAtMs),
    expiresAtMs: fields.time('end', message.expiresAtMs),
    sequence: fields.integer('sequence', message.sequence),
    audience: fields.list('receivers', message.audience, { max: audienceMax }, id =>
      fields.fixed('receiver', id, 16),
    ),
  }
}

/**
 * Below zero when `a` is older. A new Trust resets the inner count, so a stolen key cannot run it up for good. Two that are
 * numbered alike go by their ids, so that everyone chooses the same.
 */
export function compareOrders(a: Order, b: Order): number {
  return a.trustVersion - b.trustVersion || a.sequence - b.sequence || compareBytes(a.id, b.id)
}

/** The number for a new order beside those that stand, under the Trust of its signer. */
export function nextSequence(standing: readonly Order[], trustVersion: number): number {
  return Math.max(0, ...standing.flatMap(one => (one.trustVersion === trustVersion ? one.sequence : []))) + 1
}
