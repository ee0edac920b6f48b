/**
 * Who somebody is, by what he holds: the cookie of a page, the token of a program, or that of an admin's key. Of each only
 * the SHA-256 is kept. A session lasts twelve hours at most and half an hour without a word (security.md §8).
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { idleHeader } from '@backstay/proto/rest/idle'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import type { Request, Response } from 'express'
import { type ApiTokenRow, apiTokenByHash, markTokenUsed } from '../../catalog/api-tokens.ts'
import { type PersonRow, personById } from '../../catalog/people.ts'
import {
  addSession,
  removeEndedSessions,
  removeSession,
  type SessionRow,
  sessionByHash,
  touchSession,
} from '../../catalog/sessions.ts'
import type { Sql } from '../../catalog/sql.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { type Caller, rolesFromTrust } from '../caller.ts'
import { cookiesOf, dropCookie, sessionCookie, setCookie, stepCookie } from './cookies.ts'
import { hashOf, newSecret, shortLived } from './short-lived.ts'

export const sessionMs = 12 * 3_600_000
export const idleMs = 30 * 60_000
export const stepUpMs = 5 * 60_000
export const keyTokenMs = 3_600_000
/** Written down this often: an idle end is exact to a minute. */
const touchEveryMs = 60_000
const softwareMax = 120
export const apiTokenPrefix = 'bst_'
export const keyTokenPrefix = 'bsk_'

/** Without a second factor these roles wait. */
const guarded: readonly PersonRole[] = ['owner', 'restore']

export interface Beginning {
  readonly method: SessionRow['method']
  /** A second factor was shown. */
  readonly strong: boolean
  readonly address: string
  /** Of the session that goes on under another name. */
  readonly startedAtMs?: number
}

export interface Sessions {
  /** A new one for the browser that asks; what it held before is worth nothing from now on. */
  begin(
    exchange: { request: Request; response: Response },
    person: PersonRow,
    how: Beginning,
  ): Promise<SessionRow>
  end(session: SessionRow, response: Response): Promise<void>
  /** A bearer token for an admin's key, and from where it is used. */
  beginKey(key: Bytes, request: Request, address: string): Promise<string>
  /** Those of the same key as the caller's, the oldest first; none for who came otherwise. */
  keySessionsOf(caller: Pick<Caller, 'actor' | 'bearer'>): readonly KeySession[]
  /** False: there is none of that id. */
  endKeySession(caller: Pick<Caller, 'actor' | 'bearer'>, id: string): boolean
  endKey(authorization: string | undefined): void
  /** Undefined: nobody who is known. `isQuiet`: it is no word of the person, so that the half hour goes on. */
  callerOf(request: Request, isQuiet?: boolean): Promise<Caller | undefined>
}

/** A page or a command that proved an admin's key; lives in memory, an hour at most. */
export interface KeySession {
  readonly id: string
  readonly key: Bytes
  /** As the log names him. */
  readonly actor: string
  readonly startedAtMs: number
  lastSeenMs: number
  readonly address: string
  readonly software: string
}

export interface SessionsOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly fleet: Pick<Fleet, 'trust' | 'rolesOf'>
}

