/** Bytes in binary units with one decimal: `1.8 TiB`. */
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const

export function bytesText(bytes: number): string {
  let left = Math.max(0, bytes)
  let at = 0
  // 1023.95 would be written as 1024.0.
  while (left >= 1023.95 && at < units.length - 1) {
    left /= 1024
    at++
  }
  return at === 0 ? `${Math.round(left)} B` : `${left.toFixed(1)} ${units[at]}`
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `12 files`, `1 file`, `12,345 files`. */
export function counted(count: number, what: string, many = `${what}s`): string {
  return `${whole.format(count)} ${count === 1 ? what : many}`
}

export function numberText(count: number): string {
  return whole.format(count)
}

/** `3.1 ×` */
export function timesText(factor: number): string {
  return `${factor.toFixed(1)} ×`
}

/** A part of a whole as `97.2 %`. What is not quite all never reads as all. */
export function percentText(part: number): string {
  const percent = part * 100
  const shown = percent > 99.9 && percent < 100 ? 99.9 : percent < 0.1 && percent > 0 ? 0.1 : percent
  return `${shown === 100 || shown === 0 ? shown : shown.toFixed(1)} %`
}
