/**
 * The next version of Trust: who may read and command from now on. It is composed here, told in sentences, and signed with the owner
 * key of the recovery kit; the desk identity is wrapped anew for those who may restore. Pure: a page does it as well.
 *
 * The keyring goes first. When Trust then is not taken, the keyring means nothing; the other way round, devices would seal their
 * keys for an identity that nobody has.
 */
import { type Bytes, equalBytes, hex, utf8 } from '@backstay/proto/bytes'
import { generateIdentity, type Identity, recipientOf, sealTo } from '@backstay/proto/content/age'
import { type Kit, requireKitOf } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import { signKeyring } from '@backstay/proto/trust/keyring'
import { newOrder } from '@backstay/proto/trust/order'
import {
  type Admin,
  type Role,
  signTrust,
  type TrustDocument,
  type VerifiedTrust,
  verifyTrustChain,
} from '@backstay/proto/trust/trust'
import { adminsMax } from '@backstay/proto/trust/trust-document'
import type { AdminLink } from '../connecting.ts'
import { deskIdentities } from '../desk.ts'
import type { KeyHolder } from '../key-holder.ts'
import { linkRecords } from '../record-source.ts'
import { type AdminRequest, readRequest } from './admin-request.ts'

export type AdminRole = Exclude<Role, 'owner'>

export type TrustChange =
  /** `request`: see admin-request.ts. */
  | { readonly kind: 'add'; readonly request: string; readonly roles: readonly AdminRole[] }
  /** `key`: in hexadecimal digits. Of somebody who may restore: with a new desk key, which he does not have. */
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'roles'; readonly key: string; readonly roles: readonly AdminRole[] }
  /** A new desk key for those who may restore. */
  | { readonly kind: 'rotate' }

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
  readonly trust: VerifiedTrust
  /** In the order in which they must come to the collector. */
  readonly envelopes: readonly Bytes[]
}

/** As in founding.ts. */
const trustMs = 730 * 86_400_000

/**
 * Throws `bad_request_file`, `name_taken`, `key_taken`, `too_many_admins`, `unknown_admin`, `yourself`, `no_roles`, `more_owners`,
 * `nothing_changes`, `no_restore_role` and `no_keyring`.
 */
export async function prepareTrust(
  holder: TrustSigner,
  change: TrustChange,
  nowMs: number,
): Promise<PreparedTrust> {
  const { primitives: p, trust } = holder
  const { document: before } = trust
  if (before.threshold > 1) {
    throw new Failure('more_owners', `${before.threshold} owners of this fleet must sign together`, {
      hint: 'this version signs with one owner key alone',
    })
  }
  const request = change.kind === 'add' ? await readRequest(p, change.request) : undefined
  const admins = adminsAfter(holder, change, request)
  const [old, now] = [readersOf(before.admins), readersOf(admins)]
  const isRotated = change.kind === 'rotate' || old.some(one => !has(now, one))
  const isWrapped = isRotated || now.some(one => !has(old, one))
  const desk = isWrapped ? await deskOf(holder) : []
  const fresh = isRotated ? await generateIdentity() : undefined
  const document: TrustDocument = {
    ...before,
    version: before.version + 1,
    previous: trust.payloadHash,
    salt: p.random(16),
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + trustMs,
    admins,
    ...(fresh !== undefined && { deskRecipient: await recipientOf(fresh) }),
  }
  const lines = [
    ...changeLines(holder, change, request),
    ...(isRotated
      ? [
          'The desk key is made anew: devices seal their keys for it as soon as they connect. Backups stay as they are.',
        ]
      : []),
    `Who may restore then: ${now.map(({ name }) => name).join(', ') || 'nobody but the recovery kit'}.`,
    `Trust becomes version ${document.version}, signed with the owner key of the recovery kit. It is never undone, only followed by the next.`,
  ]
  return { document, desk: [...desk, ...(fresh === undefined ? [] : [fresh])], lines }
}

