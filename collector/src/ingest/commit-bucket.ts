/** A token bucket for each device: so many commits at once, so many a minute for good. */
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { IngestLimits } from './limits.ts'

export interface CommitBucket {
  /** Throws `too_many_commits`; the agent puts its changes into a later commit. */
  take(device: DeviceId): void
  /** Devices that go on committing whatever they are told, and how many commits were refused to each since. */
  floods(): readonly CommitFlood[]
}

export interface CommitFlood {
  readonly device: DeviceId
  readonly refused: number
}

/**
 * A device that is refused waits as long as it is told, so the busiest of our agents is refused twice a minute. Refusals
 * drain away at ten a minute; so many beyond that are a flood, which ends when all of them have drained.
 */
const floodRefusals = 300
const refusalDrainMs = 6_000

interface Bucket {
  readonly tokens: number
  readonly atMs: number
  /** Those that have not drained yet, and all since there were none. */
  readonly refusals: number
  readonly refused: number
  readonly isFlood: boolean
}

const noRefusals = { refused: 0, isFlood: false }

/** `monotonicMs`: milliseconds that only grow. A restart fills all buckets, which nobody can bring about from outside. */
export function commitBucket(
  limits: Pick<IngestLimits, 'commitBurst' | 'commitRefillMs'>,
  monotonicMs: () => number,
): CommitBucket {
  const buckets = new Map<DeviceId, Bucket>()

  function later(bucket: Bucket, nowMs: number): Bucket {
    const passedMs = nowMs - bucket.atMs
    const refusals = Math.max(0, bucket.refusals - passedMs / refusalDrainMs)
    return {
      tokens: Math.min(limits.commitBurst, bucket.tokens + passedMs / limits.commitRefillMs),
      atMs: nowMs,
      refusals,
      ...(refusals === 0 ? noRefusals : { refused: bucket.refused, isFlood: bucket.isFlood }),
    }
  }

  return {
    take(device) {
      const nowMs = monotonicMs()
      const full = { tokens: limits.commitBurst, atMs: nowMs, refusals: 0, ...noRefusals }
      const now = later(buckets.get(device) ?? full, nowMs)
      if (now.tokens >= 1) {
        buckets.set(device, { ...now, tokens: now.tokens - 1 })
        return
      }
      const refusals = Math.min(floodRefusals * 2, now.refusals + 1)
      const isFlood = now.isFlood || refusals >= floodRefusals
      buckets.set(device, { ...now, refusals, refused: now.refused + 1, isFlood })
      throw tooMany(Math.ceil((1 - now.tokens) * limits.commitRefillMs))
    },
    floods() {
      const nowMs = monotonicMs()
      return [...buckets].flatMap(([device, bucket]) => {
        const { isFlood, refused } = later(bucket, nowMs)
        return isFlood ? [{ device, refused }] : []
      })
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
