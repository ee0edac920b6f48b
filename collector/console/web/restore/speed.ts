/** How long a restore will take, from how long those before it took in this browser. An estimate, and said as one. */

/** What small files cost is their number, what large ones cost is their bytes. */
export interface Speed {
  readonly bytesPerSecond?: number
  readonly entriesPerSecond?: number
}

export interface Amount {
  readonly entries: number
  readonly bytes: number
}

/** Before anything was measured: less than what an office computer does. */
export const usualSpeed: Required<Speed> = { bytesPerSecond: 30 * 1024 * 1024, entriesPerSecond: 1000 }

/** Of entries that are smaller on the average, a restore says how fast entries are; of others, how fast bytes are. */
const smallBytes = 64 * 1024
/** What took less says nothing. */
const measuredMs = 1000

/** `before` with what one more restore showed: half of each, so that one slow evening does not stay. */
export function measured(before: Speed, { entries, bytes }: Amount, tookMs: number): Speed {
  if (tookMs < measuredMs || entries === 0) return before
  const name = bytes / entries < smallBytes ? 'entriesPerSecond' : 'bytesPerSecond'
  const now = ((name === 'entriesPerSecond' ? entries : bytes) * 1000) / tookMs
  const was = before[name] ?? now
  return { ...before, [name]: (was + now) / 2 }
}

export function estimateMs({ entries, bytes }: Amount, speed: Speed): number {
  const { bytesPerSecond, entriesPerSecond } = { ...usualSpeed, ...speed }
  return (bytes / bytesPerSecond + entries / entriesPerSecond) * 1000
}

/** `a few seconds`, `about 40 s`, `about 3 min`, `about 5 h`: rounded up, and no more exact than it is. */
export function estimateText(ms: number): string {
  if (ms < 5_000) return 'a few seconds'
  if (ms < 95_000) return `about ${Math.ceil(ms / 10_000) * 10} s`
  if (ms < 100 * 60_000) return `about ${Math.ceil(ms / 60_000)} min`
  return `about ${Math.ceil(ms / 3_600_000)} h`
}

/** Until the rest has come; undefined: nothing moves. `rate`: bytes a second. */
export function leftMs(bytes: number, rate: number): number | undefined {
  return rate > 0 ? (Math.max(0, bytes) / rate) * 1000 : undefined
}

/** `40 s`, `3 min`. */
export function leftText(ms: number): string {
  return ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`
}

/** `of`: `zip`, or a device that restores itself. */
export function knownSpeed(of: string): Speed {
  try {
    const { bytesPerSecond, entriesPerSecond } = JSON.parse(
      localStorage.getItem(placeOf(of)) ?? '{}',
    ) as Speed
    return {
      ...(isSpeed(bytesPerSecond) && { bytesPerSecond }),
      ...(isSpeed(entriesPerSecond) && { entriesPerSecond }),
    }
  } catch {
    return {}
  }
}

export function rememberSpeed(of: string, amount: Amount, tookMs: number): void {
  localStorage.setItem(placeOf(of), JSON.stringify(measured(knownSpeed(of), amount, tookMs)))
}

const placeOf = (of: string) => `speed ${of}`

function isSpeed(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}