export function sessions({ p, sql, clock, fleet }: SessionsOptions): Sessions {
  const keys = shortLived<KeySession>(p, clock, keyTokenMs)
  const actorOf = async (key: Bytes) => `admin:${hex(await p.sha256(key))}`

  async function sessionOf(request: Request, own: FleetId): Promise<SessionRow | undefined> {
    const secret = cookiesOf(request.headers.cookie).get(sessionCookie)
    const row = secret === undefined ? undefined : await sessionByHash(sql, own, hashOf(secret))
    const nowMs = clock.now()
    return row !== undefined && nowMs < row.expiresAtMs && nowMs < row.lastSeenMs + idleMs ? row : undefined
  }

  async function byCookie(request: Request, own: FleetId, isQuiet: boolean): Promise<Caller | undefined> {
    const session = await sessionOf(request, own)
    const person = session && (await personById(sql, own, session.person))
    if (session === undefined || person === undefined || person.disabled) return undefined
    const nowMs = clock.now()
    // A browser whose clock jumped back must not shorten what it has.
    if (!isQuiet && nowMs - session.lastSeenMs >= touchEveryMs)
      await touchSession(sql, own, session.id, nowMs)
    return callerFrom(person, session, nowMs)
  }

  async function byToken(token: string, own: FleetId): Promise<Caller | undefined> {
    const row = await apiTokenByHash(sql, own, hashOf(token))
    const nowMs = clock.now()
    if (row === undefined || nowMs >= row.expiresAtMs) return undefined
    if (nowMs - (row.lastUsedAtMs ?? 0) >= touchEveryMs) await markTokenUsed(sql, own, row.id, nowMs)
    return tokenCaller(row)
  }

  async function byKey(token: string): Promise<Caller | undefined> {
    const held = keys.get(token)
    const trustRoles = held === undefined ? [] : fleet.rolesOf({ kind: 'admin', key: held.key })
    if (held === undefined || trustRoles.length === 0) return undefined
    held.lastSeenMs = clock.now()
    const { id, actor, startedAtMs } = held
    return {
      ...{ actor, name: adminName(fleet, held.key) },
      ...{
        roles: rolesFromTrust(trustRoles),
        trustRoles,
        groups: undefined,
        session: undefined,
        steppedUp: true,
      },
      bearer: { method: 'key', id, startedAtMs, expiresAtMs: startedAtMs + keyTokenMs },
    }
  }

  return {
    async begin({ request, response }, person, how) {
      const own = requireFleet(fleet)
      const nowMs = clock.now()
      await removeEndedSessions(sql, own, nowMs, idleMs)
      const before = await sessionOf(request, own)
      if (before !== undefined) await removeSession(sql, own, before.person, before.id)
      const startedAtMs = how.startedAtMs ?? nowMs
      const row: SessionRow = {
        ...{ id: hex(p.random(16)), person: person.id, method: how.method, strong: how.strong },
        ...{ startedAtMs, expiresAtMs: startedAtMs + sessionMs, lastSeenMs: nowMs, provedAtMs: nowMs },
        address: how.address,
        software: softwareOf(request),
      }
      const secret = newSecret(p)
      await addSession(sql, own, new Uint8Array(hashOf(secret)), row)
      setCookie(response, sessionCookie, secret, { maxAgeMs: row.expiresAtMs - nowMs })
      dropCookie(response, stepCookie)
      return row
    },
    async end(session, response) {
      await removeSession(sql, requireFleet(fleet), session.person, session.id)
      dropCookie(response, sessionCookie)
    },
    async beginKey(key, request, address) {
      const nowMs = clock.now()
      const about = { id: hex(p.random(16)), actor: await actorOf(key), software: softwareOf(request) }
      return keyTokenPrefix + keys.add({ ...about, key, startedAtMs: nowMs, lastSeenMs: nowMs, address })
    },
    keySessionsOf: ({ actor, bearer }) =>
      bearer?.method === 'key' ? keys.values().filter(one => one.actor === actor) : [],
    endKeySession(caller, id) {
      const found = this.keySessionsOf(caller).find(one => one.id === id)
      if (found !== undefined) keys.remove(one => one === found)
      return found !== undefined
    },
    endKey: authorization => void keys.take(bearerOf(authorization)?.slice(keyTokenPrefix.length)),
    async callerOf(request, isQuiet = request.headers[idleHeader] !== undefined) {
      const own = fleet.trust?.fleet
      if (own === undefined) return undefined
      const bearer = bearerOf(request.headers.authorization)
      if (bearer === undefined) return byCookie(request, own, isQuiet)
      if (bearer.startsWith(apiTokenPrefix)) return byToken(bearer, own)
      if (bearer.startsWith(keyTokenPrefix)) return byKey(bearer.slice(keyTokenPrefix.length))
      return undefined
    },
  }
}

function softwareOf({ headers }: Request): string {
  return (headers['user-agent'] ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, softwareMax)
}

export function callerFrom(person: PersonRow, session: SessionRow, nowMs: number): Caller {
  return {
    ...{ actor: `person:${person.account}`, name: person.name, session },
    roles: session.strong ? person.roles : person.roles.filter(role => !guarded.includes(role)),
    groups: person.groups && new Set(person.groups),
    steppedUp: nowMs - session.provedAtMs < stepUpMs,
  }
}

/** Roles that wait for a second factor. */
export function withheldFrom(person: PersonRow, session: SessionRow): PersonRole[] {
  return session.strong ? [] : person.roles.filter(role => guarded.includes(role))
}

/** Throws `not_founded`. */
export function requireFleet({ trust }: Pick<Fleet, 'trust'>): FleetId {
  if (trust !== undefined) return trust.fleet
  throw new Failure('not_founded', 'this collector serves no fleet yet', { hint: 'run: backstay init' })
}

function tokenCaller(row: ApiTokenRow): Caller {
  const { createdAtMs, expiresAtMs } = row
  return {
    ...{ actor: `token:${row.name}`, name: row.name, roles: row.roles, session: undefined, steppedUp: false },
    groups: row.groups && new Set(row.groups),
    bearer: { method: 'token', startedAtMs: createdAtMs, expiresAtMs },
  }
}

function adminName({ trust }: Pick<Fleet, 'trust'>, key: Bytes): string {
  const { admins = [], owners = [] } = trust?.document ?? {}
  const is = (one: { readonly key: Bytes }) => hex(one.key) === hex(key)
  return admins.find(is)?.name ?? owners.find(is)?.label ?? 'admin'
}

function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(authorization ?? '')?.[1]
}
