/** A session that sends no faster than its rate, which may change with the time of day. */
import type { Clock } from '@backstay/proto/clock'
import type { Session } from '../link/session.ts'

/** So much may go at once: a rate is kept over seconds, not over milliseconds. */
const burstMs = 1000

/** `rateNow`: bytes a second, undefined: as fast as it goes. */
export function limitedSession(session: Session, clock: Clock, rateNow: () => number | undefined): Session {
  let freeAtMs = 0
  return {
    ...session,
    async put(id, stored, signal) {
      const rate = rateNow()
      if (rate !== undefined) {
        const nowMs = clock.monotonic()
        freeAtMs = Math.max(freeAtMs, nowMs - burstMs) + (stored.length * 1000) / rate
        if (freeAtMs > nowMs) await clock.sleep(freeAtMs - nowMs, signal)
      }
      await session.put(id, stored, signal)
    },
  }
}
