/**
 * Bytes as one line of text that people copy: `prefix` and base64url of version, payload and checksum. The checksum finds
 * a line that was cut or mangled on the way and says so; it proves nothing about who wrote it.
 */
import { type Bytes, base64url, concat, equalBytes, fromBase64url, u32le } from '../bytes.ts'
import { crc32 } from '../crc32.ts'
import type { Fields } from './fields.ts'

const version = 1
/** Far more than a token with eight addresses takes. */
const charactersMax = 32 * 1024

export function encodeTextCode(prefix: string, payload: Bytes): string {
  const body = concat(Uint8Array.of(version), payload)
  return prefix + base64url(concat(body, u32le(crc32(body))))
}

/** Ignores spaces and line breaks, which mail programs put in. Throws the `bad_…` of `fields`. */
export function decodeTextCode(prefix: string, text: string, fields: Fields): Bytes {
  if (text.length > charactersMax) throw fields.bad('it is too long')
  const compact = text.replaceAll(/\s+/g, '')
  if (!compact.startsWith(prefix)) throw fields.bad(`it does not begin with "${prefix}"`)
  const bytes = fromBase64url(compact.slice(prefix.length))
  if (bytes === undefined || bytes.length < 5)
    throw fields.bad('it is cut short or mistyped; copy it again, whole')
  const body = bytes.subarray(0, bytes.length - 4)
  if (!equalBytes(u32le(crc32(body)), bytes.subarray(bytes.length - 4))) {
    throw fields.bad('it is cut short or mistyped; copy it again, whole')
  }
  if (body[0] !== version) throw fields.bad(`its version ${body[0]} is not known to this program`)
  return body.subarray(1)
}
