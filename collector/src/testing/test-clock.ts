import type { Clock } from '@backstay/proto/clock'

export interface TestClock extends Clock {
  nowMs: number
}

/** Stands still until told; sleeping takes no time at all. */
export function testClock(nowMs: number): TestClock {
  const clock: TestClock = {
    nowMs,
    now: () => clock.nowMs,
    monotonic: () => clock.nowMs,
    async sleep(_ms, signal) {
      signal?.throwIfAborted()
      // Lets everything else go first, or a retry would spin.
      await new Promise(resolve => setImmediate(resolve))
    },
  }
  return clock
}
