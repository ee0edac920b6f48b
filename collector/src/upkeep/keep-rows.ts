/**
 * Packs are the truth, so once a day they get what only the catalog knows: a signed record of rows, in parts where it is
 * long. A catalog that is made anew takes the newest of them; older ones are condemned.
 */
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import {
  type CatalogRows,
  type CatalogTable,
  decodeCatalogRows,
  rowBytes,
  rowBytesOfPart,
  signCatalogRows,
} from '@backstay/proto/trust/catalog-rows'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { condemnRecords } from '../catalog/condemned.ts'
import { readKeptRows, restoreKeptRows } from '../catalog/kept-rows.ts'
import { readPosition, savePosition } from '../catalog/positions.ts'
import { recordsOf } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'
import { fleetDomain, fleetOfVault } from '../catalog/vaults.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { type ClockState, type RetentionClock, readClock, restoreClock } from './retention-clock.ts'

export interface KeepRowsOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly vault: number
  readonly ingest: Pick<Ingest, 'putRecord'>
  readonly retention: Pick<RetentionClock, 'now' | 'save'>
  /** The collector's own, which Trust names. */
  readonly key: SigningKey
}

export interface RestoredRows {
  /** The retention clock when they were kept; what changed since is lost. */
  readonly clockMs: number
  /** Parts that were found, and that there were. */
  readonly found: number
  readonly parts: number
}

const dayMs = 86_400_000
const position = 'catalog rows'
/** The clock is no table. */
const clockTable = 'retention clock'

/** When the last ones are a day old. Throws what `putRecord` throws. */
export async function keepRowsDaily(options: KeepRowsOptions): Promise<boolean> {
  const last = Number((await readPosition(options.sql, options.vault, position)) ?? Number.NEGATIVE_INFINITY)
  if (options.retention.now() - last < dayMs) return false
  const fleet = await fleetOfVault(options.sql, options.vault)
  if (fleet === undefined) return false
  await keepRows(options, fleet)
  return true
}

export async function keepRows(options: KeepRowsOptions, fleet: FleetId): Promise<void> {
  const { p, sql, vault, ingest, retention, key } = options
  await retention.save()
  const before = (await recordsOf(sql, fleet, 'catalog', fleetDomain)).map(record => record.id)
  const clockMs = retention.now()
  const parts = await partsOf(sql, vault)
  const ids = new Set<string>()
  for (const [index, tables] of parts.entries()) {
    const rows: CatalogRows = { fleet, clockMs, part: index + 1, parts: parts.length, tables }
    ids.add(await ingest.putRecord('fleet', await signCatalogRows(p, rows, key)))
  }
  const old = before.filter(id => !ids.has(id))
  await condemnRecords(sql, { vault, fleet }, fleetDomain, old, clockMs)
  await savePosition(sql, vault, position, String(clockMs))
}

/** Into a catalog that was just made from the packs; undefined when there are none. */
export async function restoreRows(
  { sql, vault }: { readonly sql: Sql; readonly vault: number },
  fleet: FleetId,
  recordedMs: number | undefined,
  wallMs: number,
): Promise<RestoredRows | undefined> {
  const all = (await recordsOf(sql, fleet, 'catalog', fleetDomain)).map(({ envelope }) =>
    decodeCatalogRows(decodeEnvelope(envelope).payload),
  )
  const newest = newestWhole(all)
  for (const { tables } of newest) {
    for (const table of tables) {
      if (table.name === clockTable) await restoreClock(sql, vault, stateIn(table), recordedMs, wallMs)
      else await restoreKeptRows(sql, vault, table)
    }
  }
  const [first] = newest
  return first && { clockMs: first.clockMs, found: newest.length, parts: first.parts }
}

/** A stop while they were written leaves some parts beside all of the day before; without a whole day, the newest. */
function newestWhole(all: readonly CatalogRows[]): readonly CatalogRows[] {
  const days = [...Map.groupBy(all, rows => rows.clockMs).values()]
    .map(rows => [...new Map(rows.map(one => [one.part, one])).values()])
    .toSorted((a, b) => (b[0]?.clockMs ?? 0) - (a[0]?.clockMs ?? 0))
  return days.find(rows => rows.length === rows[0]?.parts) ?? days[0] ?? []
}

/** Tables cut so that each part fits into an envelope. */
async function partsOf(sql: Sql, vault: number): Promise<CatalogTable[][]> {
  let tables: CatalogTable[] = await clockRows(sql, vault)
  const parts = [tables]
  let bytes = 0
  for await (const { name, columns, rows } of readKeptRows(sql, vault)) {
    let taken: CatalogTable['rows'][number][] = []
    tables.push({ name, columns, rows: taken })
    for (const row of rows) {
      const more = rowBytes(row)
      if (bytes + more > rowBytesOfPart) {
        taken = []
        tables = [{ name, columns, rows: taken }]
        parts.push(tables)
        bytes = 0
      }
      taken.push(row)
      bytes += more
    }
  }
  return parts
}

async function clockRows(sql: Sql, vault: number): Promise<CatalogTable[]> {
  const state = await readClock(sql, vault)
  return state === undefined
    ? []
    : [{ name: clockTable, columns: ['state'], rows: [[JSON.stringify(state)]] }]
}

function stateIn(table: CatalogTable): Partial<ClockState> {
  return JSON.parse(String(table.rows[0]?.[0] ?? '{}')) as Partial<ClockState>
}
