/** The door of this room: what all ways of signing in share. A failure is one word whatever was wrong. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import type { Session, SignIn } from '@backstay/proto/rest/session'
import type { Audit } from '../../audit/audit.ts'
import { markSignIn, type PersonRow, personById } from '../../catalog/people.ts'
import type { SessionRow } from '../../catalog/sessions.ts'
import type { Sql } from '../../catalog/sql.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { Ask } from '../answer.ts'
import type { Caller } from '../caller.ts'
import { type Attempts, attempts } from './attempts.ts'
import { setCookie, stepCookie } from './cookies.ts'
import type { Oidc } from './oidc.ts'
import type { OneTimeCode } from './one-time-code.ts'
import { type PasswordCost, type Passwords, passwords } from './passwords.ts'
import {
  idleMs,
  requireFleet,
  type Sessions,
  sessionMs,
  sessions,
  stepUpMs,
  withheldFrom,
} from './sessions.ts'
import { type ShortLived, shortLived } from './short-lived.ts'
import { type Totp, totp } from './totp.ts'

export interface SignInOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly fleet: Pick<Fleet, 'trust' | 'rolesOf' | 'own'>
  readonly audit: Audit
  readonly code: OneTimeCode
  /** 32 bytes under which TOTP secrets are sealed. */
  readonly totpKey: Bytes
  readonly oidc: Oidc | undefined
  /** Of a password's hash; the usual one when absent. Tests take less. */
  readonly passwordCost?: PasswordCost
}

/** Between two steps: whom a password showed, and what his browser shall sign. */
export interface HalfWay {
  readonly person: string | undefined
  readonly challenge: string | undefined
}

export interface SignInRoom extends SignInOptions {
  readonly sessions: Sessions
  readonly passwords: Passwords
  readonly totpCodes: Totp
  readonly attempts: Attempts
  readonly halfWay: ShortLived<HalfWay>
}

export const halfWayMs = 5 * 60_000

export function signInRoom(options: SignInOptions): SignInRoom {
  return {
    ...options,
    sessions: sessions(options),
    passwords: passwords(options.passwordCost),
    totpCodes: totp(options.p, options.totpKey),
    attempts: attempts(options.clock),
    halfWay: shortLived<HalfWay>(options.p, options.clock, halfWayMs),
  }
}

/** He is who he says: a session, its cookie, a line in the log. */
export async function signedIn(
  room: SignInRoom,
  ask: Pick<Ask, 'request' | 'response' | 'address'>,
  person: PersonRow,
  how: Pick<SessionRow, 'method' | 'strong'>,
): Promise<SignIn> {
  const { sql, clock, fleet, audit } = room
  const session = await room.sessions.begin(ask, person, { ...how, address: ask.address })
  await markSignIn(sql, requireFleet(fleet), person.id, clock.now())
  await audit.note({
    ...{ actor: `person:${person.account}`, action: 'sign-in' },
    detail: { method: how.method, address: ask.address },
  })
  return { state: 'signed_in', session: personSession(person, session, clock.now()) }
}

/** What the page knows of the person and his session. */
export function personSession(person: PersonRow, session: SessionRow, nowMs: number): Session {
  const provedUntilMs = session.provedAtMs + stepUpMs
  const withheld = withheldFrom(person, session)
  return {
    ...{ person: person.id, name: person.name, account: person.account },
    roles: person.roles.filter(role => !withheld.includes(role)),
    groups: person.groups && [...person.groups],
    ...{ method: session.method, startedAtMs: session.startedAtMs },
    expiresAtMs: session.startedAtMs + sessionMs,
    idleEndsAtMs: nowMs + idleMs,
    ...(provedUntilMs > nowMs && { steppedUpUntilMs: provedUntilMs }),
    ...{ withheld, totp: person.totp !== undefined, passkeys: person.passkeys },
    mayChangePassword: person.password !== undefined,
  }
}

/** The person behind a cookie. Throws `not_allowed` for tokens and keys, which are nobody's. */
export async function requirePerson(
  { sql, fleet }: Pick<SignInRoom, 'sql' | 'fleet'>,
  { session }: Caller,
): Promise<{ readonly person: PersonRow; readonly session: SessionRow }> {
  const person = session && (await personById(sql, requireFleet(fleet), session.person))
  if (session === undefined || person === undefined) {
    throw new Failure('not_allowed', 'this is for people who signed in on the page')
  }
  return { person, session }
}

/** Remembers in the browser how far he came. */
export function stepOn(room: SignInRoom, ask: Pick<Ask, 'response'>, half: HalfWay): void {
  setCookie(ask.response, stepCookie, room.halfWay.add(half), { maxAgeMs: halfWayMs })
}

export async function refused(
  { audit }: Pick<SignInRoom, 'audit'>,
  ask: Pick<Ask, 'address'>,
  who: string,
  why: string,
): Promise<Failure> {
  await audit.note({ actor: who, action: 'sign-in-refused', detail: { why, address: ask.address } })
  return signInFailed()
}

export function signInFailed(): Failure {
  return new Failure('sign_in_failed', 'that did not sign you in', {
    hint: 'check what you typed; after five tries there is a wait of some minutes',
  })
}
