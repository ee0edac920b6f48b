/** Tokens of programs. Of each only the SHA-256 lies here. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { FleetId } from '@backstay/proto/object/id'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import { blob } from './blob.ts'
import { bytesOf, rolesFrom } from './people.ts'
import type { Sql } from './sql.ts'

export interface ApiTokenRow {
  readonly id: string
  readonly name: string
  readonly roles: readonly PersonRole[]
  readonly groups: readonly string[] | undefined
  readonly createdBy: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly lastUsedAtMs: number | undefined
}

interface StoredRow {
  readonly token: Uint8Array
  readonly name: string
  readonly roles: string
  readonly groups: string | null
  readonly created_by: string
  readonly created_at_ms: number
  readonly expires_at_ms: number
  readonly last_used_at_ms: number | null
}

export async function addApiToken(
  sql: Sql,
  fleet: FleetId,
  hash: Bytes,
  token: Omit<ApiTokenRow, 'lastUsedAtMs'>,
): Promise<void> {
  await sql.run(
    `insert into api_tokens (fleet, token, hash, name, roles, groups, created_by, created_at_ms, expires_at_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      blob(fleet),
      bytesOf(token.id),
      hash,
      token.name,
      JSON.stringify(token.roles),
      token.groups === undefined ? null : JSON.stringify(token.groups),
      token.createdBy,
      token.createdAtMs,
      token.expiresAtMs,
    ],
  )
}

export async function apiTokenByHash(
  sql: Sql,
  fleet: FleetId,
  hash: Bytes,
): Promise<ApiTokenRow | undefined> {
  const rows = await sql.query<StoredRow>('select * from api_tokens where fleet = ? and hash = ?', [
    blob(fleet),
    hash,
  ])
  return rows.map(tokenRow)[0]
}

/** Newest first. */
export async function listApiTokens(sql: Sql, fleet: FleetId): Promise<ApiTokenRow[]> {
  const rows = await sql.query<StoredRow>(
    'select * from api_tokens where fleet = ? order by created_at_ms desc',
    [blob(fleet)],
  )
  return rows.map(tokenRow)
}

export async function markTokenUsed(sql: Sql, fleet: FleetId, id: string, atMs: number): Promise<void> {
  await sql.run('update api_tokens set last_used_at_ms = ? where fleet = ? and token = ?', [
    atMs,
    blob(fleet),
    bytesOf(id),
  ])
}

export async function removeApiToken(sql: Sql, fleet: FleetId, id: string): Promise<boolean> {
  const { changes } = await sql.run('delete from api_tokens where fleet = ? and token = ?', [
    blob(fleet),
    bytesOf(id),
  ])
  return changes === 1
}

function tokenRow(row: StoredRow): ApiTokenRow {
  return {
    id: hex(row.token),
    name: row.name,
    roles: rolesFrom(row.roles),
    groups: row.groups === null ? undefined : (JSON.parse(row.groups) as string[]),
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastUsedAtMs: row.last_used_at_ms ?? undefined,
  }
}
