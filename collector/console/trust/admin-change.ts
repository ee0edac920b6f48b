/** Who is an admin from the next version of Trust on, and what that means, in sentences. Pure. */
import { equalBytes, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Admin, Role, TrustDocument } from '@backstay/proto/trust/trust'
import { adminsMax } from '@backstay/proto/trust/trust-document'
import type { AdminRequest } from './admin-request.ts'

export type AdminRole = Exclude<Role, 'owner'>

export type AdminChange =
  /** `request`: see admin-request.ts. */
  | { readonly kind: 'add'; readonly request: string; readonly roles: readonly AdminRole[] }
  /** `key`: in hexadecimal digits. Of somebody who may restore: with a new desk key, which he does not have. */
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'roles'; readonly key: string; readonly roles: readonly AdminRole[] }
  /** A new desk key for those who may restore. */
  | { readonly kind: 'rotate' }

/** `own`: the key of who changes it. Throws `key_taken`, `name_taken`, `too_many_admins`, `unknown_admin`, `yourself`, `nothing_changes`, `no_roles`. */
export function adminsAfter(
  { admins, owners }: Pick<TrustDocument, 'admins' | 'owners'>,
  own: Uint8Array,
  change: AdminChange,
  request: AdminRequest | undefined,
): readonly Admin[] {
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
  if (equalBytes(wanted.key, own)) {
    throw new Failure('yourself', 'nobody changes his own key here', { hint: 'another admin does it' })
  }
  if (change.kind === 'remove') return admins.filter(one => one !== wanted)
  const roles = sound(change.roles)
  if (roles.join() === sound(wanted.roles as readonly AdminRole[]).join())
    throw new Failure('nothing_changes', 'these are the roles that this admin has')
  return admins.map(one => (one === wanted ? { ...one, roles } : one))
}

export function adminLines(
  admins: readonly Admin[],
  change: AdminChange,
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
  const before = admins.find(one => hex(one.key) === change.key)
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

/** Who may restore. */
export function readersOf(admins: readonly Admin[]): readonly Admin[] {
  return admins.filter(({ roles }) => roles.includes('restore'))
}

export function has(admins: readonly Admin[], { key }: Admin): boolean {
  return admins.some(one => equalBytes(one.key, key))
}
