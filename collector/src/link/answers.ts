/** What the collector answers to each question of a member who may ask it (fleet/member.ts decides that). */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { decodeWhole } from '@backstay/proto/object/header'
import type { DeviceId, FleetId, ObjectId, Sealed } from '@backstay/proto/object/id'
import { packBits } from '@backstay/proto/wire/bits'
import type { Body, BodyOf, ObeyedOrders } from '@backstay/proto/wire/frame'
import { listMax } from '@backstay/proto/wire/limits'
import type { CollectorLog } from '../audit/collector-log.ts'
import type { TellRead } from '../audit/reads.ts'
import { type DeviceRow, listDevices } from '../catalog/devices.ts'
import { recordsOf } from '../catalog/records.ts'
import { listSnapshots, type SnapshotRow } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Fleet, Kept } from '../fleet/fleet.ts'
import { kindNamed, type Member } from '../fleet/member.ts'
import type { Ingest } from '../ingest/ingest.ts'
import type { Retrieve } from '../retrieve/retrieve.ts'

export interface Archive {
  readonly sql: Sql
  readonly fleet: Fleet
  readonly ingest: Pick<Ingest, 'missing' | 'publish'>
  readonly retrieve: Retrieve
  readonly auditLog: Pick<CollectorLog, 'shown' | 'checkpoint' | 'consistency' | 'note'>
  /** Devices that are connected hear of a record that was kept; one that it put out, by the end of its session. */
  kept(record: Kept): void
  /** Since when the device has a session; undefined when it has none. */
  onlineSinceMs(device: DeviceId): number | undefined
  /** What a device says of the orders that it was shown. */
  obeyed(device: DeviceId, obeyed: ObeyedOrders): Promise<void>
}

/** Commit records read together. */
const snapshotsAtOnce = 64

/** `told`: what a session reads that opens backups is in the log before it is sent. */
export async function* answersTo(
  archive: Archive,
  member: Member,
  body: Body,
  told: TellRead,
): AsyncGenerator<Body, void> {
  switch (body.kind) {
    case 'have': {
      const missing = await archive.ingest.missing(deviceOf(member, undefined), body.ids)
      yield { kind: 'missing', bits: packBits(missing) }
      return
    }
    case 'publish': {
      const device = deviceOf(member, undefined)
      yield { kind: 'published', ...(await archive.ingest.publish(device, body.stored)) }
      archive.fleet.news.tell({ kind: 'device', device })
      return
    }
    case 'putRecord': {
      const kept = await archive.fleet.putRecord(member, body.envelope)
      archive.kept(kept)
      yield { kind: 'published', id: kept.id, receivedAtMs: kept.receivedAtMs }
      return
    }
    case 'heartbeat': {
      const device = deviceOf(member, undefined)
      yield { kind: 'heard', receivedAtMs: await archive.fleet.heartbeats.take(device, body.envelope) }
      archive.fleet.news.tell({ kind: 'device', device })
      return
    }
    case 'obeyed':
      await archive.obeyed(deviceOf(member, undefined), body)
      yield { kind: 'done', count: 0 }
      return
    case 'jobProgress':
      archive.fleet.jobs.tell(deviceOf(member, undefined), body)
      yield { kind: 'done', count: 0 }
      return
    case 'askProgress':
      yield archive.fleet.jobs.progressOf(body.device, body.job)
      return
    case 'askLog':
      yield await logProof(archive, body)
      return
    case 'get': {
      const device = body.device ?? deviceOf(member, undefined)
      if (!isOwn(member, device)) await told('objects', device)
      return yield* counted(objects(archive, device, body.ids))
    }
    case 'listRecords': {
      const kind = kindNamed(body.payloadType)
      const isGuarded = kind === 'escrow' || kind === 'keyring'
      if (isGuarded && !isOwn(member, body.device)) await told(kind, body.device)
      return yield* counted(records(archive, member, body))
    }
    case 'listDevices':
      return yield* counted(devices(archive, body))
    case 'listSnapshots':
      return yield* counted(snapshots(archive, member, body))
    default:
      throw new Failure('unexpected_frame', `nobody asks with "${body.kind}"`)
  }
}

/** What a device sealed itself, it may read unwatched. */
function isOwn(member: Member, device: DeviceId | undefined): boolean {
  return member.kind !== 'admin' && (device === undefined || device === member.device)
}

async function logProof({ auditLog }: Archive, { from, to }: BodyOf<'askLog'>): Promise<Body> {
  const { note, size } = await auditLog.checkpoint()
  return { kind: 'logProof', checkpoint: note, proof: await auditLog.consistency(from, to === 0 ? size : to) }
}

async function* counted(answers: AsyncIterable<Body>): AsyncGenerator<Body, void> {
  let count = 0
  for await (const answer of answers) {
    yield answer
    count++
  }
  yield { kind: 'done', count }
}

