/**
 * Holds and erasures as their signers saw the world, however long ago: who leaves the fleet takes no hold with him. Collector and
 * console reckon with the same.
 */
import type { Bytes } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import type { Primitives } from '../primitives.ts'
import { decodeEnvelope, type PayloadKind, signersOf } from './envelope.ts'
import { decodeErase, type Erase } from './erase.ts'
import { decodeHold, type Hold } from './hold.ts'
import type { Order } from './order.ts'
import { type OrderContext, verifyErase, verifyHold } from './orders.ts'
import type { VerifiedTrust } from './trust.ts'

export interface PastWord<Word> {
  readonly word: Word
  /** Distinct owners who signed it. */
  readonly owners: number
}

type Known = readonly VerifiedTrust[]

/** Undefined: nobody who may signed it, or under a Trust that `history` does not hold. */
export function pastHold(
  p: Primitives,
  envelope: Bytes,
  history: Known,
): Promise<PastWord<Hold> | undefined> {
  return past(p, 'hold', envelope, history, decodeHold, verifyHold)
}

/** As `pastHold`. */
export function pastErase(
  p: Primitives,
  envelope: Bytes,
  history: Known,
): Promise<PastWord<Erase> | undefined> {
  return past(p, 'erase', envelope, history, decodeErase, verifyErase)
}

async function past<Word extends { readonly order: Order }>(
  p: Primitives,
  kind: PayloadKind,
  envelope: Bytes,
  history: Known,
  decode: (payload: Bytes) => Word,
  verify: (p: Primitives, envelope: Bytes, context: OrderContext) => Promise<Word>,
): Promise<PastWord<Word> | undefined> {
  try {
    const opened = decodeEnvelope(envelope)
    const { order } = decode(opened.payload)
    const trust = history.find(one => one.document.version === order.trustVersion)
    if (trust === undefined) return undefined
    const word = await verify(p, envelope, { trust, nowMs: order.issuedAtMs, held: true })
    const keys = trust.document.owners.map(owner => owner.key)
    return { word, owners: (await signersOf(p, kind, opened, keys)).length }
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}
