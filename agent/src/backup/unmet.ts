/**
 * What becomes of entries of the last snapshot that the walk did not come by: they are gone where it looked, and stay where
 * it did not.
 *
 * A walk of everything looked everywhere but below what it could not enter or look at. A walk of some folders looked at their
 * direct children alone; what it found to be gone takes along all that was below it.
 */
import { type Bytes, compareBytes } from '@backstay/proto/bytes'
import { type KeyRange, prefixBelowEntry, rangeBelow, rangeOfChildren } from '@backstay/proto/content/map/key'
import type { Step } from '../scan/walk.ts'

export interface Unmet {
  /** Each step, before anything behind it is asked for. Keys asked for never go back. */
  see(step: Step): void
  isKept(key: Bytes): boolean
  /** Whether all keys of this range are kept; false may also mean that nobody knows. */
  isRangeKept(from: Bytes, to: Bytes | undefined): boolean
  /** What may have been a folder is gone, or is none any more. */
  dropped(key: Bytes): void
}

/** After a walk of everything. */
export function goneUnlessBlocked(): Unmet {
  const blocked = ranges()
  return {
    see(step) {
      if ('prefix' in step && step.kind !== 'listed') blocked.add(rangeBelow(step.prefix))
      // It may be the folder that it was.
      if (step.kind === 'unread') blocked.add(rangeBelow(prefixBelowEntry(step.key)))
    },
    isKept: key => blocked.covers(key),
    isRangeKept: () => false,
    dropped: () => undefined,
  }
}

/** After a walk of some folders. */
export function keptUnlessListed(): Unmet {
  const listed = ranges()
  const gone = ranges()
  return {
    see(step) {
      if (step.kind === 'listed') listed.add(rangeOfChildren(step.prefix))
    },
    isKept: key => !listed.covers(key) && !gone.covers(key),
    isRangeKept: (from, to) => !listed.meets(from, to) && !gone.meets(from, to),
    dropped(key) {
      // What is below something that is gone goes with it.
      if (!gone.covers(key)) gone.add(rangeBelow(prefixBelowEntry(key)))
    },
  }
}

interface Ranges {
  add(range: KeyRange): void
  covers(key: Bytes): boolean
  /** Whether one of them has a key in common with this range. */
  meets(from: Bytes, to: Bytes | undefined): boolean
}

/** No two have a key in common. Those that end before a key that was asked for are forgotten. */
function ranges(): Ranges {
  const sorted: KeyRange[] = []
  const first = (from: Bytes): KeyRange | undefined => {
    while (sorted[0] !== undefined && !isBefore(from, sorted[0].to)) sorted.shift()
    return sorted[0]
  }
  return {
    add(range) {
      const at = sorted.findLastIndex(other => compareBytes(other.from, range.from) <= 0)
      sorted.splice(at + 1, 0, range)
    },
    covers(key) {
      const range = first(key)
      return range !== undefined && compareBytes(range.from, key) <= 0
    },
    meets(from, to) {
      const range = first(from)
      return range !== undefined && isBefore(range.from, to)
    },
  }
}

const isBefore = (key: Bytes, end: Bytes | undefined) => end === undefined || compareBytes(key, end) < 0
