/** Which packs were read again, and when: the figure by which people know that what is stored can still be read. */
import { columns, type PackRow, packRow, type StoredRow } from './packs.ts'
import type { Sql } from './sql.ts'

/** Times are by the retention clock. */
export interface RotationFigures {
  readonly packs: number
  readonly bytes: number
  /** When the bytes that wait longest were known to be whole; undefined when there are none. */
  readonly oldestMs: number | undefined
  /** Of those, what was never read or written in the time of this catalog. */
  readonly unknownPacks: number
  readonly unknownBytes: number
  /** Packs that could not be read when they were to be brought in. */
  readonly unreadPacks: number
}

export interface UnreadablePack {
  readonly name: string
  readonly bytes: number
  readonly failedReads: number
}

export interface Due {
  /** Not known to be whole since. */
  readonly before: number
  /** Where the disk failed: not tried since; and where it failed so often that it is no accident. */
  readonly triedBefore: number
  readonly givenUpBefore: number
  readonly failedReadsMax: number
}

/** The pack that waits longest; before all, one of which the catalog does not know yet what lies in it. */
export async function nextToVerify(
  sql: Sql,
  vault: number,
  due: Due,
): Promise<(PackRow & { readonly failedReads: number }) | undefined> {
  const [row] = await sql.query<StoredRow & { failed_reads: number }>(
    `select ${columns}, failed_reads from packs where vault = ? and state in ('sealed', 'unread') and verified_ms <= ?
     and (failed_reads = 0 or tried_ms <= case when failed_reads < ? then ? else ? end)
     order by case when state = 'unread' then 0 else 1 end, verified_ms, pack limit 1`,
    [vault, due.before, due.failedReadsMax, due.triedBefore, due.givenUpBefore],
  )
  return row && { ...packRow(row), failedReads: row.failed_reads }
}

/** Every byte of the pack was read, and what is damaged in it was noted. */
export async function markVerified(sql: Sql, vault: number, name: string, atMs: number): Promise<void> {
  await sql.run('update packs set verified_ms = ?, failed_reads = 0 where vault = ? and name = ?', [
    atMs,
    vault,
    name,
  ])
}

/** The disk failed; the pack waits as long as before. */
export async function markUnread(sql: Sql, vault: number, name: string, atMs: number): Promise<void> {
  await sql.run(
    'update packs set failed_reads = failed_reads + 1, tried_ms = ? where vault = ? and name = ?',
    [atMs, vault, name],
  )
}

/** `sinceMs` stands for what is not known. */
export async function rotationFigures(sql: Sql, vault: number, sinceMs: number): Promise<RotationFigures> {
  const [row] = await sql.query<{
    packs: number
    bytes: number | null
    oldest: number | null
    unknown_packs: number | null
    unknown_bytes: number | null
    unread: number | null
  }>(
    `select count(*) as packs, sum(bytes) as bytes,
       min(case when verified_ms = 0 then ? else verified_ms end) as oldest,
       sum(case when verified_ms = 0 then 1 else 0 end) as unknown_packs,
       sum(case when verified_ms = 0 then bytes else 0 end) as unknown_bytes,
       sum(case when state = 'unread' then 1 else 0 end) as unread
     from packs where vault = ? and state in ('open', 'sealed', 'unread')`,
    [sinceMs, vault],
  )
  return {
    packs: row?.packs ?? 0,
    bytes: row?.bytes ?? 0,
    oldestMs: row?.oldest ?? undefined,
    unknownPacks: row?.unknown_packs ?? 0,
    unknownBytes: row?.unknown_bytes ?? 0,
    unreadPacks: row?.unread ?? 0,
  }
}

/** Packs at which the disk failed so often. */
export async function unreadablePacks(
  sql: Sql,
  vault: number,
  failedReads: number,
): Promise<UnreadablePack[]> {
  const rows = await sql.query<{ name: string; bytes: number; failed_reads: number }>(
    'select name, bytes, failed_reads from packs where vault = ? and failed_reads >= ? order by name limit 1000',
    [vault, failedReads],
  )
  return rows.map(row => ({ name: row.name, bytes: row.bytes, failedReads: row.failed_reads }))
}
