/** Scratch of a collection: what is reached in one domain. It lies here and not in memory, however much it is. */
import { type ObjectType, objectTypes } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import { blob, objectIdFrom } from './blob.ts'
import { type Location, typeNamed } from './objects.ts'
import type { Sql } from './sql.ts'
import type { Domain } from './vaults.ts'

export interface LooseObject {
  readonly id: ObjectId
  readonly type: ObjectType
  /** When it was acknowledged last, by the retention clock. */
  readonly bornMs: number
}

/** Reached, but its children are not looked at yet. */
export interface Waiting extends Location {
  readonly id: ObjectId
}

export async function clearMarks(sql: Sql, vault: number): Promise<void> {
  await sql.run('delete from marks where vault = ?', [vault])
}

/** Records of a domain that are not condemned, in the order of their ids, behind `after`. */
export async function recordsIn(
  sql: Sql,
  vault: number,
  domain: Domain,
  after: ObjectId | undefined,
  limit: number,
): Promise<ObjectId[]> {
  const rows = await sql.query<{ id: Uint8Array }>(
    `select id from objects where vault = ? and domain = ? and id > ? and condemned_ms is null
     and type = ${objectTypes.record} order by id limit ?`,
    [vault, blob(domain), after === undefined ? new Uint8Array() : blob(after), limit],
  )
  return rows.map(row => objectIdFrom(row.id))
}

/**
 * Objects on which others may build, acknowledged after `sinceMs`, that nothing reaches: in the order of their ids, behind
 * `after`. `unknownMs` stands for a time before the retention clock began in this catalog.
 */
export async function looseObjects(
  sql: Sql,
  vault: number,
  domain: Domain,
  query: {
    readonly sinceMs: number
    readonly unknownMs: number
    readonly after: ObjectId | undefined
    readonly limit: number
  },
): Promise<LooseObject[]> {
  const rows = await sql.query<{ id: Uint8Array; type: number; born: number }>(
    `select id, type, coalesce(born_ms, ?) as born from objects where vault = ? and domain = ? and id > ?
     and condemned_ms is null and whole = 1 and coalesce(born_ms, ?) > ?
     and not exists (select 1 from marks where marks.vault = objects.vault and marks.domain = objects.domain
       and marks.id = objects.id) order by id limit ?`,
    [
      query.unknownMs,
      vault,
      blob(domain),
      query.after === undefined ? new Uint8Array() : blob(query.after),
      query.unknownMs,
      query.sinceMs,
      query.limit,
    ],
  )
  return rows.map(({ id, type, born }) => ({ id: objectIdFrom(id), type: typeNamed(type), bornMs: born }))
}

/** A segment has no children to look at. Returns how many were news. */
export async function addMarks(
  sql: Sql,
  vault: number,
  domain: Domain,
  objects: readonly Pick<LooseObject, 'id' | 'type'>[],
): Promise<number> {
  const owner = blob(domain)
  const changes = await sql.runEach(
    'insert into marks (vault, domain, id, expanded) values (?, ?, ?, ?) on conflict (vault, domain, id) do nothing',
    objects.map(({ id, type }) => [vault, owner, blob(id), type === 'segment' ? 1 : 0]),
  )
  return changes.reduce((sum, one) => sum + one, 0)
}

/** In the order in which they lie in the packs. */
export async function waitingMarks(
  sql: Sql,
  vault: number,
  domain: Domain,
  limit: number,
): Promise<Waiting[]> {
  const rows = await sql.query<{ id: Uint8Array; name: string; position: number; length: number }>(
    `select waiting.id, packs.name, objects.position, objects.length
     from (select id from marks where vault = ? and domain = ? and expanded = 0 limit ?) as waiting
     join objects on objects.vault = ? and objects.domain = ? and objects.id = waiting.id
     join packs on packs.pack = objects.pack order by packs.name, objects.position`,
    [vault, blob(domain), limit, vault, blob(domain)],
  )
  return rows.map(row => ({
    id: objectIdFrom(row.id),
    pack: row.name,
    offset: row.position,
    length: row.length,
  }))
}

export async function markExpanded(
  sql: Sql,
  vault: number,
  domain: Domain,
  ids: readonly ObjectId[],
): Promise<void> {
  const owner = blob(domain)
  await sql.runEach(
    'update marks set expanded = 1 where vault = ? and domain = ? and id = ?',
    ids.map(id => [vault, owner, blob(id)]),
  )
}

/** What nothing reaches and no lease covers, in the order of ids; segments apart, because nothing hangs on them. */
export async function unmarkedObjects(
  sql: Sql,
  vault: number,
  domain: Domain,
  query: {
    readonly segments: boolean
    readonly after: ObjectId | undefined
    readonly limit: number
  },
): Promise<{ readonly id: ObjectId; readonly length: number }[]> {
  const rows = await sql.query<{ id: Uint8Array; length: number }>(
    `select id, length from objects where vault = ? and domain = ? and id > ? and condemned_ms is null
     and type ${query.segments ? '=' : '<>'} ${objectTypes.segment}
     and not exists (select 1 from marks where marks.vault = objects.vault and marks.domain = objects.domain
       and marks.id = objects.id) order by id limit ?`,
    [vault, blob(domain), query.after === undefined ? new Uint8Array() : blob(query.after), query.limit],
  )
  return rows.map(row => ({ id: objectIdFrom(row.id), length: row.length }))
}
