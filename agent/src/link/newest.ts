/** Holds a value until somebody takes it; one that comes meanwhile replaces it, so that nothing piles up. */
import { bell } from '@backstay/proto/wire/bell'

export interface Newest<T> {
  put(value: T): void
  /** Rejects with the signal's reason. */
  take(signal?: AbortSignal): Promise<T>
}

export function newest<T>(): Newest<T> {
  const arrived = bell()
  let waiting: { readonly value: T } | undefined
  return {
    put(value) {
      waiting = { value }
      arrived.ring()
    },
    async take(signal) {
      for (;;) {
        const taken = waiting
        waiting = undefined
        if (taken !== undefined) return taken.value
        await arrived.wait(signal)
      }
    },
  }
}
