/**
 * What this platform does with large buffers that are freed, for threads that make many. Apart from load-background.ts, which loads
 * what no thread has a use for.
 */

export interface Buffers {
  /** From now on they stay for the next of their kind. */
  keep(): void
  /** Those that are free go back to the system, and all later ones at once. */
  giveBack(): void
}

const asTheyAre: Buffers = { keep: () => undefined, giveBack: () => undefined }

/** Throws `no_system_calls`. */
export async function loadBuffers(platform: string = process.platform): Promise<Buffers> {
  if (platform !== 'linux') return asTheyAre
  const [{ loadLinuxCalls }, { keepBuffers, giveBuffersBack }] = await Promise.all([
    import('./linux-calls.ts'),
    import('./linux-memory.ts'),
  ])
  const calls = await loadLinuxCalls()
  return { keep: () => keepBuffers(calls), giveBack: () => giveBuffersBack(calls) }
}
