/** A list of yes and no as bytes, least significant bit first. */
import type { Bytes } from '../bytes.ts'

export function packBits(bits: readonly boolean[]): Bytes {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  for (const [index, bit] of bits.entries()) {
    if (bit) bytes[index >> 3] = (bytes[index >> 3] as number) | (1 << (index & 7))
  }
  return bytes
}

/** False beyond the end. */
export function bitAt(bytes: Bytes, index: number): boolean {
  return (((bytes[index >> 3] ?? 0) >> (index & 7)) & 1) === 1
}
