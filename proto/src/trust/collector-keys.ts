/**
 * The keys that a collector made for the time after those of today, as it hands them to an admin: public, signed by the key that
 * comes and by the one that goes, so that a text of another collector, or of nobody, is found before an owner signs it.
 *
 *     backstay collector keys 1
 *     key: 64 hexadecimal digits, Ed25519
 *     pin: 64 hexadecimal digits, SHA-256 of the TLS key's SubjectPublicKeyInfo
 *     signature: base64, of the lines above by that key
 *     vouched: base64, of the same by the key of today
 */
import { type Bytes, hex, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { pastedLines } from './pasted-lines.ts'
import type { TrustedCollector } from './trust-shape.ts'

export interface CollectorKeys {
  readonly key: SigningKey
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo. */
  readonly spkiPin: Bytes
}

const title = 'backstay collector keys 1'

export async function writeCollectorKeys(next: CollectorKeys, today: SigningKey): Promise<string> {
  const body = bodyOf(next.key.publicKey, next.spkiPin)
  const [signature, vouched] = [await next.key.sign(utf8(body)), await today.sign(utf8(body))]
  return `${body}signature: ${signature.toBase64()}\nvouched: ${vouched.toBase64()}\n`
}

/** As Trust names the collector that vouches, and as it is to name it. Throws `bad_collector_keys` unless one of the collectors of today vouched for them. */
export async function readCollectorKeys(
  p: Primitives,
  text: string,
  today: readonly TrustedCollector[],
): Promise<{ readonly today: TrustedCollector; readonly next: TrustedCollector }> {
  const lines = pastedLines(title, text, bad)
  const [key, pin] = [lines.key('key'), lines.key('pin')]
  const body = utf8(bodyOf(key, pin))
  if (!(await p.verify(key, body, lines.signature('signature')))) throw bad('its key did not sign it')
  const vouched = lines.signature('vouched')
  const next = { key, spkiPins: [pin], binding: 'tls_exporter' } as const
  for (const one of today) if (await p.verify(one.key, body, vouched)) return { today: one, next }
  throw bad('no collector of this fleet vouches for it')
}

/** To be compared by eye: in the terminal of the collector, and before it is signed. */
export async function collectorKeysFingerprint(
  p: Primitives,
  { key, spkiPins }: Pick<TrustedCollector, 'key' | 'spkiPins'>,
): Promise<string> {
  const digits = hex(await p.sha256(utf8(bodyOf(key, spkiPins[0] ?? new Uint8Array()))))
  return (digits.slice(0, 32).match(/.{4}/g) ?? []).join(' ')
}

function bodyOf(key: Bytes, pin: Bytes): string {
  return `${title}\nkey: ${hex(key)}\npin: ${hex(pin)}\n`
}

function bad(why: string): Failure {
  return new Failure('bad_collector_keys', `these are no new keys of a collector of this fleet: ${why}`, {
    hint: 'they are made on the collector with: backstay-collector next-keys',
  })
}
