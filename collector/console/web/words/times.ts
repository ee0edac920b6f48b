/** Times as people say them: `4 min ago`; the exact local time is shown beside. All in milliseconds. */
const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** `47 s`, `4 min`, `3 h`, `12 days`, `7 months`, `2 years`. Never more than what has passed. */
export function spanText(ms: number): string {
  const span = Math.max(0, ms)
  if (span < minuteMs) return `${Math.floor(span / secondMs)} s`
  if (span < 2 * hourMs) return `${Math.floor(span / minuteMs)} min`
  if (span < 2 * dayMs) return `${Math.floor(span / hourMs)} h`
  const days = Math.floor(span / dayMs)
  if (days < 61) return `${days} days`
  return days < 730 ? `${Math.floor(days / 30.44)} months` : `${Math.floor(days / 365.25)} years`
}

/** `45 min`, `1 h`, `1 h 30 min`. */
export function minutesText(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 || hours === 0 ? [`${rest} min`] : [])].join(' ')
}

/** `just now`, `4 min ago`, `in 3 h`. */
export function agoText(atMs: number, nowMs: number): string {
  const span = nowMs - atMs
  if (Math.abs(span) < 10 * secondMs) return 'just now'
  return span < 0 ? `in ${spanText(-span)}` : `${spanText(span)} ago`
}

/** `14:03`, `Tuesday 14:03`, or a date: what follows "since". */
export function sinceText(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`
  if (at.toDateString() === new Date(nowMs).toDateString()) return time
  if (Math.abs(nowMs - atMs) < 6 * dayMs) return `${weekdays[at.getDay()]} ${time}`
  return dateText(atMs)
}

export function dateText(atMs: number): string {
  const at = new Date(atMs)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** `2026-11-22 14:03:07 (Sunday, UTC+01:00)` by the clock of whoever looks. */
export function exactText(atMs: number): string {
  const at = new Date(atMs)
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  const offset = -at.getTimezoneOffset()
  const zone = `UTC${offset < 0 ? '−' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  return `${dateText(atMs)} ${time} (${weekdays[at.getDay()]}, ${zone})`
}

/** When a day begins by the clock of whoever looks; `days` later. Undefined: it is no `2026-11-22`. */
export function dayBeginsMs(text: string, days = 0): number | undefined {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (found === null) return undefined
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number]
  const at = new Date(year, month - 1, day)
  // The 31st of a month that has none is no day.
  return at.getMonth() === month - 1 && at.getDate() === day
    ? new Date(year, month - 1, day + days).getTime()
    : undefined
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const two = (value: number): string => String(value).padStart(2, '0')
