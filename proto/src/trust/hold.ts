/** An admin's word that snapshots stay whatever the retention rule says: one of them (a pin), or all (a legal hold). */
import { type Bytes, equalBytes } from '../bytes.ts'
import { type DeviceId, deviceId, idToBytes, type ObjectId, objectId } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { nameBytesMax } from './key-fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'
import type { Role } from './trust-shape.ts'

export interface Hold {
  readonly order: Order
  /** Undefined: every device of the fleet. */
  readonly device: DeviceId | undefined
  /** Record id of one commit of the device: a pin. Undefined: all snapshots. */
  readonly snapshot: ObjectId | undefined
  readonly reason: string
  /** 16 bytes: the order id of the hold that ends. Undefined: this one begins. */
  readonly releases: Bytes | undefined
}

/** Who may pin and hold. A legal hold ends only by an owner's word (policy/holds.ts). */
export const holdRoles: readonly Role[] = ['owner', 'policy', 'restore']

export function encodeHold(hold: Hold): Bytes {
  const message = {
    order: writeOrder(hold.order),
    device: hold.device === undefined ? null : idToBytes(hold.device),
    snapshot: hold.snapshot === undefined ? null : idToBytes(hold.snapshot),
    reason: hold.reason,
    releases: hold.releases ?? null,
  }
  return plain(backstay.trust.Hold.encode(message).finish())
}

/** Throws `bad_hold`. Unknown fields are ignored: an old reader had better keep too much. */
export function decodeHold(payload: Bytes): Hold {
  const fields = fieldsOf('hold', 'a hold')
  const message = fields.decode(backstay.trust.Hold, payload, 'lenient')
  const hold = {
    order: readOrder(fields, message.order),
    device: message.device?.length ? deviceId(fields.fixed('device id', message.device, 16)) : undefined,
    snapshot: message.snapshot?.length ? objectId(fields.fixed('snapshot', message.snapshot, 32)) : undefined,
    reason: fields.text('reason', message.reason, nameBytesMax),
    releases: message.releases?.length ? fields.fixed('released hold', message.releases, 16) : undefined,
  }
  if (hold.snapshot !== undefined && hold.device === undefined)
    throw fields.bad('it pins a snapshot of no device')
  if (hold.releases !== undefined && equalBytes(hold.releases, hold.order.id))
    throw fields.bad('it releases itself')
  return hold
}

/** Two owners who sign a release together spare it the wait (format.md §9.6). */
export function signHold(p: Primitives, hold: Hold, ...keys: readonly SigningKey[]): Promise<Bytes> {
  return signEnvelope(p, 'hold', encodeHold(hold), keys)
}
