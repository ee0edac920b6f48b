/**
 * When a parcel is over, and what follows for its one snapshot: all of it stays until then, and nothing of it after. No policy, age
 * or count says otherwise, and no hold: what it was made of lies in the source, where holds keep it.
 */
import type { RetentionRule } from './retention.ts'

export interface ParcelTimes {
  readonly untilMs: number
  /** When somebody's word came in that it ends early. */
  readonly endedAtMs: number | undefined
}

export function isOver({ untilMs, endedAtMs }: ParcelTimes, nowMs: number): boolean {
  return endedAtMs !== undefined || nowMs >= untilMs
}

/**
 * ended: by somebody's word; over: its time has passed; before that unsent: nobody signed a job for it, or that ended; waiting: its
 * receiver has not reported; arrived, failed: it has.
 */
export type ParcelState = (typeof parcelStates)[number]
export const parcelStates = ['unsent', 'waiting', 'arrived', 'failed', 'ended', 'over'] as const

/** Of a job that hands it over. */
export interface ParcelJob {
  readonly expiresAtMs: number
  /** Of its receiver's report; undefined: there is none. */
  readonly reported: 'done' | 'failed' | 'refused' | undefined
}

/** `jobs`: of its receiver, for this parcel. */
export function parcelState(times: ParcelTimes, jobs: readonly ParcelJob[], nowMs: number): ParcelState {
  if (times.endedAtMs !== undefined) return 'ended'
  if (isOver(times, nowMs)) return 'over'
  // Once there it is there, whatever became of another try.
  if (jobs.some(job => job.reported === 'done')) return 'arrived'
  if (jobs.some(job => job.reported === undefined && nowMs < job.expiresAtMs)) return 'waiting'
  return jobs.some(job => job.reported !== undefined) ? 'failed' : 'unsent'
}

/** `nowMs`: by the collector's retention clock. */
export function parcelRule(parcel: ParcelTimes, nowMs: number): RetentionRule {
  const rest = { wishes: [], minimumAgeDays: 0, pinned: new Set<never>(), held: false }
  return { ...rest, erased: isOver(parcel, nowMs) }
}
