/** The session of one backup: it sends no faster than its rate, which may change with the time of day, and ends with it. */
import type { Clock } from '@backstay/proto/clock'
import type { Session } from '../link/session.ts'

/** So much may go at once: a rate is kept over seconds, not over milliseconds. */
const burstMs = 1000

/**
 * `rateNow`: bytes a second, undefined: as fast as it goes. `signal` ends every wait but that for the answer to a commit,
 * which may have counted.
 */
export function limitedSession(
  session: Session,
  clock: Clock,
  rateNow: () => number | undefined,
  signal: AbortSignal,
): Session {
  let freeAtMs = 0
  return {
    ...session,
    missing: ids => session.missing(ids, signal),
    flush: () => session.flush(signal),
    async put(id, stored) {
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
