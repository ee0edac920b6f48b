/** Keeps long-lived parts alive: one that fails is started again, later each time, and the others do not notice. */
import { isFailure } from '@backstay/proto/failure'
import { backoff, backoffMostMs } from '../link/backoff.ts'
import type { Log } from './log.ts'

export interface Part {
  readonly name: string
  /** Until it fails, or the signal ends it. */
  run(signal: AbortSignal): Promise<void>
  /** Waits before the next start; some things make a part try sooner. Rejects when aborted. */
  rest(ms: number, signal: AbortSignal): Promise<void>
  /** Told of what ended a run, for people who ask how it is. */
  failed(error: unknown): void
}

export interface Supervision {
  readonly random: () => number
  readonly now: () => number
  readonly log: Log
}

/** A part that lived so long begins anew with short waits. */
const provenMs = 60_000

/** Resolves when the signal has ended all parts. */
export async function supervise(
  parts: readonly Part[],
  around: Supervision,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(parts.map(part => keepAlive(part, around, signal)))
}

async function keepAlive(part: Part, { random, now, log }: Supervision, signal: AbortSignal): Promise<void> {
  const waits = backoff({ random })
  while (!signal.aborted) {
    const startedMs = now()
    try {
      await part.run(signal)
    } catch (error) {
      if (signal.aborted) return
      if (now() - startedMs > provenMs) waits.reset()
      // What will not heal by itself is still tried again, rarely: the collector may be mended, a right given back.
      const waitMs = isFailure(error) && error.remedy !== 'retry' ? backoffMostMs : waits.next(error)
      part.failed(error)
      log(isFailure(error) ? 'warn' : 'error', `${part.name} failed`, {
        ...errorFields(error),
        retryInMs: Math.round(waitMs),
      })
      await part.rest(waitMs, signal).catch(() => undefined)
    }
  }
}

export function errorFields(error: unknown): Record<string, unknown> {
  if (isFailure(error))
    return { code: error.code, message: error.message, ...(error.hint && { hint: error.hint }) }
  return {
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack : '',
  }
}
