import { Failure } from '@backstay/proto/failure'
import type { Sql } from './sql.ts'

/**
 * unread: it is there, but the disk failed when it was to be brought in. damaged: it is there, but nothing in it can be
 * read. missing: it is gone. replaced: all that stays of it lies in
 * another pack; it is to be deleted and never read again.
 */
export type PackState = 'open' | 'sealed' | 'unread' | 'damaged' | 'missing' | 'replaced'

export interface PackRow {
  readonly pack: number
  readonly name: string
  readonly bytes: number
  /** Every object below has its row. */
  readonly indexedBytes: number
  readonly state: PackState
}

export interface StoredRow {
  readonly pack: number
  readonly name: string
  readonly bytes: number
  readonly indexed_bytes: number
  readonly state: PackState
}

export const columns = 'pack, name, bytes, indexed_bytes, state'
const pageRows = 1000

export async function packByName(sql: Sql, name: string): Promise<PackRow | undefined> {
  const [row] = await sql.query<StoredRow>(`select ${columns} from packs where name = ?`, [name])
  return row === undefined ? undefined : packRow(row)
}

/** All packs of a vault by number; never more than a page in memory. */
export async function* allPacks(sql: Sql, vault: number): AsyncIterable<PackRow> {
  for (let after = 0; ; ) {
    const rows = await sql.query<StoredRow>(
      `select ${columns} from packs where vault = ? and pack > ? order by pack limit ${pageRows}`,
      [vault, after],
    )
    for (const row of rows) yield packRow(row)
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.pack
  }
}

/**
 * Writes what is known of a pack; returns its number. What was indexed once stays indexed. `writtenMs`: when the first of
 * its bytes were written, by the retention clock; only of a pack that is new here.
 */
export async function savePack(
  sql: Sql,
  vault: number,
  pack: Omit<PackRow, 'pack'>,
  writtenMs = 0,
): Promise<number> {
  const [row] = await sql.query<{ pack: number }>(
    `insert into packs (vault, name, bytes, indexed_bytes, state, verified_ms) values (?, ?, ?, ?, ?, ?)
     on conflict (name) do update set bytes = excluded.bytes, indexed_bytes = excluded.indexed_bytes, state = excluded.state
     returning pack`,
    [vault, pack.name, pack.bytes, pack.indexedBytes, pack.state, writtenMs],
  )
  if (row === undefined) throw new Failure('catalog_unavailable', 'a pack got no number', { remedy: 'retry' })
  return row.pack
}

/** After its file was deleted. */
export async function dropPack(sql: Sql, vault: number, pack: number): Promise<void> {
  await sql.run('delete from packs where vault = ? and pack = ?', [vault, pack])
}

export function packRow(row: StoredRow): PackRow {
  return {
    pack: row.pack,
    name: row.name,
    bytes: row.bytes,
    indexedBytes: row.indexed_bytes,
    state: row.state,
  }
}
