/**
 * SQLite gathers changes in a log beside the database and writes them back when the log has grown to its limit. After one
 * backup it would stay as large as that backup made it until the next comes. So when nothing was written for a moment,
 * the log is written back and cut to nothing.
 */
import type { Clock } from '@backstay/proto/clock'

export interface WriteBack {
  /** Something was written. */
  wrote(): void
  /** Nothing is done from now on. */
  stop(): void
}

/** Long enough not to stand between two commits of one busy minute, short enough for whoever looks at the folder. */
const quietMs = 1000

/** `deed` writes back and never throws. */
export function writeBackWhenQuiet(clock: Pick<Clock, 'sleep'>, deed: () => Promise<void>): WriteBack {
  const stopped = new AbortController()
  let writes = 0
  let watching = false

  async function watch(): Promise<void> {
    let before = -1
    while (before !== writes) {
      before = writes
      await clock.sleep(quietMs, stopped.signal)
    }
    watching = false
    await deed()
  }

  return {
    wrote() {
      writes++
      if (watching || stopped.signal.aborted) return
      watching = true
      // Only stopping ends a sleep.
      watch().catch(() => undefined)
    },
    stop: () => stopped.abort(),
  }
}
