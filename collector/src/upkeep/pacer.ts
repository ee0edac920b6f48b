import type { Clock } from '@backstay/proto/clock'

/** Waits as long as it takes to stay below a rate on average. Undefined: never waits. */
export function pacer(
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
  bytesPerSecond: number | undefined,
  signal?: AbortSignal,
): (bytes: number) => Promise<void> {
  const begun = clock.monotonic()
  let done = 0
  return async bytes => {
    if (bytesPerSecond === undefined) return
    done += bytes
    const ahead = (done / bytesPerSecond) * 1000 - (clock.monotonic() - begun)
    if (ahead > 0) await clock.sleep(ahead, signal)
  }
}
