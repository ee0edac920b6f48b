/** An enrolment grant: an admin's word that whoever holds the grant's private key may add so many devices. */
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { nameBytesMax, publicKey } from './key-fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'

export interface Grant {
  readonly order: Order
  /** Ed25519 public key; its private half is in the token. */
  readonly grantKey: Bytes
  readonly label: string
  readonly maxUses: number
  /** An admin must still approve each device. */
  readonly manualApproval: boolean
}

/** The largest rollout in one go. */
export const grantUsesMax = 10_000
/** A token lying about for longer than this is a mistake. */
export const grantDaysMax = 366
const dayMs = 86_400_000

export function encodeGrant(grant: Grant): Bytes {
  return plain(backstay.trust.Grant.encode({ ...grant, order: writeOrder(grant.order) }).finish())
}

/** Throws `bad_grant`. Unknown fields are refused: they might be limits that we would not keep. */
export function decodeGrant(payload: Bytes): Grant {
  const fields = fieldsOf('grant', 'an enrolment grant')
  const message = fields.decode(backstay.trust.Grant, payload, 'strict')
  const grant = {
    order: readOrder(fields, message.order),
    grantKey: publicKey(fields, 'key', message.grantKey),
    label: fields.text('label', message.label, nameBytesMax),
    maxUses: fields.integer('number of uses', message.maxUses, grantUsesMax),
    manualApproval: message.manualApproval ?? false,
  }
  const { issuedAtMs, expiresAtMs } = grant.order
  if (grant.maxUses < 1) throw fields.bad('it allows no use')
  if (expiresAtMs <= issuedAtMs) throw fields.bad('it has no end')
  if (expiresAtMs - issuedAtMs > grantDaysMax * dayMs)
    throw fields.bad(`it lasts longer than ${grantDaysMax} days`)
  return grant
}

export function signGrant(p: Primitives, grant: Grant, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'grant', encodeGrant(grant), [key])
}

/** Throws `grant_expired` or `grant_used_up`; `uses` is the number of devices that already enrolled with it. */
export function requireUsable(grant: Grant, uses: number, nowMs: number): void {
  const hint = 'ask an admin for a new token (backstay token)'
  if (nowMs >= grant.order.expiresAtMs) {
    throw new Failure('grant_expired', `the enrolment grant "${grant.label}" has expired`, { hint })
  }
  if (uses >= grant.maxUses) {
    throw new Failure(
      'grant_used_up',
      `the enrolment grant "${grant.label}" was used ${uses} of ${grant.maxUses} times`,
      {
        hint,
      },
    )
  }
}
