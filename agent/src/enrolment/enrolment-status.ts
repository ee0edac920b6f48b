/** How an agent is that waits to become a member of a fleet: facts for programs, and one sentence for a person. */
import type { Failure } from '@backstay/proto/failure'
import { timeText } from '../commands/text.ts'

export type EnrolmentStanding =
  /** Nothing lies where a token could lie. */
  | 'no_token'
  /** What lies there lets nobody in: wrong, past its end, used up, revoked, or not safely kept. */
  | 'refused'
  /** The collector is not reached, or this machine is in the way; it is tried again. */
  | 'not_yet'
  /** It is enrolled, and the keychain with its keys does not answer; it is tried again. */
  | 'locked'

export interface EnrolmentStatus {
  readonly standing: EnrolmentStanding
  /** Where it looks for a token, in this order. */
  readonly places: readonly string[]
  /** Where the token lies that `failure` is about. */
  readonly place: string | undefined
  readonly failure: Pick<Failure, 'code' | 'message' | 'hint'> | undefined
  /** When that one is tried again. */
  readonly nextMs: number | undefined
}

/** What the owner of the state folder answers to `status` while it waits. */
export interface EnrollingStatus extends EnrolmentStatus {
  readonly pid: number
  readonly doing: 'enroll'
  readonly version: string
}

export function enrolmentSentence({ standing, places, place, failure, nextMs }: EnrolmentStatus): string {
  const last = places.at(-1) ?? ''
  if (failure === undefined && standing === 'locked') return 'the agent starts'
  if (failure === undefined) return `not protected: not enrolled yet; put a token into ${last}`
  const next = nextMs === undefined ? '' : `; tried again at ${timeText(nextMs)}`
  if (standing === 'locked') return `not protected: ${failure.message}${next}`
  if (standing === 'not_yet') return `not protected: not enrolled yet: ${failure.message}${next}`
  return `not protected: not enrolled: the token in ${place} does not let this device in: ${failure.message}`
}
