/** A stretch of time on a line of so many pixels: where a moment stands, and what zooming and moving make of the stretch. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/** Closer than this nothing more is seen. */
const closestMs = 10 * 60_000

export function placeOf(atMs: number, { fromMs, toMs }: Stretch, width: number): number {
  return ((atMs - fromMs) / (toMs - fromMs)) * width
}

/** `part`: where the pointer is, 0 to 1; that moment stays where it is. */
export function zoomed({ fromMs, toMs }: Stretch, factor: number, part: number, limits: Stretch): Stretch {
  const span = Math.min(limits.toMs - limits.fromMs, Math.max(closestMs, (toMs - fromMs) * factor))
  const pivot = fromMs + (toMs - fromMs) * part
  return within({ fromMs: pivot - span * part, toMs: pivot + span * (1 - part) }, limits)
}

export function moved({ fromMs, toMs }: Stretch, byMs: number, limits: Stretch): Stretch {
  return within({ fromMs: fromMs + byMs, toMs: toMs + byMs }, limits)
}

function within({ fromMs, toMs }: Stretch, limits: Stretch): Stretch {
  const span = Math.min(toMs - fromMs, limits.toMs - limits.fromMs)
  const from = Math.min(Math.max(fromMs, limits.fromMs), limits.toMs - span)
  return { fromMs: from, toMs: from + span }
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const steps = [
  10 * minuteMs,
  hourMs,
  6 * hourMs,
  dayMs,
  2 * dayMs,
  7 * dayMs,
  14 * dayMs,
  30 * dayMs,
  91 * dayMs,
  365 * dayMs,
]

export interface AxisMark {
  readonly atMs: number
  readonly text: string
}

/** At most `most` marks at round local times. */
export function marksOf({ fromMs, toMs }: Stretch, most: number): AxisMark[] {
  const span = toMs - fromMs
  const step = steps.find(one => span / one <= most) ?? Math.ceil(span / most / dayMs) * dayMs
  const zone = new Date(fromMs).getTimezoneOffset() * minuteMs
  const marks: AxisMark[] = []
  for (let at = Math.ceil((fromMs - zone) / step) * step + zone; at <= toMs; at += step) {
    marks.push({
      atMs: at,
      text: step < dayMs ? time.format(at) : step < 91 * dayMs ? day.format(at) : month.format(at),
    })
  }
  return marks
}

const time = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const month = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric' })
