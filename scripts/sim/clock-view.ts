import type { Clock } from '@backstay/proto/clock'
import type { SimulatedClock } from '@backstay/proto/simulated-clock'

export interface ClockView extends Clock {
  /** Somebody sets this machine's clock. */
  jump(ms: number): void
}

/** One machine's clock: it shows what it likes, and time passes for all alike. */
export function clockView(base: SimulatedClock): ClockView {
  let offset = 0
  return {
    now: () => base.now() + offset,
    monotonic: () => base.monotonic(),
    sleep: (ms, signal) => base.sleep(ms, signal),
    jump(ms) {
      offset += ms
    },
  }
}

/** For what only wakes every few seconds to write down who was seen: a month would take an hour. */
export function lazily(clock: Clock): Clock {
  const shortMs = 10_000
  return { ...clock, sleep: (ms, signal) => clock.sleep(ms < shortMs ? ms : 240 * ms, signal) }
}
