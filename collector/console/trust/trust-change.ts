/**
 * The next version of Trust: who may read and command from now on. It is composed here, told in sentences, and signed with the owner
 * key of the recovery kit; the desk identity is wrapped anew for those who may restore. Pure: a page does it as well.
 *
 * The keyring goes first. When Trust then is not taken, the keyring means nothing; the other way round, devices would seal their
 * keys for an identity that nobody has.
 */
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { generateIdentity, type Identity, recipientOf, sealTo } from '@backstay/proto/content/age'
import type { Kit } from '@backstay/proto/content/kit'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { signKeyring } from '@backstay/proto/trust/keyring'
import { newOrder } from '@backstay/proto/trust/order'
import {
  signTrust,
  type TrustDocument,
  type VerifiedTrust,
  verifyTrustChain,
} from '@backstay/proto/trust/trust'
import type { AdminLink } from '../connecting.ts'
import { deskIdentities } from '../desk.ts'
import type { KeyHolder } from '../key-holder.ts'
import { ownerKeyOf } from '../owner-key.ts'
import { linkRecords } from '../record-source.ts'
import { type AdminChange, adminLines, adminsAfter, has, readersOf } from './admin-change.ts'
import { readRequest } from './admin-request.ts'
import { type CollectorChange, withAnnounced, withoutOld } from './collector-change.ts'
import { fallenLines } from './fallen-orders.ts'
import { type HostedKeysChange, withHostedKeys } from './hosted-keys-change.ts'
import { type KitChange, kitLines, withKit } from './kit-change.ts'
import { type OwnerChange, withOwner, withoutOwner, withThreshold } from './owner-change.ts'
import { readOwnerRequest } from './owner-request.ts'

export type { AdminRole } from './admin-change.ts'

export type TrustChange = AdminChange | KitChange | CollectorChange | OwnerChange | HostedKeysChange

/** An admin with the keys open, who must also hold the kit in the end. */
export type TrustSigner = Pick<
  KeyHolder,
  'primitives' | 'signingKey' | 'identity' | 'history' | 'trust' | 'roles'
> & { readonly link: Pick<AdminLink, 'listDevices' | 'listRecords'> }

export interface PreparedTrust {
  readonly document: TrustDocument
  /** Wrapped anew for all restore admins, the oldest first. */
  readonly desk: readonly Identity[]
  /** What it says and does, for whoever signs. */
  readonly lines: readonly string[]
}

export interface SignedTrust {
  /** Undefined: other owners must sign it, too; until then nobody believes it. */
  readonly trust: VerifiedTrust | undefined
  /** Of the document. */
  readonly envelope: Bytes
  /** They must come to the collector before it. */
  readonly keyrings: readonly Bytes[]
}

/** As in founding.ts. */
const trustMs = 730 * 86_400_000

/** Throws `bad_request_file`, `no_restore_role`, `no_keyring`, and what the change itself throws. */
export async function prepareTrust(
  holder: TrustSigner,
  change: TrustChange,
  nowMs: number,
): Promise<PreparedTrust> {
  const { primitives: p, trust } = holder
  const { document: before } = trust
  const { document: changed, lines } = await changedBy(holder, change)
  const [old, now] = [readersOf(before.admins), readersOf(changed.admins)]
  const isRotated = change.kind === 'rotate' || old.some(one => !has(now, one))
  const isWrapped = isRotated || now.some(one => !has(old, one))
  const desk = isWrapped ? await deskOf(holder) : []
  const fresh = isRotated ? await generateIdentity() : undefined
  const document: TrustDocument = {
    ...changed,
    version: before.version + 1,
    previous: trust.payloadHash,
    salt: p.random(16),
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + trustMs,
    ...(fresh !== undefined && { deskRecipient: await recipientOf(fresh) }),
  }
  const told = [
    ...lines,
    ...(await fallenLines(holder, document)),
    ...(isRotated
      ? [
          'The desk key is made anew: devices seal their keys for it as soon as they connect. Backups stay as they are.',
        ]
      : []),
    `Who may restore then: ${now.map(({ name }) => name).join(', ') || 'nobody but the recovery kit'}.`,
    `Trust becomes version ${document.version}${signedBy(before, document)}. It is never undone, only followed by the next.`,
  ]
  return { document, desk: [...desk, ...(fresh === undefined ? [] : [fresh])], lines: told }
}

/** What is other in the document, and says so in sentences. */
async function changedBy({ primitives, trust, signingKey }: TrustSigner, change: TrustChange) {
  const { document } = trust
  if (change.kind === 'announce') return withAnnounced(primitives, document, change.keys)
  if (change.kind === 'switch') return withoutOld(document)
  if (change.kind === 'add-owner')
    return withOwner(document, await readOwnerRequest(primitives, change.request))
  if (change.kind === 'remove-owner') return withoutOwner(document, change.key)
  if (change.kind === 'threshold') return withThreshold(document, change.count)
  if (change.kind === 'hosted-keys') return withHostedKeys(document, change)
  if (change.kind === 'kit') return { document: withKit(document, change), lines: kitLines(document) }
  const request = change.kind === 'add' ? await readRequest(primitives, change.request) : undefined
  const admins = adminsAfter(document, signingKey.publicKey, change, request)
  return { document: { ...document, admins }, lines: adminLines(document.admins, change, request) }
}

/** `newOwner`: of a kit that comes with this version, whose owner signs it too. Throws `wrong_kit`, `wrong_role`. */
export async function signPrepared(
  { primitives: p, trust, signingKey }: TrustSigner,
  { document, desk }: PreparedTrust,
  kit: Pick<Kit, 'fleet' | 'ownerSeed'>,
  nowMs: number,
  newOwner?: SigningKey,
): Promise<SignedTrust> {
  const owner = await ownerKeyOf(p, trust, kit)
  const envelope = await signTrust(p, document, newOwner === undefined ? [owner] : [owner, newOwner])
  const next = await believable(p, envelope, trust)
  const readers = readersOf(document.admins).map(({ recipient }) => recipient)
  const keyrings: Bytes[] = []
  for (const identity of readers.length === 0 ? [] : desk) {
    const file = await sealTo(readers, utf8(`${identity}\n`))
    const order = newOrder(p, trust, nowMs)
    keyrings.push(
      await signKeyring(p, { order, deskRecipient: await recipientOf(identity), file }, signingKey),
    )
  }
  return { trust: next, envelope, keyrings }
}

/** The next version, when enough owners signed it. */
export async function believable(
  p: Primitives,
  envelope: Bytes,
  trust: VerifiedTrust,
): Promise<VerifiedTrust | undefined> {
  try {
    return await verifyTrustChain(p, [envelope], trust)
  } catch (error) {
    if (isFailure(error, 'trust_threshold')) return undefined
    throw error
  }
}

function signedBy(before: TrustDocument, now: TrustDocument): string {
  const count = Math.max(before.threshold, now.threshold)
  return count === 1
    ? ', signed with the owner key of the recovery kit'
    : ` when ${count} owners have signed it; until then nothing changes`
}

/** The oldest first. */
async function deskOf(holder: TrustSigner): Promise<readonly Identity[]> {
  if (!holder.roles.includes('restore')) {
    throw new Failure(
      'no_restore_role',
      'the desk key must be wrapped anew, which takes an admin who may restore',
      {
        hint: 'a restore admin does this',
      },
    )
  }
  const found = await deskIdentities(linkRecords(holder.link), holder.history, holder.identity)
  return found.reverse()
}
