/**
 * What this platform does with large buffers that are freed, for threads that make many. Apart from load-background.ts, which loads
 * what no thread has a use for.
 */

export interface Buffers {
  /**
   * From the first time on they stay for the next of their kind. Told of each, by its bytes: now and then what is free between those
   * in use goes back.
   */
  keep(bytes: number): void
  /** Those that are free go back to the system, and all later ones at once. */
  giveBack(): void
}

/** Buffers of many sizes leave gaps, up to 20 MB of them in a backup; to look for them takes 3 ms. */
const trimEach = 128 * 1024 * 1024

const asTheyAre: Buffers = { keep: () => undefined, giveBack: () => undefined }

/** Throws `no_system_calls`. */
export async function loadBuffers(platform: string = process.platform): Promise<Buffers> {
  if (platform !== 'linux') return asTheyAre
  const [{ loadLinuxCalls }, { keepBuffers, giveBuffersBack }] = await Promise.all([
    import('./linux-calls.ts'),
    import('./linux-memory.ts'),
  ])
  const calls = await loadLinuxCalls()
  let passed = Number.POSITIVE_INFINITY
  return {
    keep(bytes) {
      passed += bytes
      if (passed < trimEach) return
      passed = 0
      keepBuffers(calls)
      calls.malloc_trim(0)
    },
    giveBack() {
      passed = Number.POSITIVE_INFINITY
      giveBuffersBack(calls)
    },
  }
}
