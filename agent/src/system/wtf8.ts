/**
 * Names of Windows as bytes: 16-bit units become WTF-8 (https://wtf-8.codeberg.page), which is UTF-8 but for surrogates
 * that stand alone: those get three bytes each, so that every name comes back as it was.
 */
import type { Bytes } from '@backstay/proto/bytes'

const leadFirst = 0xd800
const trailFirst = 0xdc00
const trailLast = 0xdfff

/** The bytes of units that lie little-endian in memory. */
export function wtf8(units: Uint16Array): Bytes {
  const bytes = new Uint8Array(units.length * 3)
  let length = 0
  for (let index = 0; index < units.length; index++) {
    let point = units[index] as number
    const next = units[index + 1] ?? 0
    if (point >= leadFirst && point < trailFirst && next >= trailFirst && next <= trailLast) {
      point = 0x1_0000 + (point - leadFirst) * 0x400 + (next - trailFirst)
      index++
    }
    if (point < 0x80) bytes[length++] = point
    else if (point < 0x800) {
      bytes[length++] = 0xc0 | (point >> 6)
      bytes[length++] = 0x80 | (point & 63)
    } else if (point < 0x1_0000) {
      bytes[length++] = 0xe0 | (point >> 12)
      bytes[length++] = 0x80 | ((point >> 6) & 63)
      bytes[length++] = 0x80 | (point & 63)
    } else {
      bytes[length++] = 0xf0 | (point >> 18)
      bytes[length++] = 0x80 | ((point >> 12) & 63)
      bytes[length++] = 0x80 | ((point >> 6) & 63)
      bytes[length++] = 0x80 | (point & 63)
    }
  }
  return bytes.slice(0, length)
}

/**
 * Writes the units of WTF-8 bytes into `into` from `at` on and returns how many there are. Negative: the bytes are no
 * WTF-8 (a name from a Linux device may be anything), or do not fit.
 */
export function setUnits(into: Uint16Array, at: number, bytes: Bytes): number {
  let unit = at
  for (let index = 0; index < bytes.length; ) {
    const first = bytes[index] as number
    const more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3
    let point = more === 0 ? first : first & (0x3f >> more)
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return -1
    for (let step = 1; step <= more; step++) {
      const byte = bytes[index + step]
      if (byte === undefined || (byte & 0xc0) !== 0x80) return -1
      point = point * 64 + (byte & 63)
    }
    if (point < shortest[more] || point > 0x10_ffff) return -1
    // Two halves of a pair, each written alone, would come back as one character: no system writes them so.
    if (
      isTrail(point) &&
      unit > at &&
      more === 2 &&
      isLead(into[unit - 1] as number) &&
      wasAlone(bytes, index)
    )
      return -1
    index += more + 1
    if (unit + (more === 3 ? 2 : 1) > into.length) return -1
    if (more === 3) {
      into[unit++] = leadFirst + ((point - 0x1_0000) >> 10)
      into[unit++] = trailFirst + ((point - 0x1_0000) & 0x3ff)
    } else into[unit++] = point
  }
  return unit - at
}

/** The smallest point that is written with so many more bytes: anything below has a shorter form. */
const shortest: readonly [number, number, number, number] & Readonly<Record<number, number>> = [
  0, 0x80, 0x800, 0x1_0000,
]

const isLead = (unit: number): boolean => unit >= leadFirst && unit < trailFirst
const isTrail = (unit: number): boolean => unit >= trailFirst && unit <= trailLast

/** Whether the three bytes before `index` are a surrogate of their own. */
function wasAlone(bytes: Bytes, index: number): boolean {
  return bytes[index - 3] === 0xed
}
