/** What is known of a device, all by the collector's clock but for what the device says of itself. */
import type { Heartbeat } from '../trust/heartbeat.ts'

export interface DeviceFacts {
  readonly enrolledAtMs: number
  readonly revokedAtMs: number | undefined
  /** The newest heartbeat, its signature verified by whoever judges, and when it was heard. */
  readonly heard: { readonly heartbeat: Heartbeat; readonly atMs: number } | undefined
  /** Undefined: it has no session now. */
  readonly onlineSinceMs: number | undefined
  readonly lastSeenMs: number | undefined
  /** Of the newest commit that the collector shows; 0 = none. */
  readonly headSequence: number
  readonly headReceivedAtMs: number | undefined
  readonly lastCompleteAtMs: number | undefined
  /** When the escrow came in that nobody has opened yet; undefined: its newest epoch was proved. */
  readonly unprovenSinceMs: number | undefined
  /** Since when two machines seem to use this identity. */
  readonly clonedSinceMs: number | undefined
}

/** When the device was last known to live: now, when it has a session. */
export function lastContactMs(facts: DeviceFacts, nowMs: number): number {
  if (facts.onlineSinceMs !== undefined) return nowMs
  const { enrolledAtMs, lastSeenMs, headReceivedAtMs, heard } = facts
  return newestOf([enrolledAtMs, lastSeenMs, headReceivedAtMs, heard?.atMs], nowMs)
}

/**
 * What lies ahead was written before the clock was set back, and would make silence look like life until that time has come.
 * Now, when nothing else is known.
 */
export function newestOf(times: readonly (number | undefined)[], nowMs: number): number {
  const known = times.filter(ms => ms !== undefined).filter(ms => ms <= nowMs)
  return known.length === 0 ? nowMs : Math.max(...known)
}

/**
 * Whether a complete snapshot came after the newest heartbeat: what waited then is in it. By its number too, since a clock
 * that was set back in between makes an older snapshot look newer.
 */
export function isOvertaken({ heard, headSequence, lastCompleteAtMs = 0 }: DeviceFacts): boolean {
  return heard !== undefined && lastCompleteAtMs > heard.atMs && headSequence > heard.heartbeat.headSequence
}

/** The oldest change that is known to be on no collector. */
export function oldestChangeMs(facts: DeviceFacts): number | undefined {
  const { heard } = facts
  if (heard?.heartbeat.unprotectedMs === undefined || isOvertaken(facts)) return undefined
  return heard.atMs - heard.heartbeat.unprotectedMs
}
