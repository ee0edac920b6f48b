/**
 * Rows of the collector's catalog that no other record tells, in its packs once a day: when devices were seen, when packs
 * were read, what is damaged. Facts for the collector alone; nobody else reads them, and nothing of them is secret to it.
 */
import type { Bytes } from '../bytes.ts'
import { type FleetId, fleetId, idToBytes } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from './envelope.ts'
import { type Fields, fieldsOf, plain } from './fields.ts'
import { backstay } from './trust.pb.js'

export interface CatalogRows {
  readonly fleet: FleetId
  /** The retention clock when they were read; all parts of one day have the same. */
  readonly clockMs: number
  /** 1 … parts. */
  readonly part: number
  readonly parts: number
  readonly tables: readonly CatalogTable[]
}

export interface CatalogTable {
  readonly name: string
  readonly columns: readonly string[]
  /** Each with a cell for each column. */
  readonly rows: readonly (readonly CatalogCell[])[]
}

/** A number is whole and not negative. */
export type CatalogCell = number | string | Bytes | undefined

/** An envelope holds 1 MiB; what surrounds the rows takes little. */
export const rowBytesOfPart = 900 * 1024
const partsMax = 65_536
const tablesMax = 256
const columnsMax = 64
const rowsMax = 1_000_000
const nameBytesMax = 255
const cellBytesMax = 256 * 1024

/** How much of a part a row takes, at most. */
export function rowBytes(row: readonly CatalogCell[]): number {
  return row.reduce<number>(
    (sum, cell) => sum + 24 + (typeof cell === 'object' ? cell.length : 0) + textBytes(cell),
    8,
  )
}

function textBytes(cell: CatalogCell): number {
  return typeof cell === 'string' ? 3 * cell.length : 0
}

export function encodeCatalogRows(rows: CatalogRows): Bytes {
  const message = {
    ...{ clockMs: rows.clockMs, part: rows.part, parts: rows.parts },
    fleet: idToBytes(rows.fleet),
    tables: rows.tables.map(({ name, columns, rows }) => ({
      name,
      columns: [...columns],
      rows: rows.map(row => ({ cells: row.map(cellMessage) })),
    })),
  }
  return plain(backstay.trust.CatalogRows.encode(message).finish())
}

function cellMessage(cell: CatalogCell): backstay.trust.ICatalogCell {
  if (typeof cell === 'number') return { number: cell }
  if (typeof cell === 'string') return { text: cell }
  return cell === undefined ? {} : { bytes: cell }
}

/** Throws `bad_catalog_rows`. */
export function decodeCatalogRows(payload: Bytes): CatalogRows {
  const fields = fieldsOf('catalog_rows', 'rows of a catalog')
  const message = fields.decode(backstay.trust.CatalogRows, payload, 'lenient')
  const parts = fields.integer('number of parts', message.parts, partsMax)
  const part = fields.integer('part', message.part, parts)
  if (part === 0) throw fields.bad('it is part 0')
  return {
    fleet: fleetId(fields.fixed('fleet id', message.fleet, 32)),
    clockMs: fields.time('clock', message.clockMs),
    ...{ part, parts },
    tables: fields.list('tables', message.tables, { max: tablesMax }, table => decodeTable(fields, table)),
  }
}

function decodeTable(fields: Fields, table: backstay.trust.ICatalogTable): CatalogTable {
  const columns = fields.list('columns', table.columns, { min: 1, max: columnsMax }, name =>
    fields.text('column', name, nameBytesMax),
  )
  const exactly = { min: columns.length, max: columns.length }
  return {
    name: fields.text('table', table.name, nameBytesMax),
    columns,
    rows: fields.list('rows', table.rows, { max: rowsMax }, row =>
      fields.list('cells', row.cells, exactly, cell => decodeCell(fields, cell)),
    ),
  }
}

function decodeCell(fields: Fields, cell: backstay.trust.ICatalogCell): CatalogCell {
  const given = [cell.number, cell.bytes, cell.text].filter(value => value !== undefined && value !== null)
  if (given.length > 1) throw fields.bad('a cell has two values')
  if (cell.bytes) return fields.bytes('cell', cell.bytes, { max: cellBytesMax })
  if (typeof cell.text === 'string') return fields.text('cell', cell.text, cellBytesMax)
  return given.length === 0 ? undefined : fields.integer('cell', cell.number as number)
}

/** `key` is the collector's. */
export function signCatalogRows(p: Primitives, rows: CatalogRows, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'catalog', encodeCatalogRows(rows), [key])
}
