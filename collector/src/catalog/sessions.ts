/** Who is signed in. Of what the browser holds only the SHA-256 lies here. No part of the daily copy: who signs in again, signs in again. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { FleetId } from '@backstay/proto/object/id'
import { blob } from './blob.ts'
import { bytesOf } from './people.ts'
import type { Sql } from './sql.ts'

export type SignInMethod = 'password' | 'totp' | 'passkey' | 'oidc' | 'bootstrap'

export interface SessionRow {
  /** 16 bytes in hexadecimal digits: what it is called, worth nothing to a thief. */
  readonly id: string
  readonly person: string
  readonly method: SignInMethod
  /** A second factor was shown. */
  readonly strong: boolean
  readonly startedAtMs: number
  readonly expiresAtMs: number
  readonly lastSeenMs: number
  /** When he last proved that it is he. */
  readonly provedAtMs: number
  readonly address: string
  readonly software: string
}

interface StoredRow {
  readonly session: Uint8Array
  readonly person: Uint8Array
  readonly method: SignInMethod
  readonly strong: number
  readonly started_at_ms: number
  readonly expires_at_ms: number
  readonly last_seen_ms: number
  readonly proved_at_ms: number
  readonly address: string
  readonly software: string
}

/** `hash`: SHA-256 of what the browser holds. */
export async function addSession(sql: Sql, fleet: FleetId, hash: Bytes, row: SessionRow): Promise<void> {
  await sql.run(
    `insert into sessions (fleet, hash, session, person, method, strong, started_at_ms, expires_at_ms, last_seen_ms,
       proved_at_ms, address, software) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      blob(fleet),
      hash,
      bytesOf(row.id),
      bytesOf(row.person),
      row.method,
      row.strong ? 1 : 0,
      row.startedAtMs,
      row.expiresAtMs,
      row.lastSeenMs,
      row.provedAtMs,
      row.address,
      row.software,
    ],
  )
}

export async function sessionByHash(sql: Sql, fleet: FleetId, hash: Bytes): Promise<SessionRow | undefined> {
  const rows = await sql.query<StoredRow>('select * from sessions where fleet = ? and hash = ?', [
    blob(fleet),
    hash,
  ])
  return rows.map(sessionRow)[0]
}

/** Newest first. */
export async function sessionsOf(sql: Sql, fleet: FleetId, person: string): Promise<SessionRow[]> {
  const rows = await sql.query<StoredRow>(
    'select * from sessions where fleet = ? and person = ? order by started_at_ms desc',
    [blob(fleet), bytesOf(person)],
  )
  return rows.map(sessionRow)
}

export async function touchSession(sql: Sql, fleet: FleetId, id: string, atMs: number): Promise<void> {
  await sql.run('update sessions set last_seen_ms = ? where fleet = ? and session = ? and last_seen_ms < ?', [
    atMs,
    blob(fleet),
    bytesOf(id),
    atMs,
  ])
}

/** Of this person; returns whether he had it. */
export async function removeSession(sql: Sql, fleet: FleetId, person: string, id: string): Promise<boolean> {
  const { changes } = await sql.run('delete from sessions where fleet = ? and person = ? and session = ?', [
    blob(fleet),
    bytesOf(person),
    bytesOf(id),
  ])
  return changes === 1
}

/** All of a person but one. */
export async function removeSessionsOf(
  sql: Sql,
  fleet: FleetId,
  person: string,
  but?: string,
): Promise<void> {
  await sql.run('delete from sessions where fleet = ? and person = ? and session <> ?', [
    blob(fleet),
    bytesOf(person),
    but === undefined ? new Uint8Array() : bytesOf(but),
  ])
}

export async function removeEndedSessions(
  sql: Sql,
  fleet: FleetId,
  nowMs: number,
  idleMs: number,
): Promise<void> {
  await sql.run('delete from sessions where fleet = ? and (expires_at_ms <= ? or last_seen_ms <= ?)', [
    blob(fleet),
    nowMs,
    nowMs - idleMs,
  ])
}

function sessionRow(row: StoredRow): SessionRow {
  return {
    id: hex(row.session),
    person: hex(row.person),
    method: row.method,
    strong: row.strong === 1,
    startedAtMs: row.started_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastSeenMs: row.last_seen_ms,
    provedAtMs: row.proved_at_ms,
    address: row.address,
    software: row.software,
  }
}
