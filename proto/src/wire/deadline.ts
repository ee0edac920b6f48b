import type { Clock } from '../clock.ts'
import type { Failure } from '../failure.ts'

/** Runs `work` with a signal that aborts with `late()` after `ms`, or with the outer signal. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  late: () => Failure,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  outer?.throwIfAborted()
  const done = new AbortController()
  const limit = new AbortController()
  clock.sleep(ms, done.signal).then(
    () => limit.abort(late()),
    () => undefined,
  )
  try {
    return await work(outer === undefined ? limit.signal : AbortSignal.any([outer, limit.signal]))
  } finally {
    done.abort()
  }
}
