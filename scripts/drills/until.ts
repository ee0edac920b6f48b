import { setTimeout as delay } from 'node:timers/promises'

/** Soon at first; then so seldom that no collector calls it too many requests. */
const againMs = { first: 100, most: 2_000 }
/** So often it is told what was seen last: whoever waits in vain shall know for what. */
const toldMs = 60_000

/** Looks again and again until it is so, and returns what was seen then; the runner's own limit ends it. */
export async function until<Seen>(
  look: () => Promise<Seen> | Seen,
  isSo: (seen: Seen) => boolean,
): Promise<Seen> {
  let waitMs = againMs.first
  for (let nextMs = performance.now() + toldMs; ; ) {
    const seen = await look()
    if (isSo(seen)) return seen
    if (performance.now() > nextMs) {
      console.error(`still waiting; seen last: ${JSON.stringify(seen)}`)
      nextMs += toldMs
    }
    await delay(waitMs)
    waitMs = Math.min(againMs.most, waitMs * 1.5)
  }
}
