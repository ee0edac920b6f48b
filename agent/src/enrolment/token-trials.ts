/**
 * The tokens that lie about, each tried when its time has come. A token that is refused makes room for the next; one that
 * the collector could not be asked about does not, since the next may lead to another fleet. The token of an enrolment that
 * was cut comes first: the collector may know this device already, and takes it in again without another use of that token.
 */
import type { Clock } from '@backstay/proto/clock'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceIdentity } from '../keys/identity.ts'
import { type Backoff, backoff, backoffMostMs } from '../link/backoff.ts'
import type { TokenSource } from './token-sources.ts'

export interface TrialOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly random: () => number
  readonly sources: readonly TokenSource[]
  /** Whether an enrolment with this token was begun before and not ended. */
  wasBegun(token: string): Promise<boolean>
  enroll(token: string, signal: AbortSignal): Promise<DeviceIdentity>
}

/** Why the token of a source did not make this device a member. */
export interface Unused {
  readonly source: TokenSource
  /** False: it may pass. The collector, the network, this machine's disk. */
  readonly isRefused: boolean
  readonly failure: Failure
  /** Until it is tried again; undefined for one that cannot even be read, which is looked at each time. */
  readonly waitMs: number | undefined
}

export interface Trials {
  /** All that is due, until one lets this device in. Undefined: there is none. Rejects when it is aborted, only. */
  look(signal: AbortSignal): Promise<Enrolled | Unused | undefined>
  /** Until the next is due, as far as is known. */
  waitMs(): number
}

export interface Enrolled {
  readonly source: TokenSource
  readonly identity: DeviceIdentity
}

/** What a token is refused for. */
const refusals: ReadonlySet<string> = new Set([
  ...[
    'bad_token',
    'bad_grant',
    'expired',
    'grant_expired',
    'grant_used_up',
    'grant_revoked',
    'approval_needed',
  ],
  ...[
    'not_authorized',
    'not_admitted',
    'bad_signature',
    'bad_envelope',
    'wrong_kind',
    'wrong_fleet',
    'wrong_grant',
  ],
  ...['trust_fork', 'trust_rollback', 'token_unsafe', 'file_unreadable', 'file_too_large'],
])

interface Trial {
  readonly waits: Backoff
  readonly failure: Failure
  /** On the clock that nobody sets. */
  readonly dueMs: number
}

interface Found {
  readonly source: TokenSource
  /** Or why it cannot be read. */
  readonly token: string | Failure
}

export function tokenTrials({ clock, random, sources, wasBegun, enroll }: TrialOptions): Trials {
  let trials = new Map<string, Trial>()

  async function find(): Promise<readonly Found[]> {
    const found: Found[] = []
    for (const source of sources) {
      const token = await source.read().catch(failureOf)
      if (token === undefined) continue
      const isFirst = typeof token === 'string' && (await wasBegun(token))
      found.splice(isFirst ? 0 : found.length, 0, { source, token })
    }
    // What lies there no longer is forgotten.
    const there = new Set(found.map(({ token }) => token))
    trials = new Map([...trials].filter(([token]) => there.has(token)))
    return found
  }

  /** The last trial, when its time has not come. */
  async function attempt(token: string, signal: AbortSignal): Promise<DeviceIdentity | Trial> {
    const before = trials.get(token)
    if (before !== undefined && before.dueMs > clock.monotonic()) return before
    try {
      return await enroll(token, signal)
    } catch (error) {
      signal.throwIfAborted()
      const failure = failureOf(error)
      const waits = before?.waits ?? backoff({ random })
      // What is refused now may be taken later: a clock is set right, an admin is given the role again.
      const waitMs = refusals.has(failure.code) ? backoffMostMs : waits.next(failure)
      const trial = { waits, failure, dueMs: clock.monotonic() + waitMs }
      trials.set(token, trial)
      return trial
    }
  }

  async function tryOne({ source, token }: Found, signal: AbortSignal): Promise<Enrolled | Unused> {
    if (typeof token !== 'string') {
      return { source, failure: token, isRefused: refusals.has(token.code), waitMs: undefined }
    }
    const tried = await attempt(token, signal)
    if (!('failure' in tried)) return { source, identity: tried }
    const { failure, dueMs } = tried
    return { source, failure, isRefused: refusals.has(failure.code), waitMs: dueMs - clock.monotonic() }
  }

  return {
    async look(signal) {
      let first: Unused | undefined
      for (const one of await find()) {
        const tried = await tryOne(one, signal)
        if ('identity' in tried || !tried.isRefused) return tried
        first ??= tried
      }
      return first
    },
    waitMs() {
      const waits = [...trials.values()].map(({ dueMs }) => dueMs - clock.monotonic())
      // One that is due and was not tried stands behind one that holds it up.
      return Math.min(Number.POSITIVE_INFINITY, ...waits.filter(ms => ms > 0))
    },
  }
}

function failureOf(error: unknown): Failure {
  if (isFailure(error)) return error
  return new Failure('unexpected', error instanceof Error ? error.message : String(error))
}
