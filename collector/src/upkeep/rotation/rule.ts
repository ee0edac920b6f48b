/**
 * How fast stored bytes are read again, as numbers alone.
 *
 * A pack is left alone for the first 40 % of the period. Then it waits in a queue that is worked off at the rate at which
 * all that is stored takes another 40 %. So even what was written in one day is read within 80 % of the period, and the
 * rest of it is there for days on which backups press or the collector is off.
 */
const part = 0.4
/** A disk of a small server gives five times as much. */
export const bytesPerSecondMax = 20 * 1024 * 1024
/** Of the time, whatever the rate is: a slow disk is not kept busy. */
export const timeShareMax = 0.2
/** So much older than the period, and somebody must look. */
const lateFactor = 1.5

/** Bytes known to be whole since this moment are left alone. */
export function dueBefore(nowMs: number, periodMs: number): number {
  return nowMs - part * periodMs
}

/** How long to rest after `bytes` were read in `tookMs`, when `storedBytes` are stored. */
export function restMs(
  { bytes, tookMs }: { readonly bytes: number; readonly tookMs: number },
  { storedBytes, periodMs }: { readonly storedBytes: number; readonly periodMs: number },
): number {
  const rateMs = Math.min(bytesPerSecondMax / 1000, storedBytes / (part * periodMs))
  const byRate = rateMs > 0 ? bytes / rateMs - tookMs : 0
  const byShare = tookMs * (1 / timeShareMax - 1)
  // Never longer than the queue may take altogether, however odd the figures.
  return Math.min(Math.max(byRate, byShare, 0), part * periodMs)
}

export function isLate(ageMs: number, periodMs: number): boolean {
  return ageMs > lateFactor * periodMs
}
