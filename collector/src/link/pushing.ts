/**
 * Orders about policy, and jobs, on their way to devices that are connected. What changed is sent as soon as it is durable; not to
 * thousands at once, because each of them answers and may begin to read its disk.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'

export interface PushTarget {
  /** What concerns it now: the same bytes objects as long as nothing changed. */
  envelopes(): Promise<readonly Bytes[]>
  /** Resolves when the link has taken it; a link that is dead ends by itself. */
  send(envelopes: readonly Bytes[]): Promise<void>
}

export interface Pushing {
  /** From now on, until it is disposed of. `shown`: what it was shown already. */
  add(target: PushTarget, shown: readonly Bytes[]): Disposable
  /** Somebody may have to be shown something else. */
  changed(): void
  /** Resolves when nothing is under way. */
  close(): Promise<void>
}

interface Entry {
  readonly target: PushTarget
  shown: readonly Bytes[]
  isSending: boolean
}

/** 250 devices a second: a thousand within four, and the first at once. */
export const pushesAtOnce = 25
export const pushPauseMs = 100

export function pushing(clock: Pick<Clock, 'sleep'>, failed: (error: unknown) => void): Pushing {
  const entries = new Set<Entry>()
  const closing = new AbortController()
  let running: Promise<void> | undefined
  let isStale = false

  /** Whether anything was sent. */
  async function push(entry: Entry): Promise<boolean> {
    if (entry.isSending || !entries.has(entry)) return false
    const envelopes = await entry.target.envelopes()
    if (entry.isSending || isSame(envelopes, entry.shown)) return false
    entry.shown = envelopes
    entry.isSending = true
    // One slow link holds up nobody; what changed meanwhile follows behind it.
    void entry.target
      .send(envelopes)
      .catch(() => entries.delete(entry))
      .finally(() => {
        entry.isSending = false
        void push(entry).catch(failed)
      })
    return true
  }

  async function round(): Promise<void> {
    let sent = 0
    for (const entry of [...entries]) {
      if (closing.signal.aborted) return
      if (!(await push(entry)) || ++sent % pushesAtOnce !== 0) continue
      await clock.sleep(pushPauseMs, closing.signal)
    }
  }

  async function rounds(): Promise<void> {
    while (isStale && !closing.signal.aborted) {
      isStale = false
      await round()
    }
  }

  return {
    add(target, shown) {
      const entry: Entry = { target, shown, isSending: false }
      entries.add(entry)
      // Something may have changed between its Welcome and now.
      void push(entry).catch(failed)
      return { [Symbol.dispose]: () => void entries.delete(entry) }
    },
    changed() {
      isStale = true
      running ??= rounds()
        .catch(error => (closing.signal.aborted ? undefined : failed(error)))
        .finally(() => {
          running = undefined
        })
    },
    async close() {
      closing.abort()
      entries.clear()
      await running
    },
  }
}

/** The fleet gives the same bytes objects as long as nothing changed. */
function isSame(a: readonly Bytes[], b: readonly Bytes[]): boolean {
  return a.length === b.length && a.every((bytes, index) => bytes === b[index])
}
