/** An admin's word that a device or a grant counts no longer. */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, deviceId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { nameBytesMax } from './key-fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'

export interface Revoke {
  readonly order: Order
  readonly device: DeviceId | undefined
  /** 16 bytes. */
  readonly grantId: Bytes | undefined
  readonly reason: string
}

export function encodeRevoke(revoke: Revoke): Bytes {
  const message = {
    order: writeOrder(revoke.order),
    device: revoke.device === undefined ? null : idToBytes(revoke.device),
    grantId: revoke.grantId ?? null,
    reason: revoke.reason,
  }
  return plain(backstay.trust.Revoke.encode(message).finish())
}

/** Throws `bad_revoke`. Unknown fields are ignored: an old reader had better revoke too much than nothing. */
export function decodeRevoke(payload: Bytes): Revoke {
  const fields = fieldsOf('revoke', 'a revocation')
  const message = fields.decode(backstay.trust.Revoke, payload, 'lenient')
  const revoke = {
    order: readOrder(fields, message.order),
    device: message.device?.length ? deviceId(fields.fixed('device id', message.device, 16)) : undefined,
    grantId: message.grantId?.length ? fields.fixed('grant id', message.grantId, 16) : undefined,
    reason: fields.text('reason', message.reason, nameBytesMax),
  }
  if (revoke.device === undefined && revoke.grantId === undefined)
    throw fields.bad('it names nothing to revoke')
  return revoke
}

export function signRevoke(p: Primitives, revoke: Revoke, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'revoke', encodeRevoke(revoke), [key])
}