/** Throws `wrong_kit` and `trust_threshold`. */
export async function signPrepared(
  { primitives: p, trust, signingKey }: TrustSigner,
  { document, desk }: PreparedTrust,
  kit: Kit,
  nowMs: number,
): Promise<SignedTrust> {
  requireKitOf(kit, trust.fleet)
  const owner = await p.signingKey(kit.ownerSeed)
  const envelope = await signTrust(p, document, [owner])
  const next = await verifyTrustChain(p, [envelope], trust)
  const readers = readersOf(document.admins).map(({ recipient }) => recipient)
  const keyrings: Bytes[] = []
  for (const identity of readers.length === 0 ? [] : desk) {
    const file = await sealTo(readers, utf8(`${identity}\n`))
    const order = newOrder(p, trust, nowMs)
    keyrings.push(
      await signKeyring(p, { order, deskRecipient: await recipientOf(identity), file }, signingKey),
    )
  }
  return { trust: next, envelopes: [...keyrings, envelope] }
}

function adminsAfter(
  { trust, signingKey }: TrustSigner,
  change: TrustChange,
  request: AdminRequest | undefined,
): readonly Admin[] {
  const { admins, owners } = trust.document
  if (request !== undefined && change.kind === 'add') {
    if ([...admins, ...owners].some(one => equalBytes(one.key, request.key)))
      throw new Failure('key_taken', 'this key is in Trust already')
    if (admins.some(({ name }) => name === request.name))
      throw new Failure('name_taken', `there is an admin "${request.name}" already`)
    if (admins.length >= adminsMax)
      throw new Failure('too_many_admins', `a fleet has ${adminsMax} admins at most`)
    const { name, key, recipient } = request
    return [...admins, { name, key, recipient, roles: sound(change.roles), notAfterMs: 0 }]
  }
  if (change.kind !== 'remove' && change.kind !== 'roles') return admins
  const wanted = admins.find(one => hex(one.key) === change.key)
  if (wanted === undefined) throw new Failure('unknown_admin', 'no admin of this fleet has this key')
  if (equalBytes(wanted.key, signingKey.publicKey)) {
    throw new Failure('yourself', 'nobody changes his own key here', { hint: 'another admin does it' })
  }
  if (change.kind === 'remove') return admins.filter(one => one !== wanted)
  const roles = sound(change.roles)
  if (roles.join() === sound(wanted.roles as readonly AdminRole[]).join())
    throw new Failure('nothing_changes', 'these are the roles that this admin has')
  return admins.map(one => (one === wanted ? { ...one, roles } : one))
}

function changeLines(
  { trust }: TrustSigner,
  change: TrustChange,
  request: AdminRequest | undefined,
): readonly string[] {
  if (change.kind === 'rotate')
    return ['Every restore admin gets the new desk key sealed to the own key; nobody types anything.']
  if (change.kind === 'add') {
    const { name = '', fingerprint = '' } = request ?? {}
    return [
      `“${name}” becomes an admin, and may: ${rolesText(change.roles)}.`,
      `Compare with ${name}, by voice: ${fingerprint}.`,
    ]
  }
  const before = trust.document.admins.find(one => hex(one.key) === change.key)
  const name = before?.name ?? ''
  if (change.kind === 'roles') return [`“${name}” may from now on: ${rolesText(change.roles)}.`]
  return [
    `“${name}” is an admin no longer: no order of that key counts, and the collector answers it no more.`,
    ...(before?.roles.includes('restore') === true
      ? [
          'What that key could read until now, it can read in copies that were made. It gets nothing more from the collector.',
        ]
      : []),
  ]
}

const roleWords: Readonly<Record<AdminRole, string>> = {
  policy: 'set policies and give commands',
  restore: 'read and restore every backup',
  enroll: 'let devices in',
  audit: 'read the audit log',
}

function rolesText(roles: readonly AdminRole[]): string {
  return sound(roles)
    .map(role => roleWords[role])
    .join('; ')
}

/** In the order of Trust, each once. Throws `no_roles`. */
function sound(roles: readonly AdminRole[]): readonly AdminRole[] {
  const known = (Object.keys(roleWords) as AdminRole[]).filter(role => roles.includes(role))
  if (known.length === 0) throw new Failure('no_roles', 'an admin may do something: choose one role at least')
  return known
}

function readersOf(admins: readonly Admin[]): readonly Admin[] {
  return admins.filter(({ roles }) => roles.includes('restore'))
}

function has(admins: readonly Admin[], { key }: Admin): boolean {
  return admins.some(one => equalBytes(one.key, key))
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
