/** Another recovery kit from the next version of Trust on: another owner key, and another recipient of every escrow. Pure. */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { TrustDocument } from '@backstay/proto/trust/trust'

export interface KitChange {
  readonly kind: 'kit'
  /** Owner key of the kit that goes. */
  readonly owner: Bytes
  /** Owner key of the kit that comes. */
  readonly newOwner: Bytes
  /** `age1pq1…` of its identity. */
  readonly recipient: string
}

/** Throws `wrong_role` when the kit that goes is no owner's, `key_taken` when the new one is somebody's. */
export function withKit(document: TrustDocument, { owner, newOwner, recipient }: KitChange): TrustDocument {
  const { owners, admins } = document
  if (!owners.some(one => equalBytes(one.key, owner)))
    throw new Failure('wrong_role', 'this kit was replaced: its key is no owner any more')
  if ([...owners, ...admins].some(one => equalBytes(one.key, newOwner)))
    throw new Failure('key_taken', 'the key of the new kit is in Trust already')
  return {
    ...document,
    owners: owners.map(one => (equalBytes(one.key, owner) ? { ...one, key: newOwner } : one)),
    kitRecipient: recipient,
  }
}

export function kitLines({ owners }: TrustDocument): readonly string[] {
  const others = owners.length - 1
  return [
    'The new kit takes the place of the old one: from now on only its owner key signs, and devices seal their keys for it.',
    'Devices do that as soon as they connect. Backups stay as they are.',
    'The old kit opens what was sealed for it, for ever: keep it until every device is under the new one, then destroy it.',
    ...(others > 0 ? [`The ${others} other owner key(s) stay.`] : []),
  ]
}
