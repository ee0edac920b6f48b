/** Signed envelopes of all kinds but commits, which are snapshots. The envelope itself lies here, a copy of the pack's. */
import type { Bytes } from '@backstay/proto/bytes'
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'
import type { PayloadKind } from '@backstay/proto/trust/envelope'
import { blob, deviceIdFrom, objectIdFrom } from './blob.ts'
import type { Sql } from './sql.ts'
import { type Domain, fleetDomain } from './vaults.ts'

export interface NewRecord {
  readonly kind: PayloadKind
  readonly domain: Domain
  readonly id: ObjectId
  /** The version of a Trust document, the epoch of an escrow, else 0. */
  readonly ordinal: number
  readonly receivedAtMs: number
  /** By the retention clock; undefined: before that clock began in this catalog. */
  readonly heldSinceMs?: number | undefined
  /** Encoded. */
  readonly envelope: Bytes
}

interface StoredRow {
  readonly kind: PayloadKind
  readonly domain: Uint8Array
  readonly id: Uint8Array
  readonly ordinal: number
  readonly received_at_ms: number
  readonly held_since_ms: number | null
  readonly envelope: Uint8Array
}

/** found: by a replay, not judged yet. refused: its signatures do not hold; nobody is told of it. */
export type RecordState = 'believed' | 'found' | 'refused'

const columns = 'kind, domain, id, ordinal, received_at_ms, held_since_ms, envelope'

/** Adding the same record again changes nothing. */
export async function addRecord(
  sql: Sql,
  fleet: FleetId,
  record: NewRecord,
  state: RecordState = 'believed',
): Promise<void> {
  await sql.run(
    `insert into records (fleet, state, ${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (fleet, domain, id) do nothing`,
    [
      blob(fleet),
      state,
      record.kind,
      blob(record.domain),
      blob(record.id),
      record.ordinal,
      record.receivedAtMs,
      record.heldSinceMs ?? null,
      record.envelope,
    ],
  )
}

/** Records of a kind in the order they came in; of one domain, or of all. */
export async function recordsOf(
  sql: Sql,
  fleet: FleetId,
  kind: PayloadKind,
  domain?: Domain,
  state: RecordState = 'believed',
): Promise<NewRecord[]> {
  const rows = await sql.query<StoredRow>(
    `select ${columns} from records where fleet = ? and kind = ? and state = ?
     ${domain === undefined ? '' : 'and domain = ?'} order by number`,
    [blob(fleet), kind, state, ...(domain === undefined ? [] : [blob(domain)])],
  )
  return rows.map(recordRow)
}

/** Records whose copy in a pack is damaged or missing. */
export async function damagedRecords(sql: Sql, fleet: FleetId, vault: number): Promise<NewRecord[]> {
  const rows = await sql.query<StoredRow>(
    `select records.kind, records.domain, records.id, records.ordinal, records.received_at_ms, records.held_since_ms, records.envelope
     from records join damage on damage.domain = records.domain and damage.id = records.id
     where records.fleet = ? and records.state = 'believed' and damage.vault = ? order by records.number`,
    [blob(fleet), vault],
  )
  return rows.map(recordRow)
}

export async function setRecordState(
  sql: Sql,
  fleet: FleetId,
  record: Pick<NewRecord, 'domain' | 'id'>,
  state: RecordState,
): Promise<void> {
  await sql.run('update records set state = ? where fleet = ? and domain = ? and id = ?', [
    state,
    blob(fleet),
    blob(record.domain),
    blob(record.id),
  ])
}

/** Envelopes of the Trust documents above a version, in order. */
export async function trustChain(sql: Sql, fleet: FleetId, aboveVersion = 0): Promise<Bytes[]> {
  const rows = await sql.query<{ envelope: Uint8Array }>(
    `select envelope from records where fleet = ? and kind = 'trust' and state = 'believed'
     and domain = ? and ordinal > ? order by ordinal`,
    [blob(fleet), blob(fleetDomain), aboveVersion],
  )
  return rows.map(row => row.envelope)
}

/** No commit of an epoch counts before its keys are escrowed. */
export async function hasEscrow(sql: Sql, fleet: FleetId, device: DeviceId, epoch: number): Promise<boolean> {
  const rows = await sql.query(
    `select 1 from records where fleet = ? and kind = 'escrow' and state = 'believed' and domain = ? and ordinal = ? limit 1`,
    [blob(fleet), blob(device), epoch],
  )
  return rows.length > 0
}

function recordRow(row: StoredRow): NewRecord {
  return {
    kind: row.kind,
    domain: deviceIdFrom(row.domain),
    id: objectIdFrom(row.id),
    ordinal: row.ordinal,
    receivedAtMs: row.received_at_ms,
    heldSinceMs: row.held_since_ms ?? undefined,
    envelope: row.envelope,
  }
}
