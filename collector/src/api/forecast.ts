/** When the disk is full if it goes on like the last weeks. */

/** Stored bytes at a time. */
export interface Filled {
  readonly atMs: number
  readonly storedBytes: number
}

const dayMs = 86_400_000
/** Less says more about one large laptop than about the fleet. */
const spanMsMin = 3 * dayMs
/** Beyond it nobody buys a disk. */
const horizonMs = 10 * 365 * dayMs

/** Undefined: nobody can know yet, or it does not grow. By least squares, so that one day's jump does not decide. */
export function fullAtMs(filled: readonly Filled[], freeBytes: number, nowMs: number): number | undefined {
  const [first] = filled
  const last = filled.at(-1)
  if (first === undefined || last === undefined || last.atMs - first.atMs < spanMsMin) return undefined
  const mean = (of: (one: Filled) => number) => filled.reduce((sum, one) => sum + of(one), 0) / filled.length
  const meanAtMs = mean(one => one.atMs)
  const meanBytes = mean(one => one.storedBytes)
  const spread = filled.reduce((sum, one) => sum + (one.atMs - meanAtMs) ** 2, 0)
  const joint = filled.reduce((sum, one) => sum + (one.atMs - meanAtMs) * (one.storedBytes - meanBytes), 0)
  const bytesPerMs = joint / spread
  if (!(bytesPerMs > 0)) return undefined
  const leftMs = freeBytes / bytesPerMs
  return leftMs > horizonMs ? undefined : Math.round(nowMs + leftMs)
}
