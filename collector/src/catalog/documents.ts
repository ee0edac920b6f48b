/** What people set up, one JSON text each, and the secrets that belong to it, apart: those are kept nowhere else. */
import type { FleetId } from '@backstay/proto/object/id'
import { blob } from './blob.ts'
import type { Sql } from './sql.ts'

export type DocumentKind =
  | 'alert-rule'
  | 'channel'
  | 'report-schedule'
  | 'settings'
  | 'not-same'
  | 'trust-proposal'

export interface Document {
  readonly id: string
  readonly body: string
  readonly changedAtMs: number
}

/** In the order of their ids. */
export async function documentsOf(sql: Sql, fleet: FleetId, kind: DocumentKind): Promise<Document[]> {
  const rows = await sql.query<{ id: string; body: string; changed_at_ms: number }>(
    'select id, body, changed_at_ms from documents where fleet = ? and kind = ? order by id',
    [blob(fleet), kind],
  )
  return rows.map(({ id, body, changed_at_ms }) => ({ id, body, changedAtMs: changed_at_ms }))
}

export async function writeDocument(
  sql: Sql,
  fleet: FleetId,
  kind: DocumentKind,
  { id, body, changedAtMs }: Document,
): Promise<void> {
  await sql.run(
    `insert into documents (fleet, kind, id, body, changed_at_ms) values (?, ?, ?, ?, ?)
     on conflict (fleet, kind, id) do update set body = excluded.body, changed_at_ms = excluded.changed_at_ms`,
    [blob(fleet), kind, id, body, changedAtMs],
  )
}

/** With its secret. Whether there was one. */
export async function removeDocument(
  sql: Sql,
  fleet: FleetId,
  kind: DocumentKind,
  id: string,
): Promise<boolean> {
  const key = [blob(fleet), kind, id]
  await sql.run('delete from document_secrets where fleet = ? and kind = ? and id = ?', key)
  const { changes } = await sql.run('delete from documents where fleet = ? and kind = ? and id = ?', key)
  return changes > 0
}

/** By id. */
export async function secretsOf(sql: Sql, fleet: FleetId, kind: DocumentKind): Promise<Map<string, string>> {
  const rows = await sql.query<{ id: string; secret: string }>(
    'select id, secret from document_secrets where fleet = ? and kind = ?',
    [blob(fleet), kind],
  )
  return new Map(rows.map(({ id, secret }) => [id, secret]))
}

export async function writeSecret(
  sql: Sql,
  fleet: FleetId,
  kind: DocumentKind,
  id: string,
  secret: string,
): Promise<void> {
  await sql.run(
    `insert into document_secrets (fleet, kind, id, secret) values (?, ?, ?, ?)
     on conflict (fleet, kind, id) do update set secret = excluded.secret`,
    [blob(fleet), kind, id, secret],
  )
}
