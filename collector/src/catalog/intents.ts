/** What people without keys asked for. The path that is meant lies here sealed. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { blob, deviceIdFrom } from './blob.ts'
import { bytesOf } from './people.ts'
import type { Sql, SqlValue } from './sql.ts'

export interface IntentRow {
  readonly number: number
  readonly kind: 'restore' | 'backup'
  readonly device: DeviceId
  readonly by: string
  readonly atMs: number
  readonly expiresAtMs: number
  readonly state: 'open' | 'done' | 'declined'
  /** age file to the restore admins. */
  readonly sealed: Bytes | undefined
  readonly note: string | undefined
  readonly closedBy: string | undefined
  readonly closedAtMs: number | undefined
  /** Order id, in hexadecimal digits. */
  readonly job: string | undefined
  readonly reason: string | undefined
}

interface StoredRow {
  readonly number: number
  readonly kind: 'restore' | 'backup'
  readonly device: Uint8Array
  readonly asked_by: string
  readonly at_ms: number
  readonly expires_at_ms: number
  readonly state: 'open' | 'done' | 'declined'
  readonly sealed: Uint8Array | null
  readonly note: string | null
  readonly closed_by: string | null
  readonly closed_at_ms: number | null
  readonly job: Uint8Array | null
  readonly reason: string | null
}

export async function addIntent(
  sql: Sql,
  fleet: FleetId,
  intent: Pick<IntentRow, 'kind' | 'device' | 'by' | 'atMs' | 'expiresAtMs' | 'sealed' | 'note'>,
): Promise<IntentRow> {
  const [row] = await sql.query<StoredRow>(
    `insert into intents (fleet, kind, device, asked_by, at_ms, expires_at_ms, state, sealed, note)
     values (?, ?, ?, ?, ?, ?, 'open', ?, ?) returning *`,
    [
      blob(fleet),
      intent.kind,
      blob(intent.device),
      intent.by,
      intent.atMs,
      intent.expiresAtMs,
      intent.sealed ?? null,
      intent.note ?? null,
    ],
  )
  if (row === undefined) throw new Error('assertion failed: nothing was inserted')
  return intentRow(row)
}

/** Newest first, behind `before`. */
export async function listIntents(
  sql: Sql,
  fleet: FleetId,
  options: { readonly before?: number | undefined; readonly limit: number },
): Promise<IntentRow[]> {
  const values: SqlValue[] = [blob(fleet), options.before ?? Number.MAX_SAFE_INTEGER, options.limit]
  const rows = await sql.query<StoredRow>(
    'select * from intents where fleet = ? and number < ? order by number desc limit ?',
    values,
  )
  return rows.map(intentRow)
}

export async function intentByNumber(
  sql: Sql,
  fleet: FleetId,
  number: number,
): Promise<IntentRow | undefined> {
  const rows = await sql.query<StoredRow>('select * from intents where fleet = ? and number = ?', [
    blob(fleet),
    number,
  ])
  return rows.map(intentRow)[0]
}

export async function countOpenIntents(sql: Sql, fleet: FleetId, by: string, nowMs: number): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `select count(*) as count from intents where fleet = ? and asked_by = ? and state = 'open' and expires_at_ms > ?`,
    [blob(fleet), by, nowMs],
  )
  return row?.count ?? 0
}

/** False when it was closed already. */
export async function closeIntent(
  sql: Sql,
  fleet: FleetId,
  number: number,
  how: Pick<IntentRow, 'closedBy' | 'closedAtMs' | 'job' | 'reason'> & {
    readonly state: 'done' | 'declined'
  },
): Promise<boolean> {
  const { changes } = await sql.run(
    `update intents set state = ?, closed_by = ?, closed_at_ms = ?, job = ?, reason = ?
     where fleet = ? and number = ? and state = 'open'`,
    [
      how.state,
      how.closedBy ?? null,
      how.closedAtMs ?? null,
      how.job === undefined ? null : bytesOf(how.job),
      how.reason ?? null,
      blob(fleet),
      number,
    ],
  )
  return changes === 1
}

function intentRow(row: StoredRow): IntentRow {
  return {
    number: row.number,
    kind: row.kind,
    device: deviceIdFrom(row.device),
    by: row.asked_by,
    atMs: row.at_ms,
    expiresAtMs: row.expires_at_ms,
    state: row.state,
    sealed: row.sealed ?? undefined,
    note: row.note ?? undefined,
    closedBy: row.closed_by ?? undefined,
    closedAtMs: row.closed_at_ms ?? undefined,
    job: row.job === null ? undefined : hex(row.job),
    reason: row.reason ?? undefined,
  }
}
