/**
 * JSON with the hash of its content before it: `<64 hexadecimal digits>\n<JSON>\n`. Without it, one turned bit in a key
 * would make another key, and nobody would notice before the restore.
 */
import { type Bytes, fromUtf8, hex, utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'

/** Where something was read, for messages. */
export interface Place {
  /** Such as `"/var/lib/backstay/identity/head.json"`. */
  readonly what: string
  readonly hint: string
  /** The code of the failure; `identity_damaged` unless said. */
  readonly code?: string
}

const digits = 64

export async function checkedJson(p: Primitives, content: unknown): Promise<Bytes> {
  const json = `${JSON.stringify(content)}\n`
  return utf8(`${hex(await p.sha256(utf8(json)))}\n${json}`)
}

/** Throws the place's code. */
export async function readChecked(p: Primitives, place: Place, bytes: Bytes): Promise<unknown> {
  const json = bytes.subarray(digits + 1)
  const expected = `${hex(await p.sha256(json))}\n`
  try {
    if (fromUtf8(bytes.subarray(0, digits + 1)) === expected) return JSON.parse(fromUtf8(json))
  } catch {
    // Not text, not JSON: the same damage as a wrong hash.
  }
  throw damaged(place, 'it is damaged or half-written')
}

export function damaged(place: Place, why: string): Failure {
  return new Failure(place.code ?? 'identity_damaged', `${place.what} cannot be used: ${why}`, {
    remedy: 'repair',
    hint: place.hint,
  })
}
