/** How often somebody may guess: so many for an account from one place, and so many from one place at all. */
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import { rateLimit } from '../../rate-limit.ts'

export interface Attempts {
  /** Throws `too_many_requests`, the same for an account that exists and one that does not. */
  begin(account: string, address: string): void
  /** It was he: the try does not count. */
  succeeded(account: string, address: string): void
}

const windowMs = 15 * 60_000
export const triesOfAccount = 5
/** A whole office has one address. */
const triesOfAddress = 50

export function attempts(clock: Pick<Clock, 'monotonic'>): Attempts {
  const accounts = rateLimit(triesOfAccount, clock, windowMs)
  const addresses = rateLimit(triesOfAddress, clock, windowMs)
  const keyOf = (account: string, address: string) => `${account.toLowerCase()} ${address}`
  return {
    begin(account, address) {
      const key = keyOf(account, address)
      if (addresses.take(address)) {
        if (accounts.take(key)) return
        throw tooMany(accounts.waitMs(key))
      }
      throw tooMany(addresses.waitMs(address))
    },
    succeeded(account, address) {
      accounts.giveBack(keyOf(account, address))
      addresses.giveBack(address)
    },
  }
}

export function tooMany(waitMs: number): Failure {
  const minutes = Math.max(1, Math.ceil(waitMs / 60_000))
  return new Failure('too_many_requests', 'too many tries', {
    remedy: 'retry',
    hint: `try again in ${minutes} min`,
  })
}
