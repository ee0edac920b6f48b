/** The append-only log: its entries, the subtrees over them, and what is not in it yet. Rows are only ever added. */
import type { Bytes } from '@backstay/proto/bytes'
import { canonical, type Detail, type LogEntry } from '@backstay/proto/log/entry'
import type { TreeNode } from '@backstay/proto/log/merkle'
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'
import type { PayloadKind } from '@backstay/proto/trust/envelope'
import { blob, deviceIdFrom, objectIdFrom } from './blob.ts'
import type { Sql, SqlValue } from './sql.ts'
import type { Domain } from './vaults.ts'

export interface NumberedEntry extends LogEntry {
  /** From 0. */
  readonly number: number
}

interface StoredRow {
  readonly number: number
  readonly at_ms: number
  readonly actor: string
  readonly action: string
  readonly device: string | null
  readonly target: string | null
  readonly detail: string | null
}

const columns = 'number, at_ms, actor, action, device, target, detail'

export async function logSize(sql: Sql, fleet: FleetId): Promise<number> {
  const [row] = await sql.query<{ last: number | null }>(
    'select max(number) as last from log_entries where fleet = ?',
    [blob(fleet)],
  )
  return row?.last === null || row === undefined ? 0 : row.last + 1
}

/** In a transaction. */
export async function appendToLog(
  sql: Sql,
  fleet: FleetId,
  entries: readonly NumberedEntry[],
  nodes: readonly TreeNode[],
): Promise<void> {
  await sql.runEach(
    `insert into log_entries (fleet, ${columns}) values (?, ?, ?, ?, ?, ?, ?, ?)`,
    entries.map(({ number, atMs, actor, action, device, target, detail }) => [
      ...[blob(fleet), number, atMs, actor, action, device ?? null, target ?? null],
      detail === undefined ? null : canonical(detail),
    ]),
  )
  await sql.runEach(
    'insert into log_nodes (fleet, level, place, hash) values (?, ?, ?, ?)',
    nodes.map(({ level, place, hash }) => [blob(fleet), level, place, hash]),
  )
}

/** Undefined: the subtree is not whole yet. */
export async function logNode(
  sql: Sql,
  fleet: FleetId,
  level: number,
  place: number,
): Promise<Bytes | undefined> {
  const [row] = await sql.query<{ hash: Uint8Array }>(
    'select hash from log_nodes where fleet = ? and level = ? and place = ?',
    [blob(fleet), level, place],
  )
  return row && Uint8Array.from(row.hash)
}

export interface LogQuery {
  /** Only entries with a smaller number. */
  readonly before?: number | undefined
  readonly limit: number
  readonly device?: string | undefined
  readonly action?: string | undefined
  readonly actor?: string | undefined
  readonly target?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** Without these. */
  readonly notActions?: readonly string[] | undefined
}

/** Newest first. */
export async function logEntries(sql: Sql, fleet: FleetId, query: LogQuery): Promise<NumberedEntry[]> {
  const conditions: readonly (readonly [string, SqlValue | undefined])[] = [
    ['number < ?', query.before],
    ['device = ?', query.device],
    ['action = ?', query.action],
    ['actor = ?', query.actor],
    ['target = ?', query.target],
    ['at_ms >= ?', query.fromMs],
    ['at_ms <= ?', query.toMs],
    ...(query.notActions ?? []).map(action => ['action <> ?', action] as const),
  ]
  const asked = conditions.filter(([, value]) => value !== undefined)
  const rows = await sql.query<StoredRow>(
    `select ${columns} from log_entries where ${['fleet = ?', ...asked.map(([text]) => text)].join(' and ')}
     order by number desc limit ?`,
    [blob(fleet), ...asked.map(([, value]) => value ?? null), query.limit],
  )
  return rows.map(entryOf)
}

export interface UnloggedSnapshot {
  readonly device: DeviceId
  readonly id: ObjectId
  readonly sequence: number
  readonly complete: boolean
  readonly receivedAtMs: number
}

/** Oldest first. */
export async function unloggedSnapshots(
  sql: Sql,
  fleet: FleetId,
  limit: number,
): Promise<UnloggedSnapshot[]> {
  const rows = await sql.query<{
    device: Uint8Array
    id: Uint8Array
    sequence: number
    complete: number
    received_at_ms: number
  }>(
    `select device, id, sequence, complete, received_at_ms from snapshots
     where fleet = ? and logged = 0 and published = 1 order by received_at_ms limit ?`,
    [blob(fleet), limit],
  )
  return rows.map(row => ({
    device: deviceIdFrom(row.device),
    id: objectIdFrom(row.id),
    sequence: row.sequence,
    complete: row.complete === 1,
    receivedAtMs: row.received_at_ms,
  }))
}

export async function markSnapshotsLogged(
  sql: Sql,
  fleet: FleetId,
  rows: readonly UnloggedSnapshot[],
): Promise<void> {
  await sql.runEach(
    'update snapshots set logged = 1 where fleet = ? and device = ? and id = ?',
    rows.map(({ device, id }) => [blob(fleet), blob(device), blob(id)]),
  )
}

export interface UnloggedRecord {
  readonly number: number
  readonly kind: PayloadKind
  readonly domain: Domain
  readonly id: ObjectId
  readonly receivedAtMs: number
  readonly envelope: Bytes
}

/** In the order in which they came. */
export async function unloggedRecords(sql: Sql, fleet: FleetId, limit: number): Promise<UnloggedRecord[]> {
  const rows = await sql.query<{
    number: number
    kind: PayloadKind
    domain: Uint8Array
    id: Uint8Array
    received_at_ms: number
    envelope: Uint8Array
  }>(
    `select number, kind, domain, id, received_at_ms, envelope from records
     where fleet = ? and logged = 0 and state = 'believed' order by number limit ?`,
    [blob(fleet), limit],
  )
  return rows.map(row => ({
    number: row.number,
    kind: row.kind,
    domain: deviceIdFrom(row.domain),
    id: objectIdFrom(row.id),
    receivedAtMs: row.received_at_ms,
    envelope: row.envelope,
  }))
}

export async function markRecordsLogged(sql: Sql, rows: readonly UnloggedRecord[]): Promise<void> {
  await sql.runEach(
    'update records set logged = 1 where number = ?',
    rows.map(({ number }) => [number]),
  )
}

function entryOf(row: StoredRow): NumberedEntry {
  return {
    number: row.number,
    atMs: row.at_ms,
    actor: row.actor,
    action: row.action,
    ...(row.device === null ? {} : { device: row.device }),
    ...(row.target === null ? {} : { target: row.target }),
    ...(row.detail === null ? {} : { detail: JSON.parse(row.detail) as Detail }),
  }
}
