/** Who is at the other end of a session, and what he may do. Nobody may delete: there is no verb for it. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { type PayloadKind, payloadKinds, payloadTypeOf } from '@backstay/proto/trust/envelope'
import { holdRoles } from '@backstay/proto/trust/hold'
import type { Role } from '@backstay/proto/trust/trust'
import type { Body } from '@backstay/proto/wire/frame'

export type Member =
  | { readonly kind: 'device'; readonly device: DeviceId; readonly grantId: Bytes }
  /** A parcel that is being packed, by whoever holds its key. */
  | { readonly kind: 'parcel'; readonly device: DeviceId }
  | {
      readonly kind: 'admin'
      /** Ed25519 public key. */
      readonly key: Bytes
    }

/** Who may bring a record of a kind. Who must have signed it is another question, which records.ts asks. */
const bringers: Readonly<Record<PayloadKind, readonly Role[] | 'any admin' | 'device' | 'nobody'>> = {
  // Signed by enough owners, or refused.
  trust: 'any admin',
  policy: ['policy'],
  group: ['policy'],
  assignment: ['policy'],
  grant: ['enroll'],
  revoke: ['owner', 'enroll'],
  keyring: ['owner', 'restore'],
  proof: ['owner', 'restore'],
  hold: holdRoles,
  // Signed by an owner, or refused.
  erase: 'any admin',
  escrow: 'device',
  // Comes with an enrolment, by a publish, and not yet at all.
  certificate: 'nobody',
  commit: 'nobody',
  job: ['policy', 'restore'],
  parcel: ['restore'],
  report: 'device',
  // In a frame of its own, and kept nowhere for ever.
  heartbeat: 'nobody',
  // The collector's own word.
  forget: 'nobody',
  receipt: 'nobody',
  catalog: 'nobody',
  // Lies in a folder of packages, and has nothing to do with a fleet.
  release: 'nobody',
}

/** What opens data, if only for those who hold the right keys. */
const guarded: readonly PayloadKind[] = ['escrow', 'keyring']
/** The collector's notes for itself: they tell of all devices, and no session has a use for them. */
const own: readonly PayloadKind[] = ['catalog']

/**
 * Throws `wrong_role`, or `unexpected_frame` for a body that is no request. `roles` are those that an admin holds now;
 * a device has none. `lent`: devices whose objects a signed job gives back on this one.
 */
export function requireMay(
  member: Member,
  roles: readonly Role[],
  body: Body,
  lent: ReadonlySet<DeviceId> = new Set(),
): void {
  if (!memberMay(member, roles, body, lent)) throw wrongRole()
}

function memberMay(member: Member, roles: readonly Role[], body: Body, lent: ReadonlySet<DeviceId>): boolean {
  switch (member.kind) {
    case 'device':
      return deviceMay(member.device, body, lent)
    case 'parcel':
      return parcelMay(body)
    case 'admin':
      return adminMay(roles, body)
  }
}

/** Whose domain a device wants to read that is not its own. */
export function foreignDomain(member: Member, body: Body): DeviceId | undefined {
  if (member.kind !== 'device' || body.kind !== 'get' || body.device === member.device) return undefined
  return body.device
}

/** Throws `wrong_role`. Somebody else than a device may bring what his roles allow. */
export function requireMayBring(who: 'device' | 'parcel' | readonly Role[], kind: PayloadKind): void {
  if (!mayBring(who, kind)) throw wrongRole()
}

/** A device works in its own domain; another device's answers are refused, not empty. */
function deviceMay(device: DeviceId, body: Body, lent: ReadonlySet<DeviceId>): boolean {
  switch (body.kind) {
    case 'have':
    case 'put':
    case 'publish':
    case 'putRecord':
    case 'heartbeat':
    case 'obeyed':
    case 'jobProgress':
    case 'askLog':
      return true
    case 'listRecords':
      if (names(own, body.payloadType)) return false
      return body.device === undefined || body.device === device
    case 'get':
      return body.device === undefined || body.device === device || lent.has(body.device)
    case 'listSnapshots':
      return body.device === undefined || body.device === device
    case 'listDevices':
    case 'askProgress':
      return false
    default:
      throw noRequest(body)
  }
}

/** It is filled, and reads nothing: who packs it has another key for that. */
function parcelMay(body: Body): boolean {
  return (['have', 'put', 'publish', 'putRecord'] as const).some(kind => kind === body.kind)
}

function adminMay(roles: readonly Role[], body: Body): boolean {
  switch (body.kind) {
    case 'have':
    case 'put':
    case 'publish':
    case 'heartbeat':
    case 'obeyed':
    case 'jobProgress':
      return false
    case 'get':
      return roles.includes('restore') && body.device !== undefined
    case 'listRecords':
      if (names(own, body.payloadType)) return false
      return roles.length > 0 && (roles.includes('restore') || !names(guarded, body.payloadType))
    case 'listSnapshots':
    case 'listDevices':
    case 'askProgress':
    case 'askLog':
    case 'putRecord':
      return roles.length > 0
    default:
      throw noRequest(body)
  }
}

function mayBring(who: 'device' | 'parcel' | readonly Role[], kind: PayloadKind): boolean {
  const bringer = bringers[kind]
  if (who === 'parcel') return kind === 'escrow'
  if (bringer === 'nobody') return false
  if (bringer === 'device' || who === 'device') return bringer === who
  return bringer === 'any admin' ? who.length > 0 : bringer.some(role => who.includes(role))
}

function names(kinds: readonly PayloadKind[], payloadType: string): boolean {
  return kinds.some(kind => payloadTypeOf(kind) === payloadType)
}

/** The kind that a payload type names; undefined for one that this version does not know. */
export function kindNamed(payloadType: string): PayloadKind | undefined {
  return payloadKinds.find(kind => payloadTypeOf(kind) === payloadType)
}

function wrongRole(): Failure {
  return new Failure('wrong_role', 'this key may not do that', { hint: 'ask an owner for the role' })
}

function noRequest(body: Body): Failure {
  return new Failure('unexpected_frame', `nobody asks with "${body.kind}"`)
}
