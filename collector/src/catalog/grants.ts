import type { Bytes } from '@backstay/proto/bytes'
import type { FleetId } from '@backstay/proto/object/id'
import { blob } from './blob.ts'
import type { Sql } from './sql.ts'

export interface NewGrant {
  /** 16 bytes: the id of the grant's order. */
  readonly grantId: Bytes
  readonly grantKey: Bytes
  readonly label: string
  readonly maxUses: number
  readonly expiresAtMs: number
  readonly manualApproval: boolean
  /** Encoded envelope. */
  readonly envelope: Bytes
}

export interface GrantRow extends NewGrant {
  readonly uses: number
  readonly revokedAtMs: number | undefined
}

interface StoredRow {
  readonly grant_id: Uint8Array
  readonly grant_key: Uint8Array
  readonly label: string
  readonly max_uses: number
  readonly uses: number
  readonly expires_at_ms: number
  readonly manual_approval: number
  readonly envelope: Uint8Array
  readonly revoked_at_ms: number | null
}

/** Adding the same grant again changes nothing. */
export async function addGrant(sql: Sql, fleet: FleetId, grant: NewGrant): Promise<void> {
  await sql.run(
    `insert into grants (fleet, grant_id, grant_key, label, max_uses, uses, expires_at_ms, manual_approval, envelope)
     values (?, ?, ?, ?, ?, 0, ?, ?, ?) on conflict (fleet, grant_id) do nothing`,
    [
      blob(fleet),
      grant.grantId,
      grant.grantKey,
      grant.label,
      grant.maxUses,
      grant.expiresAtMs,
      grant.manualApproval ? 1 : 0,
      grant.envelope,
    ],
  )
}

export async function grantById(sql: Sql, fleet: FleetId, grantId: Bytes): Promise<GrantRow | undefined> {
  const [row] = await sql.query<StoredRow>('select * from grants where fleet = ? and grant_id = ?', [
    blob(fleet),
    grantId,
  ])
  return row === undefined ? undefined : grantRow(row)
}

export async function listGrants(sql: Sql, fleet: FleetId): Promise<GrantRow[]> {
  const rows = await sql.query<StoredRow>(
    'select * from grants where fleet = ? order by expires_at_ms desc',
    [blob(fleet)],
  )
  return rows.map(grantRow)
}

/** Takes one use; false when none is left, or the grant is unknown or revoked. Its expiry is the caller's to judge. */
export async function useGrant(sql: Sql, fleet: FleetId, grantId: Bytes): Promise<boolean> {
  const { changes } = await sql.run(
    `update grants set uses = uses + 1
     where fleet = ? and grant_id = ? and uses < max_uses and revoked_at_ms is null`,
    [blob(fleet), grantId],
  )
  return changes === 1
}

/** Gives a use back when the enrolment failed. */
export async function releaseGrant(sql: Sql, fleet: FleetId, grantId: Bytes): Promise<void> {
  await sql.run('update grants set uses = uses - 1 where fleet = ? and grant_id = ? and uses > 0', [
    blob(fleet),
    grantId,
  ])
}

/** After a replay: a grant was used at least as often as devices came with it. */
export async function countGrantUses(sql: Sql, fleet: FleetId): Promise<void> {
  const came = `select count(*) from devices where devices.fleet = grants.fleet and devices.grant_id = grants.grant_id`
  await sql.run(`update grants set uses = (${came}) where fleet = ? and uses < (${came})`, [blob(fleet)])
}

/** Revoking twice keeps the first time. */
export async function revokeGrant(sql: Sql, fleet: FleetId, grantId: Bytes, atMs: number): Promise<void> {
  await sql.run(
    'update grants set revoked_at_ms = ? where fleet = ? and grant_id = ? and revoked_at_ms is null',
    [atMs, blob(fleet), grantId],
  )
}

function grantRow(row: StoredRow): GrantRow {
  return {
    grantId: row.grant_id,
    grantKey: row.grant_key,
    label: row.label,
    maxUses: row.max_uses,
    uses: row.uses,
    expiresAtMs: row.expires_at_ms,
    manualApproval: row.manual_approval === 1,
    envelope: row.envelope,
    revokedAtMs: row.revoked_at_ms ?? undefined,
  }
}
