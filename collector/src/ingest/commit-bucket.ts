/** A token bucket for each device: so many commits at once, so many a minute for good. */
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { IngestLimits } from './limits.ts'

export interface CommitBucket {
  /** Throws `too_many_commits`; the agent puts its changes into a later commit. */
  take(device: DeviceId): void
}

/** `monotonicMs`: milliseconds that only grow. A restart fills all buckets, which nobody can bring about from outside. */
export function commitBucket(
  limits: Pick<IngestLimits, 'commitBurst' | 'commitRefillMs'>,
  monotonicMs: () => number,
): CommitBucket {
  const buckets = new Map<DeviceId, { tokens: number; atMs: number }>()
  return {
    take(device) {
      const nowMs = monotonicMs()
      const bucket = buckets.get(device) ?? { tokens: limits.commitBurst, atMs: nowMs }
      const refilled = bucket.tokens + (nowMs - bucket.atMs) / limits.commitRefillMs
      const tokens = Math.min(limits.commitBurst, refilled)
      buckets.set(device, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs })
      if (tokens < 1) throw tooMany(Math.ceil((1 - tokens) * limits.commitRefillMs))
    },
  }
}

/** Milliseconds to wait before the same again, where the failure knows them. */
export function retryAfterMs(error: unknown): number | undefined {
  const cause = error instanceof Failure ? error.cause : undefined
  if (typeof cause !== 'object' || cause === null || !('retryAfterMs' in cause)) return undefined
  return typeof cause.retryAfterMs === 'number' ? cause.retryAfterMs : undefined
}

function tooMany(retryAfterMs: number): Failure {
  return new Failure('too_many_commits', 'the device commits too often', {
    remedy: 'retry',
    cause: { retryAfterMs },
  })
}
