import type { Clock } from '@backstay/proto/clock'

export interface PassingClock extends Clock {
  /** Lets so much time pass at once; who sleeps that long wakes. */
  pass(ms: number): void
}

/** The machine's time, to which tests add: what works in threads and sockets takes its time, and months take none. */
export function passingClock(startMs: number): PassingClock {
  const begun = performance.now()
  let added = 0
  const sleepers = new Set<() => void>()
  const monotonic = () => performance.now() - begun + added
  return {
    monotonic,
    now: () => Math.floor(startMs + monotonic()),
    pass(ms) {
      added += ms
      for (const look of [...sleepers]) look()
    },
    sleep(ms, signal) {
      const wakesAt = monotonic() + ms
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        let timer: NodeJS.Timeout | undefined
        const end = (settle: () => void) => {
          clearTimeout(timer)
          sleepers.delete(look)
          signal?.removeEventListener('abort', give)
          settle()
        }
        const give = () => end(() => reject(signal?.reason))
        const look = () => {
          const left = wakesAt - monotonic()
          if (left <= 0) return end(resolve)
          clearTimeout(timer)
          timer = setTimeout(look, Math.min(left, 2 ** 31 - 1))
        }
        sleepers.add(look)
        signal?.addEventListener('abort', give, { once: true })
        look()
      })
    },
  }
}
