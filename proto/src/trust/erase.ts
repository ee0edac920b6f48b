/** An owner's word that what a retired device backed up may go. When it counts: policy/erasures.ts. */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, deviceId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { nameBytesMax } from './key-fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'

export interface Erase {
  readonly order: Order
  readonly device: DeviceId
  readonly reason: string
}

export function encodeErase({ order, device, reason }: Erase): Bytes {
  const message = { order: writeOrder(order), device: idToBytes(device), reason }
  return plain(backstay.trust.Erase.encode(message).finish())
}

/** Throws `bad_erase`. Unknown fields are refused: one might say that less is meant. */
export function decodeErase(payload: Bytes): Erase {
  const fields = fieldsOf('erase', 'an order to erase')
  const message = fields.decode(backstay.trust.Erase, payload, 'strict')
  return {
    order: readOrder(fields, message.order),
    device: deviceId(fields.fixed('device id', message.device, 16)),
    reason: fields.text('reason', message.reason, nameBytesMax),
  }
}

/** Two owners who sign together spare it the wait. */
export function signErase(p: Primitives, erase: Erase, ...keys: readonly SigningKey[]): Promise<Bytes> {
  return signEnvelope(p, 'erase', encodeErase(erase), keys)
}
