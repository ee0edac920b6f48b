/**
 * Which Trust document to believe. Version 1 is the fleet: its payload's hash is the fleet id, which tokens and kits
 * carry. Every later version is signed by enough owners of the version before and by enough of its own, so that neither
 * the collector nor a thief of fewer owner keys can put in a reader, an admin or a collector. docs/format.md §9.2.
 */
import { type Bytes, equalBytes, hex } from '../bytes.ts'
import { Failure } from '../failure.ts'
import type { FleetId } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { decodeEnvelope, type Envelope, signEnvelope, signersOf } from './envelope.ts'
import { decodeTrust, encodeTrust } from './trust-document.ts'
import type { Role, TrustDocument } from './trust-shape.ts'

export type {
  Admin,
  Binding,
  Owner,
  Role,
  TrustDocument,
  TrustedCollector,
  TrustFlags,
} from './trust-shape.ts'

export interface VerifiedTrust {
  readonly fleet: FleetId
  readonly document: TrustDocument
  readonly envelope: Bytes
  /** SHA-256 of the payload. */
  readonly payloadHash: Bytes
}

/** One change of people a week for twenty years. */
export const trustVersionsMax = 1024

/**
 * From a fleet id: the envelopes start with version 1. From a document already believed: they hold only newer ones, in
 * order; none means unchanged. Throws `wrong_fleet`, `trust_gap`, `trust_rollback`, `trust_fork`, `trust_threshold`,
 * `trust_classic_recipient`, `bad_trust`, `bad_envelope`, `wrong_kind`.
 */
export async function verifyTrustChain(
  p: Primitives,
  envelopes: readonly Bytes[],
  anchor: FleetId | VerifiedTrust,
): Promise<VerifiedTrust> {
  const newest = (await verifyTrustHistory(p, envelopes, anchor)).at(-1)
  if (newest !== undefined) return newest
  if (typeof anchor !== 'string') return anchor
  throw new Failure('trust_gap', 'there is no Trust document to begin with')
}

/** All versions of the chain in order, for what was signed in the past; the rules of `verifyTrustChain`. */
export async function verifyTrustHistory(
  p: Primitives,
  envelopes: readonly Bytes[],
  anchor: FleetId | VerifiedTrust,
): Promise<readonly VerifiedTrust[]> {
  if (envelopes.length > trustVersionsMax) {
    throw new Failure('bad_trust', `a chain of ${envelopes.length} Trust documents is too long`)
  }
  let current = typeof anchor === 'string' ? undefined : anchor
  const history: VerifiedTrust[] = current === undefined ? [] : [current]
  for (const bytes of envelopes) {
    current =
      current === undefined
        ? await verifyFirst(p, bytes, anchor as FleetId)
        : await verifyNext(p, bytes, current)
    history.push(current)
  }
  return history
}

/** The encoded envelope of a Trust document. */
export function signTrust(
  p: Primitives,
  document: TrustDocument,
  owners: readonly SigningKey[],
): Promise<Bytes> {
  return signEnvelope(p, 'trust', encodeTrust(document), owners)
}

/** The fleet that a version 1 founds. */
export async function fleetOf(p: Primitives, firstTrust: Bytes): Promise<FleetId> {
  return hex(await p.sha256(decodeEnvelope(firstTrust).payload)) as FleetId
}

/** Public keys of those who hold a role now. Owners hold all roles. */
export function adminsWith(trust: VerifiedTrust, role: Role, nowMs: number): Bytes[] {
  const { owners, admins } = trust.document
  const holders = admins.filter(
    admin => admin.roles.includes(role) && (admin.notAfterMs === 0 || nowMs < admin.notAfterMs),
  )
  return [...owners, ...holders].map(one => one.key)
}

async function verifyFirst(p: Primitives, bytes: Bytes, fleet: FleetId): Promise<VerifiedTrust> {
  const envelope = decodeEnvelope(bytes)
  const payloadHash = await p.sha256(envelope.payload)
  if (hex(payloadHash) !== fleet) {
    throw new Failure(
      'wrong_fleet',
      `this Trust document founds fleet "${hex(payloadHash)}", not "${fleet}"`,
      {
        hint: 'check that the token, the kit and the collector belong to one fleet',
      },
    )
  }
  const document = decodeTrust(envelope.payload)
  if (document.version !== 1) {
    throw new Failure('bad_trust', `a fleet begins with version 1 of Trust, not ${document.version}`)
  }
  await requireThreshold(p, envelope, document)
  return { fleet, document, envelope: bytes, payloadHash }
}

async function verifyNext(p: Primitives, bytes: Bytes, current: VerifiedTrust): Promise<VerifiedTrust> {
  const envelope = decodeEnvelope(bytes)
  const document = decodeTrust(envelope.payload)
  const last = current.document.version
  if (document.version <= last) {
    throw new Failure(
      'trust_rollback',
      `version ${document.version} of Trust is not newer than version ${last}`,
    )
  }
  if (document.version > last + 1) {
    throw new Failure(
      'trust_gap',
      `between version ${last} and ${document.version} of Trust there is one missing`,
    )
  }
  if (!equalBytes(document.previous, current.payloadHash)) {
    throw new Failure(
      'trust_fork',
      `version ${document.version} of Trust follows another version ${last} than ours`,
    )
  }
  await requireThreshold(p, envelope, current.document)
  await requireThreshold(p, envelope, document)
  const payloadHash = await p.sha256(envelope.payload)
  return { fleet: current.fleet, document, envelope: bytes, payloadHash }
}

async function requireThreshold(p: Primitives, envelope: Envelope, by: TrustDocument): Promise<void> {
  const owners = by.owners.map(owner => owner.key)
  const signers = await signersOf(p, 'trust', envelope, owners)
  if (signers.length >= by.threshold) return
  throw new Failure(
    'trust_threshold',
    `${signers.length} owners of version ${by.version} signed this Trust document, ${by.threshold} must`,
  )
}
