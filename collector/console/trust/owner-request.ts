/**
 * What somebody hands over who shall become an owner: the public key that was made on the own machine, signed by itself. The secret one
 * is on paper, and was never anywhere else.
 *
 *     backstay owner request 1
 *     name: Berta
 *     key: 64 hexadecimal digits, Ed25519
 *     signature: base64, of all lines above
 */
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { wordsFrom } from '@backstay/proto/content/words'
import { Failure } from '@backstay/proto/failure'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { pastedLines } from '@backstay/proto/trust/pasted-lines'
import { fingerprintWords, requireName } from './admin-request.ts'

export interface OwnerRequest {
  readonly name: string
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  /** Seven words, for reading them to one another. */
  readonly fingerprint: string
}

const title = 'backstay owner request 1'

/** Throws `bad_name`. */
export async function makeOwnerRequest(name: string, key: SigningKey): Promise<string> {
  requireName(name)
  const body = bodyOf(name, key.publicKey)
  return `${body}signature: ${(await key.sign(utf8(body))).toBase64()}\n`
}

/** Throws `bad_request_file`, for one that is damaged or that its key did not sign. */
export async function readOwnerRequest(p: Primitives, text: string): Promise<OwnerRequest> {
  const lines = pastedLines(title, text, bad)
  const [name, key] = [lines.line('name'), lines.key('key')]
  requireName(name)
  const body = utf8(bodyOf(name, key))
  if (!(await p.verify(key, body, lines.signature('signature')))) throw bad('its key did not sign it')
  return { name, key, fingerprint: wordsFrom(await p.sha256(body), fingerprintWords).join(' ') }
}

function bodyOf(name: string, key: Bytes): string {
  return `${title}\nname: ${name}\nkey: ${hex(key)}\n`
}

function bad(why: string): Failure {
  return new Failure('bad_request_file', `this is no request of somebody who shall become an owner: ${why}`, {
    hint: 'it is made with: backstay owners request NAME',
  })
}
