import type { Clock } from './clock.ts'

/** Time that stands still until it is told to pass: tests wait for hours and take no time. */
export interface SimulatedClock extends Clock {
  /** Lets `ms` pass: everyone whose sleep ends meanwhile wakes in order, and what they start is begun before the next. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock without letting time pass, as a wrong or corrected clock does. */
  jumpTo(nowMs: number): void
  /** Sleepers now. */
  readonly sleeping: number
}

interface Sleeper {
  readonly wakesAt: number
  wake(): void
}

export function simulatedClock(startMs = Date.UTC(2026, 0, 1)): SimulatedClock {
  let passed = 0
  let offset = startMs
  const sleepers = new Set<Sleeper>()
  return {
    // Whole milliseconds, as wall clocks have them.
    now: () => Math.floor(offset + passed),
    monotonic: () => passed,
    jumpTo(nowMs) {
      offset = nowMs - passed
    },
    get sleeping() {
      return sleepers.size
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const give = () => {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        const sleeper = {
          wakesAt: passed + ms,
          wake() {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', give)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', give, { once: true })
      })
    },
    async advance(ms) {
      const until = passed + ms
      await settled()
      for (let next = first(sleepers, until); next !== undefined; next = first(sleepers, until)) {
        passed = Math.max(passed, next.wakesAt)
        next.wake()
        await settled()
      }
      passed = until
    },
  }
}

/** Of those that wake first the one that lay down first: a Set keeps that order. */
function first(sleepers: ReadonlySet<Sleeper>, until: number): Sleeper | undefined {
  let best: Sleeper | undefined
  for (const sleeper of sleepers) {
    if (sleeper.wakesAt <= until && (best === undefined || sleeper.wakesAt < best.wakesAt)) best = sleeper
  }
  return best
}

/** Lets everything run that does not wait for time. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
