/** An admin's word that he opened an escrow and that its check value was right. */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, deviceId, idToBytes, type ObjectId, objectId } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { epochMax } from './commit.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'

export type EscrowWay = 'desk' | 'kit'

export interface Proof {
  readonly order: Order
  readonly device: DeviceId
  readonly epoch: number
  /** Record id of the escrow. */
  readonly escrowId: ObjectId
  readonly way: EscrowWay
  /** False: it did not open, or to other keys. */
  readonly opened: boolean
}

export function encodeProof(proof: Proof): Bytes {
  const message = {
    ...proof,
    order: writeOrder(proof.order),
    device: idToBytes(proof.device),
    escrowId: idToBytes(proof.escrowId),
  }
  return plain(backstay.trust.Proof.encode(message).finish())
}

/** Throws `bad_proof`. */
export function decodeProof(payload: Bytes): Proof {
  const fields = fieldsOf('proof', 'a proof of escrow')
  const message = fields.decode(backstay.trust.Proof, payload, 'lenient')
  if (message.way !== 'desk' && message.way !== 'kit') throw fields.bad('its way is neither desk nor kit')
  return {
    order: readOrder(fields, message.order),
    device: deviceId(fields.fixed('device id', message.device, 16)),
    epoch: fields.integer('epoch', message.epoch, epochMax),
    escrowId: objectId(fields.fixed('escrow id', message.escrowId, 32)),
    way: message.way,
    opened: message.opened ?? false,
  }
}

export function signProof(p: Primitives, proof: Proof, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'proof', encodeProof(proof), [key])
}
