/** Alerts, and what of them is still to be delivered. */
import type { FleetId } from '@backstay/proto/object/id'
import type { Alert } from '../alerts/engine.ts'
import { blob } from './blob.ts'
import type { Sql, SqlValue } from './sql.ts'

/** Those that last. */
export async function openAlerts(sql: Sql, fleet: FleetId): Promise<Alert[]> {
  const rows = await sql.query<{ body: string }>(
    'select body from alerts where fleet = ? and recovered_at_ms is null order by raised_at_ms',
    [blob(fleet)],
  )
  return rows.map(alertOf)
}

export async function alertById(sql: Sql, fleet: FleetId, id: string): Promise<Alert | undefined> {
  const [row] = await sql.query<{ body: string }>('select body from alerts where fleet = ? and id = ?', [
    blob(fleet),
    id,
  ])
  return row && alertOf(row)
}

export interface AlertQuery {
  readonly limit: number
  /** Only those raised before, or at the same time with a smaller id. */
  readonly before?: { readonly raisedAtMs: number; readonly id: string } | undefined
  readonly recovered?: boolean | undefined
  readonly subject?: string | undefined
}

/** Newest first. */
export async function listAlerts(sql: Sql, fleet: FleetId, query: AlertQuery): Promise<Alert[]> {
  const where = ['fleet = ?']
  const values: SqlValue[] = [blob(fleet)]
  if (query.recovered !== undefined) where.push(`recovered_at_ms is ${query.recovered ? 'not ' : ''}null`)
  if (query.subject !== undefined) {
    where.push('subject = ?')
    values.push(query.subject)
  }
  if (query.before !== undefined) {
    const { raisedAtMs, id } = query.before
    where.push('(raised_at_ms < ? or (raised_at_ms = ? and id < ?))')
    values.push(raisedAtMs, raisedAtMs, id)
  }
  const rows = await sql.query<{ body: string }>(
    `select body from alerts where ${where.join(' and ')} order by raised_at_ms desc, id desc limit ?`,
    [...values, query.limit],
  )
  return rows.map(alertOf)
}

export async function writeAlerts(sql: Sql, fleet: FleetId, alerts: readonly Alert[]): Promise<void> {
  await sql.runEach(
    `insert into alerts (fleet, id, rule, subject, raised_at_ms, recovered_at_ms, body) values (?, ?, ?, ?, ?, ?, ?)
     on conflict (fleet, id) do update set recovered_at_ms = excluded.recovered_at_ms, body = excluded.body`,
    alerts.map(alert => [
      ...[blob(fleet), alert.id, alert.rule, alert.subject, alert.raisedAtMs],
      ...[alert.recoveredAtMs ?? null, JSON.stringify(alert)],
    ]),
  )
}

export async function dropAlertsBefore(sql: Sql, fleet: FleetId, recoveredBeforeMs: number): Promise<void> {
  await sql.run('delete from alerts where fleet = ? and recovered_at_ms < ?', [
    blob(fleet),
    recoveredBeforeMs,
  ])
}

export interface Delivery {
  /** The same at every attempt, so that a receiver can tell. */
  readonly id: string
  readonly channel: string
  readonly dueAtMs: number
  readonly madeAtMs: number
  readonly attempts: number
  /** JSON of a `Message`. */
  readonly body: string
}

export async function writeDeliveries(sql: Sql, fleet: FleetId, rows: readonly Delivery[]): Promise<void> {
  await sql.runEach(
    `insert into outbox (fleet, id, channel, due_at_ms, made_at_ms, attempts, body) values (?, ?, ?, ?, ?, ?, ?)
     on conflict (fleet, id) do update set due_at_ms = excluded.due_at_ms, attempts = excluded.attempts`,
    rows.map(({ id, channel, dueAtMs, madeAtMs, attempts, body }) => [
      ...[blob(fleet), id, channel, dueAtMs, madeAtMs, attempts, body],
    ]),
  )
}

/** The oldest first. */
export async function dueDeliveries(
  sql: Sql,
  fleet: FleetId,
  nowMs: number,
  limit: number,
): Promise<Delivery[]> {
  const rows = await sql.query<{
    id: string
    channel: string
    due_at_ms: number
    made_at_ms: number
    attempts: number
    body: string
  }>('select * from outbox where fleet = ? and due_at_ms <= ? order by due_at_ms, made_at_ms limit ?', [
    blob(fleet),
    nowMs,
    limit,
  ])
  return rows.map(({ id, channel, due_at_ms, made_at_ms, attempts, body }) => ({
    ...{ id, channel, dueAtMs: due_at_ms, madeAtMs: made_at_ms, attempts, body },
  }))
}

export async function dropDelivery(sql: Sql, fleet: FleetId, id: string): Promise<void> {
  await sql.run('delete from outbox where fleet = ? and id = ?', [blob(fleet), id])
}

export async function dropDeliveriesOf(sql: Sql, fleet: FleetId, channel: string): Promise<void> {
  await sql.run('delete from outbox where fleet = ? and channel = ?', [blob(fleet), channel])
}

/** By channel. */
export async function waitingDeliveries(sql: Sql, fleet: FleetId): Promise<Map<string, number>> {
  const rows = await sql.query<{ channel: string; count: number }>(
    'select channel, count(*) as count from outbox where fleet = ? group by channel',
    [blob(fleet)],
  )
  return new Map(rows.map(({ channel, count }) => [channel, count]))
}

function alertOf({ body }: { readonly body: string }): Alert {
  return JSON.parse(body) as Alert
}
