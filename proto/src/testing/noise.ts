/** Bytes without any pattern, the same for the same number. */
import { createCipheriv } from 'node:crypto'
import type { Bytes } from '../bytes.ts'

export function noise(number: number, length: number): Bytes {
  const key = new Uint8Array(16)
  new DataView(key.buffer).setUint32(0, number, true)
  return Uint8Array.from(
    createCipheriv('aes-128-ctr', key, new Uint8Array(16)).update(new Uint8Array(length)),
  )
}
