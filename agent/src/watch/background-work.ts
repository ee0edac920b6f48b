/** Deeds that nobody waits for: an error of one is told, and the end waits for all. */
export interface BackgroundWork {
  add(work: Promise<unknown>): void
  settled(): Promise<void>
}

/** `failed` is told of every error but those that come of `signal`. */
export function backgroundWork(signal: AbortSignal, failed: (error: unknown) => void): BackgroundWork {
  const running = new Set<Promise<unknown>>()
  return {
    add(work) {
      const watched = work
        .catch(error => {
          if (!signal.aborted) failed(error)
        })
        .finally(() => running.delete(watched))
      running.add(watched)
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
