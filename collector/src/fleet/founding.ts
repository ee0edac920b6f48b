/**
 * The birth of a fleet: whoever holds the set-up code that the collector printed brings Trust version 1 and what belongs
 * to it. The collector takes part in nothing else: it learns public things only.
 */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeEnvelope, kindOf, type PayloadKind } from '@backstay/proto/trust/envelope'
import { type TrustDocument, type VerifiedTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import type { Found, Hello } from '@backstay/proto/wire/frame'
import { verifyRecord } from './records.ts'

/** How this collector is known: what Trust must name, or no agent would ever accept it. */
export interface OwnIdentity {
  /** Ed25519 public key. */
  readonly key: Bytes
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo. */
  readonly spkiPin: Bytes
}

/** Whether Trust names it. */
export function isNamed({ collectors }: TrustDocument, { key, spkiPin }: OwnIdentity): boolean {
  const named = collectors.find(collector => equalBytes(collector.key, key))
  return named?.spkiPins.some(pin => equalBytes(pin, spkiPin)) === true
}

export interface Founding {
  readonly trust: VerifiedTrust
  /** Public key of the founder, an owner or admin. */
  readonly founder: Bytes
  /** What comes after Trust, verified. */
  readonly records: readonly Bytes[]
}

const alongside: readonly PayloadKind[] = ['keyring', 'policy', 'grant']

/**
 * The set-up code was compared before. Changes nothing. Throws `wrong_fleet`, `bad_founding` when the records do not found
 * a fleet on this collector, and what the verification of each record throws.
 */
export async function readFounding(
  p: Primitives,
  own: OwnIdentity,
  nowMs: number,
  hello: Hello,
  { records }: Found,
): Promise<Founding> {
  const [first, ...rest] = records
  if (first === undefined) throw badFounding('it brings no Trust document')
  const trust = await verifyTrustChain(p, [first], hello.fleet)
  const { owners, admins } = trust.document
  if (!isNamed(trust.document, own)) {
    throw badFounding('its Trust document does not name this collector with its key and pin')
  }
  for (const { key } of [...owners, ...admins]) {
    if (!equalBytes(await p.sha256(key), hello.keyId)) continue
    for (const envelope of rest) {
      if (!alongside.includes(kindOf(decodeEnvelope(envelope)))) throw badFounding('it brings other records')
      await verifyRecord(p, envelope, { trust, nowMs })
    }
    return { trust, founder: key, records: rest }
  }
  throw badFounding('the founder is neither owner nor admin in it')
}

function badFounding(why: string): Failure {
  return new Failure('bad_founding', `this founds no fleet here: ${why}`)
}
