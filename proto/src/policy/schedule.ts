/** When a device is to be backed up, and when it is to be left alone. Windows are in the local time of the device. */

export type Schedule =
  /** Seconds after a save: when nothing moved for `quietMs`, or `ceilingMs` after the first change if it never rests. */
  | { readonly kind: 'continuous'; readonly quietMs: number; readonly ceilingMs: number }
  | { readonly kind: 'every'; readonly everyMs: number }
  /** Once in each window. With `catchUp` a window that was slept through is made up for as soon as possible. */
  | { readonly kind: 'windows'; readonly windows: readonly Window[]; readonly catchUp: boolean }

/** In local time; one that ends before it begins ends on the next day, and days are those on which it begins. */
export interface Window {
  /** 0 is Sunday. */
  readonly days: readonly number[]
  /** Minutes since midnight, 0 to 1,439. */
  readonly fromMinute: number
  readonly toMinute: number
}

export interface Manners {
  /** On battery below this many percent nothing starts; 0: never mind. */
  readonly batteryPercentMin: number
  /** Whether backups run over links that are paid by the byte. */
  readonly onMetered: boolean
  /** The lowest that holds now counts. */
  readonly rates: readonly Rate[]
}

export interface Rate {
  readonly bytesPerSecond: number
  /** Undefined: always. */
  readonly window: Window | undefined
}

export const continuous = { kind: 'continuous', quietMs: 300, ceilingMs: 30_000 } as const satisfies Schedule

export const usualManners: Manners = { batteryPercentMin: 15, onMetered: false, rates: [] }

/** Undefined: as fast as it goes. */
export function rateAt({ rates }: Manners, nowMs: number): number | undefined {
  const now = rates.filter(({ window }) => window === undefined || isInside([window], nowMs))
  return now.length === 0 ? undefined : Math.min(...now.map(rate => rate.bytesPerSecond))
}

export interface Span {
  readonly startMs: number
  readonly endMs: number
}

export function isInside(windows: readonly Window[], nowMs: number): boolean {
  return windows.some(window => spans([window], nowMs, -1, 0).some(span => contains(span, nowMs)))
}

/** The newest window that has begun; undefined when there is none at all. */
export function lastBegun(windows: readonly Window[], nowMs: number): Span | undefined {
  const begun = spans(windows, nowMs, -7, 0).filter(span => span.startMs <= nowMs)
  return begun.sort((a, b) => b.startMs - a.startMs)[0]
}

export function nextToBegin(windows: readonly Window[], nowMs: number): Span | undefined {
  const coming = spans(windows, nowMs, 0, 8).filter(span => span.startMs > nowMs)
  return coming.sort((a, b) => a.startMs - b.startMs)[0]
}

const contains = ({ startMs, endMs }: Span, nowMs: number) => startMs <= nowMs && nowMs < endMs

/** Built from calendar fields, so that a day of 23 or 25 hours has its windows where the clock on the wall shows them. */
function spans(windows: readonly Window[], nowMs: number, fromDay: number, toDay: number): Span[] {
  const today = new Date(nowMs)
  const found: Span[] = []
  for (let offset = fromDay; offset <= toDay; offset++) {
    const at = (minute: number, daysLater = 0) =>
      new Date(
        today.getFullYear(),
        today.getMonth(),
        today.getDate() + offset + daysLater,
        0,
        minute,
      ).getTime()
    const day = new Date(at(0)).getDay()
    for (const { days, fromMinute, toMinute } of windows) {
      if (!days.includes(day)) continue
      found.push({ startMs: at(fromMinute), endMs: at(toMinute, toMinute > fromMinute ? 0 : 1) })
    }
  }
  return found
}
