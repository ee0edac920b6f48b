/**
 * Until this device is a member of a fleet. Nobody sits at it: a token may come at any time, the collector may be down for
 * days, and what is wrong with a token must be read in `status` and the log, not from a service that starts again and
 * again. So this only ends with an identity, or when it is told to.
 */
import type { Clock } from '@backstay/proto/clock'
import { type Bell, bell } from '@backstay/proto/wire/bell'
import { alreadyEnrolled } from '../keys/enroll.ts'
import type { DeviceIdentity } from '../keys/identity.ts'
import type { KeychainKind } from '../keys/keychain-kind.ts'
import type { Log } from '../service/log.ts'
import type { EnrolmentStatus } from './enrolment-status.ts'
import { spend } from './left-tokens.ts'
import type { TokenSource } from './token-sources.ts'
import { type TrialOptions, tokenTrials, type Unused } from './token-trials.ts'

export interface AwaitingOptions extends Omit<TrialOptions, 'enroll'> {
  readonly clock: Clock
  readonly log: Log
  enroll(token: string, wishes: Wishes, signal: AbortSignal): Promise<DeviceIdentity>
}

/** Of whoever brings a token by hand. */
export interface Wishes {
  /** What he calls this device. */
  readonly name?: string | undefined
  /** Where he wants its keys. */
  readonly keychain?: KeychainKind | undefined
}

export interface Awaiting {
  readonly status: EnrolmentStatus
  /** Looks for a token now. Of one that was tried, the time of its next try stays. */
  hurry(): void
  /** Tries a token that somebody brings by hand, before all others; rejects with why it was not taken. */
  hand(token: string, wishes: Wishes): Promise<DeviceIdentity>
  /** Rejects with the signal's reason, and with nothing else. */
  run(signal: AbortSignal): Promise<DeviceIdentity>
}

/** Somebody who puts a token there waits for it no longer than this. */
const lookMs = 60_000

interface Handed {
  readonly token: string
  readonly wishes: Wishes
  readonly taken: PromiseWithResolvers<DeviceIdentity>
}

export function awaitEnrolment(options: AwaitingOptions): Awaiting {
  const { clock, log, sources } = options
  const places = sources.map(({ place }) => place)
  const trials = tokenTrials({
    ...options,
    enroll: (token, signal) => options.enroll(token, {}, signal),
  })
  const hurry: Bell = bell()
  const handed: Handed[] = []
  let status = statusOf(places, undefined, clock.now())
  let told: string | undefined

  /** Says in the log what is new; that nothing changed is said by `status`. */
  function tell(unused: Unused | undefined): void {
    status = statusOf(places, unused, clock.now())
    const news = unused === undefined ? '' : `${unused.source.place} ${unused.failure.message}`
    if (told === news) return
    told = news
    if (unused === undefined) {
      log('warn', 'not enrolled: no token yet', { places })
      return
    }
    const { source, failure, isRefused } = unused
    const { code, message, hint } = failure
    log('warn', isRefused ? 'token refused' : 'not enrolled yet', {
      ...{ place: source.place, code, message },
      ...(hint !== undefined && { hint }),
    })
  }

  async function look(signal: AbortSignal): Promise<DeviceIdentity | undefined> {
    const found = await trials.look(signal)
    if (found !== undefined && 'identity' in found) return taken(found.identity, found.source)
    tell(found)
    return undefined
  }

  async function takeHanded(signal: AbortSignal): Promise<DeviceIdentity | undefined> {
    for (let one = handed.shift(); one !== undefined; one = handed.shift()) {
      try {
        const identity = await taken(await options.enroll(one.token, one.wishes, signal))
        one.taken.resolve(identity)
        return identity
      } catch (error) {
        one.taken.reject(error)
        signal.throwIfAborted()
      }
    }
    return undefined
  }

  async function taken(identity: DeviceIdentity, source?: TokenSource): Promise<DeviceIdentity> {
    const { device, fleet } = identity
    log('info', 'device enrolled', { device, fleet, ...(source && { place: source.place }) })
    if (source !== undefined) await spend(source, log)
    for (const { taken } of handed) taken.reject(alreadyEnrolled())
    return identity
  }

  async function rest(signal: AbortSignal): Promise<void> {
    if (handed.length > 0) return
    const over = new AbortController()
    const either = AbortSignal.any([signal, over.signal])
    const waits = [hurry.wait(either), clock.sleep(Math.min(lookMs, trials.waitMs()), either)]
    try {
      await Promise.race(waits)
    } finally {
      over.abort()
      await Promise.allSettled(waits)
    }
  }

  return {
    get status() {
      return status
    },
    hurry: () => hurry.ring(),
    hand(token, wishes) {
      const one = { token, wishes, taken: Promise.withResolvers<DeviceIdentity>() }
      handed.push(one)
      hurry.ring()
      return one.taken.promise
    },
    async run(signal) {
      for (;;) {
        signal.throwIfAborted()
        const identity = (await takeHanded(signal)) ?? (await look(signal))
        if (identity !== undefined) return identity
        await rest(signal)
      }
    },
  }
}

function statusOf(places: readonly string[], unused: Unused | undefined, nowMs: number): EnrolmentStatus {
  return {
    standing: unused === undefined ? 'no_token' : unused.isRefused ? 'refused' : 'not_yet',
    places,
    place: unused?.source.place,
    failure: unused?.failure,
    nextMs: unused?.waitMs === undefined ? undefined : nowMs + unused.waitMs,
  }
}
