/**
 * A parcel: a part of one device, sealed anew under keys of its own for another device, until a day. Its objects, its escrow and
 * its one commit lie in a domain of its own, whose id follows from its key as a device's does; so all that is true of a
 * device's objects is true of these, and nothing of a device is: it has no certificate, and nobody takes it for one.
 */
import { type Bytes, hex } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type DeviceId, deviceId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { deviceIdOf } from './certificate.ts'
import { decodeEnvelope, signEnvelope, signersOf } from './envelope.ts'
import { type Fields, fieldsOf, plain } from './fields.ts'
import { publicKey } from './key-fields.ts'
import { type Order, readOrder, writeOrder } from './order.ts'
import { type OrderContext, verifyOrder } from './orders.ts'
import { backstay } from './trust.pb.js'
import type { VerifiedTrust } from './trust.ts'

export interface Parcel {
  /** Its audience is the receiver alone; when it expires, the parcel is gone. */
  readonly order: Order
  /** Ed25519 public key. */
  readonly key: Bytes
  /** The device that it is a part of. */
  readonly source: DeviceId
  readonly entries: number
  /** Logical bytes. */
  readonly bytes: number
  /** age file for the desk: what was packed, for those who may read all of the source anyway. */
  readonly sealed: Bytes
}

export interface ParcelEnd {
  readonly order: Order
  /** The parcel that ends with this. */
  readonly ends: DeviceId
}

export type ParcelWord = Parcel | ParcelEnd

/** Of a word that was verified: a parcel with the domain that its key stands for, or an end. */
export type VerifiedParcel = (Parcel & { readonly id: DeviceId; readonly receiver: DeviceId }) | ParcelEnd

/** Who still has not come for it after a year will not. */
export const parcelDaysMax = 366
const dayMs = 86_400_000
/** Some paths of up to 4 KiB and what age adds. */
const sealedBytesMax = 256 * 1024

export function encodeParcel(word: ParcelWord): Bytes {
  const order = writeOrder(word.order)
  const message =
    'ends' in word
      ? { order, ends: idToBytes(word.ends) }
      : { ...word, order, source: idToBytes(word.source) }
  return plain(backstay.trust.Parcel.encode(message).finish())
}

/** Throws `bad_parcel`. Unknown fields are refused: they might be limits that we would not keep. */
export function decodeParcel(payload: Bytes): ParcelWord {
  const fields = fieldsOf('parcel', 'a parcel')
  const message = fields.decode(backstay.trust.Parcel, payload, 'strict')
  const order = readOrder(fields, message.order)
  if (message.ends?.length) {
    if (message.key?.length || message.source?.length || message.sealed?.length)
      throw fields.bad('it begins and ends at once')
    return { order, ends: deviceId(fields.fixed('parcel', message.ends, 16)) }
  }
  const parcel = {
    order,
    key: publicKey(fields, 'key', message.key),
    source: deviceId(fields.fixed('source', message.source, 16)),
    entries: fields.integer('count of entries', message.entries),
    bytes: fields.integer('count of bytes', message.bytes),
    sealed: fields.bytes('sealed part', message.sealed, { min: 1, max: sealedBytesMax }),
  }
  requireShape(fields, parcel)
  return parcel
}

function requireShape(fields: Fields, { order, source }: Parcel): void {
  const { issuedAtMs, expiresAtMs, audience } = order
  const [receiver] = audience
  if (receiver === undefined || audience.length > 1) throw fields.bad('it is not for one receiver')
  if (hex(receiver) === source) throw fields.bad('its source is its receiver')
  if (expiresAtMs <= issuedAtMs) throw fields.bad('it has no end')
  if (expiresAtMs - issuedAtMs > parcelDaysMax * dayMs)
    throw fields.bad(`it lasts longer than ${parcelDaysMax} days`)
}

/** `parcelKey`: nobody can make a parcel of a key that he does not hold. */
export function signParcel(
  p: Primitives,
  parcel: Parcel,
  adminKey: SigningKey,
  parcelKey: SigningKey,
): Promise<Bytes> {
  return signEnvelope(p, 'parcel', encodeParcel(parcel), [adminKey, parcelKey])
}

export function signParcelEnd(p: Primitives, end: ParcelEnd, adminKey: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'parcel', encodeParcel(end), [adminKey])
}

/** Throws what orders throw, and `bad_signature` for a parcel that its own key did not sign. */
export async function verifyParcel(
  p: Primitives,
  envelope: Bytes,
  context: OrderContext,
): Promise<VerifiedParcel> {
  const word = await verifyOrder(p, 'parcel', envelope, context, ['restore'], decodeParcel)
  if ('ends' in word) return word
  if ((await signersOf(p, 'parcel', decodeEnvelope(envelope), [word.key])).length === 0)
    throw new Failure('bad_signature', 'the parcel is not signed by its own key')
  return { ...word, id: await deviceIdOf(p, word.key), receiver: receiverOf(word) }
}

/** As its signer saw the world, however long ago. Throws `trust_behind` and what `verifyParcel` throws. */
export async function verifyPastParcel(
  p: Primitives,
  envelope: Bytes,
  history: readonly VerifiedTrust[],
): Promise<VerifiedParcel> {
  const { order } = decodeParcel(decodeEnvelope(envelope).payload)
  const trust = history.find(one => one.document.version === order.trustVersion)
  if (trust === undefined)
    throw new Failure('trust_behind', `version ${order.trustVersion} of Trust is not known here`, {
      remedy: 'retry',
    })
  return verifyParcel(p, envelope, { trust, nowMs: order.issuedAtMs, held: true })
}

export function receiverOf({ order }: Parcel): DeviceId {
  const [receiver = new Uint8Array()] = order.audience
  return deviceId(receiver)
}
