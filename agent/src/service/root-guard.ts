/**
 * A disk that is not mounted looks like a folder that somebody emptied. What is remembered of a root tells them apart, or
 * at least apart from an ordinary day: such a root is flagged, in status and on the snapshot, until it is as before or a
 * week has passed. Only direct children are counted: that costs one listing.
 */

export interface RootFacts {
  /** Of the file system. Changes with a mount, and on some systems with a reboot. */
  readonly device: string
  /** Direct children. */
  readonly names: number
}

export interface RootMemory extends RootFacts {
  readonly flag: RootFlag | undefined
}

export interface RootFlag extends Stood {
  readonly why: RootTrouble
  readonly namesBefore: number
}

/** Since when something stands by the clock, and for how long by what was seen of it. */
export interface Stood {
  readonly sinceMs: number
  readonly heldMs: number
  /** When it was looked at last. */
  readonly seenMs: number
}

/** One look counts for no more time than this: a clock that jumps a year ahead ends no flag. */
const lookMsMax = 86_400_000

export const standsSince = (nowMs: number): Stood => ({ sinceMs: nowMs, heldMs: 0, seenMs: nowMs })

export function seenAgain<T extends Stood>(stood: T, nowMs: number): T {
  const sinceMs = Math.max(0, Math.min(nowMs - stood.seenMs, lookMsMax))
  return { ...stood, heldMs: stood.heldMs + sinceMs, seenMs: nowMs }
}

/**
 * `hung`: its file system does not answer. `missing` and `hung`: its old entries stay in snapshots, marked stale. The others are recorded as they are, and flagged.
 */
export type RootTrouble = 'hung' | 'missing' | 'unmounted' | 'emptied' | 'shrunk'

/** After a week nobody meant, it is what it is. */
export const flagMs = 7 * 86_400_000
/** Below this many names, most of them may go on an ordinary day. */
const fewNames = 8

/** What was found at its place. `missing`: nothing. */
export type RootNow = RootFacts | 'hung' | 'missing'

/** Returns what to remember, with its flag. */
export function judgeRoot(
  before: RootMemory | undefined,
  now: RootNow,
  nowMs: number,
): RootMemory | undefined {
  const facts = typeof now === 'string' ? undefined : now
  const why = before && troubleOf(before, now)
  if (before === undefined || why === undefined) return facts && { ...facts, flag: undefined }
  const flag = seenAgain(before.flag ?? { why, namesBefore: before.names, ...standsSince(nowMs) }, nowMs)
  if (flag.heldMs >= flagMs && facts !== undefined) return { ...facts, flag: undefined }
  return { ...before, flag: { ...flag, why } }
}

function troubleOf(before: RootMemory, now: RootNow): RootTrouble | undefined {
  if (typeof now === 'string') return now
  const { device, names } = before
  if (now.device !== device && now.names < names / 2) return 'unmounted'
  if (now.names === 0 && names > 0) return 'emptied'
  return names >= fewNames && now.names <= names / 4 ? 'shrunk' : undefined
}
