import type { Bytes } from '@backstay/proto/bytes'
import { type DeviceId, type FleetId, idToBytes, type ObjectId } from '@backstay/proto/object/id'
import type { Commit } from '@backstay/proto/trust/commit'
import { blob, deviceIdFrom, objectIdFrom } from './blob.ts'
import type { Sql, SqlValue } from './sql.ts'

/** What the catalog knows of a commit; the commit itself is the object `id`. */
export interface SnapshotRow {
  readonly device: DeviceId
  /** Of the commit record. */
  readonly id: ObjectId
  readonly sequence: number
  readonly previous: ObjectId | undefined
  /** 16 bytes. */
  readonly branch: Bytes | undefined
  readonly root: ObjectId
  readonly epoch: number
  readonly complete: boolean
  readonly entries: number
  readonly bytes: number
  readonly unread: number
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** By the collector's clock. After a rebuild it is exact to about a day. */
  readonly receivedAtMs: number
  /** When it came in, by the retention clock; undefined: before that clock began in this catalog. */
  readonly heldSinceMs: number | undefined
  /** Everything it reaches was here when it came in. False only after a rebuild that missed objects. */
  readonly published: boolean
  /** Objects below it that the last scrub found damaged or missing, at least. */
  readonly damaged: number
}

interface StoredRow {
  readonly device: Uint8Array
  readonly id: Uint8Array
  readonly sequence: number
  readonly previous: Uint8Array | null
  readonly branch: Uint8Array | null
  readonly root: Uint8Array
  readonly epoch: number
  readonly complete: number
  readonly entries: number
  readonly bytes: number
  readonly unread: number
  readonly started_at_ms: number
  readonly ended_at_ms: number
  readonly received_at_ms: number
  readonly held_since_ms: number | null
  readonly published: number
  readonly damaged: number
}

export interface SnapshotQuery {
  readonly limit?: number
  /** Only with a device. */
  readonly beforeSequence?: number
  /** Also those of which something is missing. */
  readonly unpublished?: boolean
}

/** Adding the same commit again can publish it, and changes nothing else. */
export async function addSnapshot(
  sql: Sql,
  vault: number,
  id: ObjectId,
  commit: Commit,
  receivedAtMs: number,
  published: boolean,
  heldSinceMs?: number,
): Promise<void> {
  await sql.run(
    `insert into snapshots (fleet, vault, device, id, sequence, previous, branch, root, epoch, complete, entries, bytes,
       unread, started_at_ms, ended_at_ms, received_at_ms, published, damaged, held_since_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?) on conflict (fleet, device, id)
     do update set published = case when excluded.published = 1 then 1 else snapshots.published end`,
    [
      blob(commit.fleet),
      vault,
      blob(commit.device),
      blob(id),
      commit.sequence,
      commit.previous === undefined ? null : idToBytes(commit.previous),
      commit.branch ?? null,
      blob(commit.root),
      commit.epoch,
      commit.complete ? 1 : 0,
      commit.entries,
      commit.bytes,
      commit.unread,
      commit.startedAtMs,
      commit.endedAtMs,
      receivedAtMs,
      published ? 1 : 0,
      heldSinceMs ?? null,
    ],
  )
}

/** The device's head at this collector: the commit that the next one must follow. */
export async function latestSnapshot(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
): Promise<SnapshotRow | undefined> {
  const [row] = await listSnapshots(sql, fleet, device, { limit: 1 })
  return row
}

export async function snapshotById(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
  id: ObjectId,
): Promise<SnapshotRow | undefined> {
  const [row] = await sql.query<StoredRow>(
    'select * from snapshots where fleet = ? and device = ? and id = ? and forgotten_ms is null',
    [blob(fleet), blob(device), blob(id)],
  )
  return row === undefined ? undefined : snapshotRow(row)
}

/** Newest first: of one device by sequence, of all by the time they came in. */
export async function listSnapshots(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId | undefined,
  options: SnapshotQuery = {},
): Promise<SnapshotRow[]> {
  const where = ['fleet = ?']
  const values: SqlValue[] = [blob(fleet)]
  if (device !== undefined) {
    where.push('device = ?', 'sequence < ?')
    values.push(blob(device), options.beforeSequence ?? Number.MAX_SAFE_INTEGER)
  }
  where.push('forgotten_ms is null')
  if (options.unpublished !== true) where.push('published = 1')
  const order = device === undefined ? 'received_at_ms desc, device' : 'sequence desc, received_at_ms desc'
  const rows = await sql.query<StoredRow>(
    `select * from snapshots where ${where.join(' and ')} order by ${order} limit ?`,
    [...values, options.limit ?? 1000],
  )
  return rows.map(snapshotRow)
}

