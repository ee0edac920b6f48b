/** Keys and names in what came from outside. */
import { type Bytes, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { isSmallOrder } from '../small-order.ts'
import { type Fields, isPrintable } from './fields.ts'
import { isClassicRecipient, isHybridRecipient } from './recipient.ts'

/** Names of fleets, people and devices. */
export const nameBytesMax = 255

/** Whether people may call something so: what each place that asks for a name holds it to. */
export function isName(text: string): boolean {
  return text.trim() !== '' && utf8(text).length <= nameBytesMax && isPrintable(text)
}

/** Throws `bad_name`. `what`: as a sentence begins. */
export function requireName(what: string, text: string): void {
  if (isName(text)) return
  throw new Failure('bad_name', `${what} must have 1 to ${nameBytesMax} printable bytes`)
}

/** Throws `trust_classic_recipient` for age's older kind and `bad_<kind>` for anything else that is not `age1pq1…`. */
export function recipient(fields: Fields, name: string, value: string | null | undefined): string {
  const text = value ?? ''
  if (isHybridRecipient(text)) return text
  if (isClassicRecipient(text)) {
    throw new Failure('trust_classic_recipient', `the ${name} is not of the post-quantum kind age1pq1…`, {
      hint: 'make a new identity with: age-keygen -pq',
    })
  }
  throw fields.bad(`its ${name} is not age1pq1…`)
}

/** An Ed25519 public key under which not everyone can forge. */
export function publicKey(fields: Fields, name: string, value: Uint8Array | null | undefined): Bytes {
  const key = fields.fixed(name, value, 32)
  if (isSmallOrder(key)) throw fields.bad(`its ${name} is of small order`)
  return key
}
