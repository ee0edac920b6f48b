/** The desk identity wrapped to the restore admins, so that a daily restore does not need the kit from the safe. */
import type { Bytes } from '../bytes.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { fieldsOf, plain } from './fields.ts'
import { recipient } from './key-fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { backstay } from './trust.pb.js'

export interface Keyring {
  readonly order: Order
  /** `age1pq1…` of the identity in the file. */
  readonly deskRecipient: string
  /** age file, recipients: the restore admins. It opens to one line, AGE-SECRET-KEY-PQ-1…. */
  readonly file: Bytes
}

/** 64 admins at 1.7 KiB each. */
export const keyringFileBytesMax = 256 * 1024

export function encodeKeyring(keyring: Keyring): Bytes {
  return plain(backstay.trust.Keyring.encode({ ...keyring, order: writeOrder(keyring.order) }).finish())
}

/** Throws `bad_keyring` or `trust_classic_recipient`. */
export function decodeKeyring(payload: Bytes): Keyring {
  const fields = fieldsOf('keyring', 'a keyring')
  const message = fields.decode(backstay.trust.Keyring, payload, 'lenient')
  return {
    order: readOrder(fields, message.order),
    deskRecipient: recipient(fields, 'desk recipient', message.deskRecipient),
    file: fields.bytes('file', message.file, { min: 1, max: keyringFileBytesMax }),
  }
}

export function signKeyring(p: Primitives, keyring: Keyring, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'keyring', encodeKeyring(keyring), [key])
}
