/** Who asks, and what he may. The roles here are a convenience: what is done to devices must be signed anyway. */
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { Access } from '@backstay/proto/rest/route'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import type { Role } from '@backstay/proto/trust/trust'
import type { SessionRow } from '../catalog/sessions.ts'
import type { ViewedDevice } from '../fleet/fleet-view.ts'

export interface Caller {
  /** For the audit log: `person:anna`, `admin:` and key id, `token:` and name. */
  readonly actor: string
  /** For people. */
  readonly name: string
  /** Those that count now. */
  readonly roles: readonly PersonRole[]
  /** Groups that he sees, in hexadecimal digits; undefined: all. */
  readonly groups: ReadonlySet<string> | undefined
  /** Of a person with a cookie. */
  readonly session: SessionRow | undefined
  /** A second proof came within the last five minutes; of an admin key always, of a token never. */
  readonly steppedUp: boolean
  /** Of an admin's key: his roles in Trust, which say what he may bring. */
  readonly trustRoles?: readonly Role[]
  /** How he came and until when, of who has no session. */
  readonly bearer?: {
    readonly method: 'key' | 'token'
    /** Of a key's session. */
    readonly id?: string
    readonly startedAtMs: number
    readonly expiresAtMs: number
  }
}

/** What a person may bring of signed records, in the words of Trust. */
const bringing: Readonly<Record<PersonRole, readonly Role[]>> = {
  viewer: [],
  helpdesk: [],
  auditor: [],
  restore: ['restore'],
  policy: ['policy', 'enroll'],
  owner: ['owner', 'policy', 'restore', 'enroll', 'audit'],
}

export function mayBring({ roles, trustRoles }: Caller): readonly Role[] {
  return trustRoles ?? [...new Set(roles.flatMap(role => bringing[role]))]
}

/** What an admin of Trust may here. */
export function rolesFromTrust(roles: readonly Role[]): PersonRole[] {
  const of: Readonly<Record<Role, PersonRole>> = {
    owner: 'owner',
    policy: 'policy',
    restore: 'restore',
    enroll: 'policy',
    audit: 'auditor',
  }
  return [...new Set(roles.map(role => of[role]))]
}

export function hasAccess(caller: Caller, access: Access): boolean {
  if (typeof access === 'string') return true
  return access.some(role => caller.roles.includes(role))
}

export function sees({ groups }: Pick<Caller, 'groups'>, device: ViewedDevice): boolean {
  return groups === undefined || device.groups.some(group => groups.has(hex(group.id)))
}

/** Throws `out_of_scope`. */
export function requireAll(caller: Caller): void {
  if (caller.groups === undefined) return
  throw new Failure('out_of_scope', 'this is about the whole fleet, and you see some groups of it', {
    hint: 'ask an owner of the collector',
  })
}

export function unknownDevice(device: DeviceId | string): Failure {
  return new Failure('unknown_device', `device "${device}" is not known here`)
}
