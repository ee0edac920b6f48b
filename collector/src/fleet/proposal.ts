/**
 * The next version of Trust while owners are still signing it: kept for the others, and believed by nobody. Only what an owner of today
 * signed is kept, so that nobody else can take its place.
 */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeEnvelope, signersOf } from '@backstay/proto/trust/envelope'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import { documentsOf, writeDocument } from '../catalog/documents.ts'
import type { Sql } from '../catalog/sql.ts'

const id = 'next'

/** Undefined when none waits, or when Trust went on without it. */
export async function readProposal(sql: Sql, trust: VerifiedTrust): Promise<Bytes | undefined> {
  const [kept] = await documentsOf(sql, trust.fleet, 'trust-proposal')
  if (kept === undefined) return undefined
  const envelope = Uint8Array.fromBase64(kept.body)
  return follows(envelope, trust) ? envelope : undefined
}

/** Throws `trust_gap` when it is not the next version of ours, `trust_threshold` when no owner signed it, `bad_trust`. */
export async function keepProposal(
  p: Primitives,
  sql: Sql,
  trust: VerifiedTrust,
  envelope: Bytes,
  nowMs: number,
): Promise<void> {
  if (!follows(envelope, trust))
    throw new Failure('trust_gap', `this does not follow version ${trust.document.version} of Trust`)
  const owners = trust.document.owners.map(({ key }) => key)
  if ((await signersOf(p, 'trust', decodeEnvelope(envelope), owners)).length === 0)
    throw new Failure('trust_threshold', 'no owner has signed this')
  await writeDocument(sql, trust.fleet, 'trust-proposal', {
    id,
    body: envelope.toBase64(),
    changedAtMs: nowMs,
  })
}

function follows(envelope: Bytes, { document, payloadHash }: VerifiedTrust): boolean {
  const { version, previous } = decodeTrust(decodeEnvelope(envelope).payload)
  return version === document.version + 1 && equalBytes(previous, payloadHash)
}
