/** Numbers as people read them. */

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `1.5 GiB` */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `256MiB`, as it is typed: in the largest unit in which it is a whole number. */
export function compactBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value > 0 && value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${value}` : `${value}${units[unit]}`
}

/** Bytes, or a whole number of KiB, MiB, GiB, TiB or PiB, as in `256MiB` or `2 gib`; undefined when it is neither. */
export function parseBytes(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,16}) ?([kmgtp]ib)?$/i.exec(text) ?? []
  if (digits === '') return undefined
  const power = unit === '' ? 0 : units.findIndex(known => known.toLowerCase() === unit.toLowerCase())
  const bytes = Number(digits) * 1024 ** power
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** `1 object`, `2 objects`. */
export function countText(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`
}

export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