async function* objects(
  { retrieve }: Archive,
  device: DeviceId,
  ids: readonly ObjectId[],
): AsyncGenerator<Body, void> {
  const places = Map.groupBy(ids.keys(), index => ids[index])
  for await (const { id, stored } of retrieve.get(device, ids)) {
    for (const index of places.get(id) ?? []) yield { kind: 'object', index, stored }
  }
}

async function* records(
  { sql, fleet }: Archive,
  member: Member,
  { payloadType, device }: BodyOf<'listRecords'>,
): AsyncGenerator<Body, void> {
  const kind = kindNamed(payloadType)
  if (kind === undefined) throw new Failure('unknown_kind', 'records of this kind are not known here')
  const domain = member.kind === 'admin' ? device : member.device
  for (const { envelope, id, receivedAtMs } of await recordsOf(sql, fleetId(fleet), kind, domain)) {
    yield { kind: 'record', envelope, id, receivedAtMs }
  }
}

async function* devices(
  archive: Archive,
  { after, limit }: BodyOf<'listDevices'>,
): AsyncGenerator<Body, void> {
  // Read before the rows: no heartbeat may name a snapshot that its row does not have yet.
  const newest = archive.fleet.heartbeats.newest()
  const rows = await listDevices(archive.sql, fleetId(archive.fleet), {
    limit: pageOf(limit),
    ...(after === undefined ? {} : { after }),
  })
  for (const row of rows) {
    const heard = newest.get(row.device)
    const onlineSinceMs = archive.onlineSinceMs(row.device)
    yield {
      kind: 'device',
      row: {
        certificate: row.certificate,
        grant: row.grant ?? new Uint8Array(),
        enrolledAtMs: row.enrolledAtMs,
        lastSeenMs: row.lastSeenMs ?? 0,
        head: await headEnvelope(archive, row),
        headReceivedAtMs: row.head?.receivedAtMs ?? 0,
        revoked: row.revokedAtMs !== undefined,
        storedBytes: row.storedBytes,
        lastCompleteAtMs: row.lastCompleteAtMs ?? 0,
        heartbeat: heard?.envelope,
        heardAtMs: heard?.heardAtMs ?? 0,
        online: onlineSinceMs !== undefined,
        onlineSinceMs: onlineSinceMs ?? 0,
        revokedAtMs: row.revokedAtMs ?? 0,
        escrowedAtMs: row.escrowedAtMs ?? 0,
        clonedSinceMs: archive.fleet.ratchets.clonedSinceMs(row.device) ?? 0,
        obeyed: row.obeyed,
      },
    }
  }
}

async function* snapshots(
  { sql, fleet, retrieve }: Archive,
  member: Member,
  { device, limit, beforeSequence }: BodyOf<'listSnapshots'>,
): AsyncGenerator<Body, void> {
  const of = member.kind === 'admin' ? device : member.device
  const rows = await listSnapshots(sql, fleetId(fleet), of, {
    limit: pageOf(limit),
    ...(beforeSequence === 0 ? {} : { beforeSequence }),
  })
  for (let at = 0; at < rows.length; at += snapshotsAtOnce) {
    const page = rows.slice(at, at + snapshotsAtOnce)
    const stored = await commitsOf(retrieve, page)
    for (const { id, receivedAtMs } of page) {
      const commit = stored.get(id)
      // A damaged record proves nothing; scrub names it.
      if (commit !== undefined) yield { kind: 'snapshot', id, stored: commit, receivedAtMs }
    }
  }
}

async function commitsOf(
  retrieve: Retrieve,
  rows: readonly SnapshotRow[],
): Promise<ReadonlyMap<ObjectId, Sealed>> {
  const found = new Map<ObjectId, Sealed>()
  for (const [device, own] of Map.groupBy(rows, row => row.device)) {
    const ids = own.map(row => row.id)
    for await (const { id, stored } of retrieve.get(device, ids)) if (stored) found.set(id, stored)
  }
  return found
}

async function headEnvelope({ retrieve }: Archive, row: DeviceRow): Promise<Bytes | undefined> {
  if (row.head === undefined) return undefined
  for await (const { stored } of retrieve.get(row.device, [row.head.id])) {
    if (stored !== undefined) return decodeWhole(stored).body
  }
  return undefined
}

/** Whose domain is asked for; who may ask for which was decided before. */
function deviceOf(member: Member, asked: DeviceId | undefined): DeviceId {
  const device = member.kind === 'admin' ? asked : member.device
  if (device === undefined) throw new Failure('wrong_role', 'only a device has objects of its own')
  return device
}

function fleetId(fleet: Fleet): FleetId {
  if (fleet.trust !== undefined) return fleet.trust.fleet
  throw new Failure('not_founded', 'this collector serves no fleet yet')
}

function pageOf(limit: number): number {
  return limit === 0 ? listMax : Math.min(limit, listMax)
}