/** Commits of which something was missing, by device and sequence; of one device, or of all. */
export async function unpublishedSnapshots(
  sql: Sql,
  fleet: FleetId,
  device?: DeviceId,
): Promise<SnapshotRow[]> {
  const rows = await sql.query<StoredRow>(
    `select * from snapshots where fleet = ? and published = 0 and forgotten_ms is null
     ${device === undefined ? '' : 'and device = ?'} order by device, sequence`,
    [blob(fleet), ...(device === undefined ? [] : [blob(device)])],
  )
  return rows.map(snapshotRow)
}

export async function markPublished(sql: Sql, fleet: FleetId, device: DeviceId, id: ObjectId): Promise<void> {
  await sql.run('update snapshots set published = 1 where fleet = ? and device = ? and id = ?', [
    blob(fleet),
    blob(device),
    blob(id),
  ])
}

/** A commit that its device did not sign is none. */
export async function dropSnapshot(sql: Sql, fleet: FleetId, device: DeviceId, id: ObjectId): Promise<void> {
  await sql.run('delete from snapshots where fleet = ? and device = ? and id = ?', [
    blob(fleet),
    blob(device),
    blob(id),
  ])
}

/** Of devices: a parcel is none. */
export async function countSnapshots(sql: Sql, fleet: FleetId, published: boolean): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `select count(*) as count from snapshots where fleet = ? and published = ? and forgotten_ms is null
     and not exists (select 1 from parcels where parcels.fleet = snapshots.fleet and parcels.parcel = snapshots.device)`,
    [blob(fleet), published ? 1 : 0],
  )
  return row?.count ?? 0
}

/** They count no longer; the first time stays. */
export async function forgetSnapshots(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
  ids: readonly ObjectId[],
  clockMs: number,
): Promise<void> {
  await sql.runEach(
    `update snapshots set forgotten_ms = ? where fleet = ? and device = ? and id = ? and forgotten_ms is null`,
    ids.map(id => [clockMs, blob(fleet), blob(device), blob(id)]),
  )
}

/** A signed receipt says when they came in. */
export async function receiptSnapshots(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
  received: readonly { readonly snapshot: ObjectId; readonly clockMs: number }[],
): Promise<void> {
  await sql.runEach(
    'update snapshots set held_since_ms = ?, receipted = 1 where fleet = ? and device = ? and id = ?',
    received.map(one => [one.clockMs, blob(fleet), blob(device), blob(one.snapshot)]),
  )
}

/** By sequence: those that no receipt names yet. */
export async function unreceiptedSnapshots(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
): Promise<SnapshotRow[]> {
  const rows = await sql.query<StoredRow>(
    `select * from snapshots where fleet = ? and device = ? and receipted = 0 and forgotten_ms is null
     order by sequence`,
    [blob(fleet), blob(device)],
  )
  return rows.map(snapshotRow)
}

/** Of those commits that count no longer: which are still known by their rows. */
export async function forgottenSnapshots(sql: Sql, fleet: FleetId, device: DeviceId): Promise<Set<ObjectId>> {
  const rows = await sql.query<{ id: Uint8Array }>(
    'select id from snapshots where fleet = ? and device = ? and forgotten_ms is not null',
    [blob(fleet), blob(device)],
  )
  return new Set(rows.map(row => objectIdFrom(row.id)))
}

/** After this time of the retention clock. */
export async function wasForgottenSince(
  sql: Sql,
  fleet: FleetId,
  device: DeviceId,
  clockMs: number,
): Promise<boolean> {
  const rows = await sql.query(
    'select 1 from snapshots where fleet = ? and device = ? and forgotten_ms is not null and forgotten_ms > ? limit 1',
    [blob(fleet), blob(device), clockMs],
  )
  return rows.length > 0
}

function snapshotRow(row: StoredRow): SnapshotRow {
  return {
    device: deviceIdFrom(row.device),
    id: objectIdFrom(row.id),
    sequence: row.sequence,
    previous: row.previous === null ? undefined : objectIdFrom(row.previous),
    branch: row.branch ?? undefined,
    root: objectIdFrom(row.root),
    epoch: row.epoch,
    complete: row.complete === 1,
    entries: row.entries,
    bytes: row.bytes,
    unread: row.unread,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    receivedAtMs: row.received_at_ms,
    heldSinceMs: row.held_since_ms ?? undefined,
    published: row.published === 1,
    damaged: row.damaged,
  }
}
