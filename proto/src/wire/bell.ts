/** A place to wait for a change: whoever wakes looks for himself whether it is the change he waits for. */
export interface Bell {
  /** Wakes all who wait now. */
  ring(): void
  /** Rejects with the signal's reason when aborted. */
  wait(signal?: AbortSignal): Promise<void>
}

export function bell(): Bell {
  let waiting = new Set<() => void>()
  return {
    ring() {
      const woken = waiting
      waiting = new Set()
      for (const wake of woken) wake()
    },
    wait(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const give = () => {
          waiting.delete(wake)
          reject(signal?.reason)
        }
        const wake = () => {
          signal?.removeEventListener('abort', give)
          resolve()
        }
        waiting.add(wake)
        signal?.addEventListener('abort', give, { once: true })
      })
    },
  }
}
