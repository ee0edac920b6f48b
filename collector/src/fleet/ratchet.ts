/**
 * What a device's ratchet says when it is shown. Nothing that is lost on the way, on either side and at any time, looks like
 * a copy:
 *
 *     shown is the same as last time    its last Welcome was lost: another offer
 *     shown is one of the offers        it went on: the next offer
 *     shown is from our future          we were put back, or lost power: we follow
 *     anything else                     it was used up: two machines, or one that was put back
 *
 * Each Welcome offers another value, so two copies that both show what they share are apart from then on.
 */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { makeRatchet, ratchetCounter } from '@backstay/proto/wire/ratchet'

export interface Ratchet {
  readonly shown: Bytes
  /** The newest first. */
  readonly offers: readonly Bytes[]
  readonly cloned: Cloned | undefined
}

/** A value that was used up has been shown. */
export interface Cloned {
  /** First of a row without a quiet week. */
  readonly sinceMs: number
  readonly lastMs: number
}

/** A connection that its device gave up may be answered behind the one that followed. */
const offersMax = 4
/** A machine that was put back once is itself again after so long. */
export const clonedQuietMs = 7 * 86_400_000

/** `random`: at least 26 bytes. The next offer is the first of `offers`. */
export function turn(before: Ratchet | undefined, shown: Bytes, random: Bytes, nowMs: number): Ratchet {
  if (before === undefined) return { shown, offers: [offer([shown], random)], cloned: undefined }
  const known = [before.shown, ...before.offers]
  const next = offer([shown, ...known], random)
  const cloned = clonedNow(before, nowMs)
  if (equalBytes(shown, before.shown)) {
    return { shown, offers: [next, ...before.offers].slice(0, offersMax), cloned }
  }
  const isOffered = before.offers.some(one => equalBytes(one, shown))
  const isAhead = ratchetCounter(shown) > Math.max(...known.map(ratchetCounter))
  if (isOffered || isAhead) return { shown, offers: [next], cloned }
  return { shown, offers: [next], cloned: { sinceMs: cloned?.sinceMs ?? nowMs, lastMs: nowMs } }
}

/** Undefined: there was no sign of a copy for a week. */
export function clonedNow(ratchet: Ratchet | undefined, nowMs: number): Cloned | undefined {
  const cloned = ratchet?.cloned
  return cloned !== undefined && nowMs - cloned.lastMs < clonedQuietMs ? cloned : undefined
}

function offer(known: readonly Bytes[], random: Bytes): Bytes {
  return makeRatchet(Math.max(...known.map(ratchetCounter)) + 1, random)
}
