/** How long to wait before the next try: doubling from a second, up to ten minutes, never two machines in step. */
import { retryAfterMs } from '@backstay/proto/wire/refusal'

export interface BackoffOptions {
  readonly firstMs?: number
  readonly mostMs?: number
  /** From 0 to below 1. */
  readonly random: () => number
}

export interface Backoff {
  /** Milliseconds to wait after one more failure; at least what the collector asked for. */
  next(failure?: unknown): number
  /** After a success. */
  reset(): void
}

export const backoffFirstMs = 1_000
/** A fleet of 100,000 that lost its collector comes back over this time, which its TLS handshakes need anyway. */
export const backoffMostMs = 10 * 60_000

export function backoff({
  firstMs = backoffFirstMs,
  mostMs = backoffMostMs,
  random,
}: BackoffOptions): Backoff {
  let failures = 0
  return {
    next(failure) {
      const step = Math.min(mostMs, firstMs * 2 ** Math.min(failures++, 30))
      // Between half and all of the step: spread out, and never at once.
      return Math.max(step * (0.5 + random() / 2), retryAfterMs(failure))
    },
    reset() {
      failures = 0
    },
  }
}
