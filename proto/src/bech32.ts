/** Bech32 (BIP 173), whose checksum finds any four mistyped characters. Hides the library. */
import { bech32 } from '@scure/base'
import type { Bytes } from './bytes.ts'

/** In capitals, which fit the compact mode of a QR code. `prefix` includes no 1. */
export function encodeBech32(prefix: string, bytes: Bytes): string {
  return bech32.encode(prefix, bech32.toWords(bytes), false).toUpperCase()
}

/** The bytes behind exactly this prefix; undefined for anything mistyped, of mixed case or too long. */
export function decodeBech32(prefix: string, text: string, charactersMax: number): Bytes | undefined {
  try {
    const { prefix: found, words } = bech32.decode(text as `${string}1${string}`, charactersMax)
    return found.toUpperCase() === prefix.toUpperCase() ? bech32.fromWords(words) : undefined
  } catch {
    return undefined
  }
}
