/** Signed records as the API gives them. Read here for showing, not believed: whoever signs or opens something verifies. */
import { decodeEnvelope } from '@backstay/proto/trust/envelope'

export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
}

export function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
}

/** What an envelope holds; undefined for what this version cannot read. */
export function shownRecord<Record>(
  envelope: string,
  decode: (payload: Uint8Array) => Record,
): Record | undefined {
  try {
    return decode(decodeEnvelope(bytesOfBase64(envelope)).payload)
  } catch {
    return undefined
  }
}
