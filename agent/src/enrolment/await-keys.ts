/**
 * Until the keychain of an enrolled device answers: at the start of a machine it may be locked, or its credential not there
 * yet. The device is never taken for a new one because of that.
 */
import type { Clock } from '@backstay/proto/clock'
import { isFailure } from '@backstay/proto/failure'
import type { DeviceIdentity, IdentityStore } from '../keys/identity.ts'
import { backoff } from '../link/backoff.ts'
import type { Log } from '../service/log.ts'
import type { EnrolmentStatus } from './enrolment-status.ts'

export interface KeysOptions {
  readonly identities: Pick<IdentityStore, 'readIdentity'>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

export interface AwaitingKeys {
  readonly status: EnrolmentStatus
  /** The identity, undefined when there is none. Throws what reading throws but for `keychain_unavailable`, and the signal's reason. */
  run(signal: AbortSignal): Promise<{ readonly identity: DeviceIdentity | undefined }>
}

/** Somebody may sign in at any time, and then it should go on. */
const mostMs = 60_000

export function awaitKeys({ identities, clock, random, log }: KeysOptions): AwaitingKeys {
  const waits = backoff({ random, mostMs })
  let status: EnrolmentStatus = {
    ...{ standing: 'locked', places: [] },
    ...{ place: undefined, failure: undefined, nextMs: undefined },
  }
  return {
    get status() {
      return status
    },
    async run(signal) {
      for (;;) {
        try {
          return { identity: await identities.readIdentity() }
        } catch (error) {
          if (!isFailure(error, 'keychain_unavailable')) throw error
          const { code, message, hint } = error
          if (status.failure?.message !== message) log('error', 'no keys', { code, message, hint })
          const waitMs = waits.next(error)
          status = { ...status, failure: error, nextMs: clock.now() + waitMs }
          await clock.sleep(waitMs, signal)
        }
      }
    },
  }
}
