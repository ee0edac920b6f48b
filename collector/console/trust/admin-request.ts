/**
 * What somebody hands over who shall become an admin: public keys that were made on his machine, signed by themselves. His secret
 * keys never leave it. Who adds him compares the words of the fingerprint with him, on another way than the request came.
 *
 *     backstay admin request 1
 *     name: Berta
 *     key: 64 hexadecimal digits, Ed25519
 *     recipient: age1pq1…
 *     signature: base64, of all lines above
 */
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { recipientOf } from '@backstay/proto/content/age'
import { wordsFrom } from '@backstay/proto/content/words'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { isName, nameBytesMax } from '@backstay/proto/trust/key-fields'
import { pastedLines } from '@backstay/proto/trust/pasted-lines'
import type { AdminKey } from '../admin-key.ts'

export interface AdminRequest {
  readonly name: string
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  /** `age1pq1…` */
  readonly recipient: string
  /** Six words, for reading them to one another. */
  readonly fingerprint: string
}

const title = 'backstay admin request 1'
/** 77 bits: nobody makes a second key with the same words. */
export const fingerprintWords = 7

/** Throws `bad_name`. */
export async function makeRequest(p: Primitives, name: string, key: AdminKey): Promise<string> {
  requireName(name)
  const signer = await p.signingKey(key.seed)
  const body = bodyOf({ name, key: signer.publicKey, recipient: await recipientOf(key.identity) })
  return `${body}signature: ${(await signer.sign(utf8(body))).toBase64()}\n`
}

/** Throws `bad_request_file`, for one that is damaged or that its key did not sign. */
export async function readRequest(p: Primitives, text: string): Promise<AdminRequest> {
  const lines = pastedLines(title, text, bad)
  const [name, recipient] = [lines.line('name'), lines.line('recipient')]
  requireName(name)
  const key = lines.key('key')
  if (!/^age1pq1[a-z0-9]{100,4000}$/.test(recipient)) throw bad('its recipient is none')
  const body = utf8(bodyOf({ name, key, recipient }))
  if (!(await p.verify(key, body, lines.signature('signature')))) throw bad('its key did not sign it')
  return { name, key, recipient, fingerprint: wordsFrom(await p.sha256(body), fingerprintWords).join(' ') }
}

function bodyOf({ name, key, recipient }: Pick<AdminRequest, 'name' | 'key' | 'recipient'>): string {
  return `${title}\nname: ${name}\nkey: ${hex(key)}\nrecipient: ${recipient}\n`
}

/** Throws `bad_name`. */
export function requireName(name: string): void {
  if (name.trim() === name && isName(name)) return
  throw new Failure('bad_name', `a name must have 1 to ${nameBytesMax} printable bytes`)
}

function bad(why: string): Failure {
  return new Failure('bad_request_file', `this is no request of somebody who shall become an admin: ${why}`, {
    hint: 'it is made with: backstay admins request NAME',
  })
}
