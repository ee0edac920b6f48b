/** Byte helpers that work alike in Node and in a browser. */

export type Bytes = Uint8Array

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
export const utf8 = (text: string): Bytes => encoder.encode(text)

/** Throws a TypeError when the bytes are not UTF-8. */
export const fromUtf8 = (bytes: Bytes): string => decoder.decode(bytes)

export const hex = (bytes: Bytes): string => bytes.toHex()

/** Parses lower or upper case hexadecimal; undefined when the text is not hexadecimal. */
export function fromHex(text: string): Bytes | undefined {
  try {
    return Uint8Array.fromHex(text)
  } catch {
    return undefined
  }
}

export function concat(...parts: readonly Bytes[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Orders as memcmp does, the shorter first when one is a prefix of the other. */
export function compareBytes(a: Bytes, b: Bytes): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function equalBytes(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && compareBytes(a, b) === 0
}

export function isZeros(bytes: Bytes): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}

/** Takes the same time whatever the bytes; for tags and check values. */
export function equalSecret(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

export function startsWith(bytes: Bytes, prefix: Bytes): boolean {
  for (let index = 0; index < prefix.length; index++) if (bytes[index] !== prefix[index]) return false
  return true
}

/** How many bytes both begin with. */
export function sharedLength(a: Bytes, b: Bytes): number {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a[at] === b[at]) at++
  return at
}

export function u32le(value: number): Bytes {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

export function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const base64Options = { alphabet: 'base64url', omitPadding: true } as const

export const base64url = (bytes: Bytes): string => bytes.toBase64(base64Options)

/** Undefined when the text is not base64url. */
export function fromBase64url(text: string): Bytes | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url' })
  } catch {
    return undefined
  }
}
