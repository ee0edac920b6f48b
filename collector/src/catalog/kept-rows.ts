/**
 * What the catalog knows and no record tells: rows that go into the packs once a day (upkeep/keep-rows.ts), and come back
 * when a catalog is made anew. Not among them: `objects.born_ms` (leases begin anew, which keeps things longer), what is
 * condemned (it is condemned again), exact times of receipt, and where long works stopped.
 */
import type { CatalogCell, CatalogTable } from '@backstay/proto/trust/catalog-rows'
import { deviceIdFrom, objectIdFrom } from './blob.ts'
import { type DamageReason, noteDamage } from './damage.ts'
import { typeNamed } from './objects.ts'
import type { Sql, SqlValue } from './sql.ts'

interface Kept {
  readonly name: string
  readonly columns: readonly string[]
  /** Of the vault or its fleet; `order` makes pages of it. */
  readonly where: string
  readonly order: string
  restore(sql: Sql, vault: number, rows: readonly (readonly SqlValue[])[]): Promise<void>
}

const pageRows = 5000

const kept: readonly Kept[] = [
  {
    name: 'devices',
    columns: ['last_seen_ms', 'fleet', 'device'],
    where: 'vault = ? and last_seen_ms is not null',
    order: 'fleet, device',
    restore: updating(`update devices set last_seen_ms = ? where fleet = ? and device = ?`),
  },
  {
    name: 'heartbeats',
    columns: ['fleet', 'device', 'envelope', 'heard_at_ms'],
    where: 'fleet = (select fleet from vaults where vault = ?)',
    order: 'fleet, device',
    restore: updating(
      'insert into heartbeats (fleet, device, envelope, heard_at_ms) values (?, ?, ?, ?) on conflict (fleet, device) do nothing',
    ),
  },
  {
    name: 'packs',
    columns: ['verified_ms', 'failed_reads', 'tried_ms', 'name'],
    where: `vault = ? and state in ('open', 'sealed')`,
    order: 'pack',
    restore: updating('update packs set verified_ms = ?, failed_reads = ?, tried_ms = ? where name = ?'),
  },
  {
    // From when a policy, a hold or an erasure counts; receipts tell it of snapshots.
    name: 'records',
    columns: ['received_at_ms', 'held_since_ms', 'fleet', 'domain', 'id'],
    where: `fleet = (select fleet from vaults where vault = ?) and kind in ('policy', 'group', 'assignment', 'hold', 'erase')`,
    order: 'number',
    restore: updating(
      'update records set received_at_ms = ?, held_since_ms = ? where fleet = ? and domain = ? and id = ?',
    ),
  },
  {
    name: 'damage',
    columns: ['domain', 'id', 'pack', 'position', 'length', 'type', 'reason', 'noted_at_ms'],
    where: 'vault = ?',
    order: 'domain, id',
    restore: restoreDamage,
  },
  ofFleet('people', 'fleet, person', [
    'fleet',
    'person',
    'account',
    'name',
    'roles',
    'groups',
    'password',
    'totp',
    'totp_step',
    'oidc',
    'disabled',
    'created_at_ms',
    'last_sign_in_at_ms',
  ]),
  ofFleet('passkeys', 'fleet, passkey', [
    'fleet',
    'passkey',
    'person',
    'credential',
    'public_key',
    'counter',
    'transports',
    'name',
    'created_at_ms',
    'last_used_at_ms',
  ]),
  ofFleet('api_tokens', 'fleet, token', [
    'fleet',
    'token',
    'hash',
    'name',
    'roles',
    'groups',
    'created_by',
    'created_at_ms',
    'expires_at_ms',
    'last_used_at_ms',
  ]),
  ofFleet('intents', 'number', [
    'number',
    'fleet',
    'kind',
    'device',
    'asked_by',
    'at_ms',
    'expires_at_ms',
    'state',
    'sealed',
    'note',
    'closed_by',
    'closed_at_ms',
    'job',
    'reason',
  ]),
  ofFleet('documents', 'fleet, kind, id', ['fleet', 'kind', 'id', 'body', 'changed_at_ms']),
  ofFleet('alerts', 'fleet, id', [
    ...['fleet', 'id', 'rule', 'subject', 'raised_at_ms', 'recovered_at_ms', 'body'],
  ]),
  ofFleet('samples', 'fleet, at_ms', ['fleet', 'at_ms', 'body']),
]

/** A page of one table after another. */
export async function* readKeptRows(sql: Sql, vault: number): AsyncIterable<CatalogTable> {
  for (const { name, columns, where, order } of kept) {
    for (let first = 0; ; first += pageRows) {
      const rows = await sql.query<Record<string, SqlValue>>(
        `select ${columns.join(', ')} from ${name} where ${where} order by ${order} limit ? offset ?`,
        [vault, pageRows, first],
      )
      if (rows.length === 0) break
      yield { name, columns, rows: rows.map(row => columns.map(column => cellOf(row[column]))) }
    }
  }
}

/** What this version does not know is left out; what is there already and newer is not made older by it. */
export async function restoreKeptRows(sql: Sql, vault: number, table: CatalogTable): Promise<void> {
  const known = kept.find(one => one.name === table.name)
  const places = known?.columns.map(column => table.columns.indexOf(column)) ?? []
  if (known === undefined || places.includes(-1)) return
  const rows = table.rows.map(row => places.map(place => row[place] ?? null))
  await sql.transaction(tx => known.restore(tx, vault, rows))
}

/** A table of the fleet's that is kept whole. */
function ofFleet(name: string, order: string, columns: readonly string[]): Kept {
  const places = columns.map(() => '?').join(', ')
  return {
    ...{ name, columns, order, where: 'fleet = (select fleet from vaults where vault = ?)' },
    restore: updating(
      `insert into ${name} (${columns.join(', ')}) values (${places}) on conflict do nothing`,
    ),
  }
}

/** `text` takes the columns in their order. */
function updating(text: string): Kept['restore'] {
  return async (sql, _vault, rows) => void (await sql.runEach(text, rows))
}

async function restoreDamage(sql: Sql, vault: number, rows: readonly (readonly SqlValue[])[]): Promise<void> {
  for (const [domain, id, pack, position, length, type, reason, notedAtMs] of rows) {
    if (!(domain instanceof Uint8Array) || !(id instanceof Uint8Array)) continue
    await noteDamage(sql, vault, {
      ...{ domain: deviceIdFrom(domain), id: objectIdFrom(id), pack: String(pack) },
      ...{ offset: Number(position), length: Number(length), type: typeNamed(Number(type)) },
      ...{ reason: String(reason) as DamageReason, notedAtMs: Number(notedAtMs) },
    })
  }
}

function cellOf(value: SqlValue | undefined): CatalogCell {
  return typeof value === 'bigint' ? Number(value) : (value ?? undefined)
}
