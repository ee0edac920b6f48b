/** Where objects lie. A row exists only for what can be read; what cannot stands in `damage`. */
import { type ObjectType, objectTypes } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import type { Packed } from '@backstay/proto/object/pack'
import { blob, deviceIdFrom, objectIdFrom } from './blob.ts'
import { addToSums } from './domain-sums.ts'
import type { Sql } from './sql.ts'
import type { Domain } from './vaults.ts'

/** Of the stored bytes of one object. */
export interface Location {
  readonly pack: string
  readonly offset: number
  readonly length: number
}

export interface ObjectRow extends Location {
  readonly type: ObjectType
  /** Everything below it was here when it was admitted, so others may build on it. */
  readonly whole: boolean
}

export interface NewObject extends Packed {
  readonly whole: boolean
  /** By the retention clock; undefined: before it began in this catalog. */
  readonly bornMs?: number | undefined
}

interface StoredRow {
  readonly name: string
  readonly position: number
  readonly length: number
  readonly type: number
  readonly whole: number
}

const nothing = new Uint8Array()
const typeNames = new Map(
  Object.entries(objectTypes).map(([name, code]) => [code as number, name as ObjectType]),
)
const lookup = `select packs.name, objects.position, objects.length, objects.type, objects.whole
  from objects join packs on packs.pack = objects.pack
  where objects.vault = ? and objects.domain = ? and objects.id = ?`

/** In the order of `ids`; undefined where the domain does not hold the object, or it is condemned. */
export function findObjects(
  sql: Sql,
  vault: number,
  domain: Domain,
  ids: readonly ObjectId[],
): Promise<(ObjectRow | undefined)[]> {
  return find(sql, `${lookup} and objects.condemned_ms is null`, vault, domain, ids)
}

/** The same for whoever only reads: the bytes of a condemned object are there until they are swept. */
export function findPlaces(
  sql: Sql,
  vault: number,
  domain: Domain,
  ids: readonly ObjectId[],
): Promise<(ObjectRow | undefined)[]> {
  return find(sql, lookup, vault, domain, ids)
}

async function find(
  sql: Sql,
  text: string,
  vault: number,
  domain: Domain,
  ids: readonly ObjectId[],
): Promise<(ObjectRow | undefined)[]> {
  const owner = blob(domain)
  const found = await sql.queryEach<StoredRow>(
    text,
    ids.map(id => [vault, owner, blob(id)]),
  )
  return found.map(([row]) => (row === undefined ? undefined : objectRow(row)))
}

/**
 * Adds rows for objects of one pack. One that has a row already keeps it, unless it was condemned: then it begins anew at
 * this place. One that was damaged is healed.
 */
export async function addObjects(
  sql: Sql,
  vault: number,
  pack: number,
  objects: readonly NewObject[],
): Promise<void> {
  // Sorted, because an index fills much faster in its own order (measured with 10 M rows).
  const sorted = [...objects].sort((a, b) => compareText(a.domain, b.domain) || compareText(a.id, b.id))
  const changes = await sql.runEach(
    `insert into objects (vault, domain, id, pack, position, length, type, whole, born_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (vault, domain, id)
     do update set pack = excluded.pack, position = excluded.position, length = excluded.length,
       whole = excluded.whole, born_ms = excluded.born_ms, condemned_ms = null
     where objects.condemned_ms is not null`,
    sorted.map(object => [
      vault,
      blob(object.domain),
      blob(object.id),
      pack,
      object.offset,
      object.length,
      objectTypes[object.type],
      object.whole ? 1 : 0,
      object.bornMs ?? null,
    ]),
  )
  await addToSums(
    sql,
    vault,
    sorted.filter((_, index) => changes[index] === 1),
    1,
  )
}

export async function markWhole(
  sql: Sql,
  vault: number,
  domain: Domain,
  ids: readonly ObjectId[],
): Promise<void> {
  const owner = blob(domain)
  await sql.runEach(
    'update objects set whole = 1 where vault = ? and domain = ? and id = ? and condemned_ms is null',
    ids.map(id => [vault, owner, blob(id)]),
  )
}

/** Objects with something missing below, in the order of (domain, id), behind `after`; of one domain, or of all. */
export async function partialObjects(
  sql: Sql,
  vault: number,
  options: {
    readonly domain?: Domain | undefined
    readonly after?: { readonly domain: Domain; readonly id: ObjectId } | undefined
    readonly limit: number
  },
): Promise<(ObjectRow & { readonly domain: Domain; readonly id: ObjectId })[]> {
  const { domain, after, limit } = options
  const behind = after === undefined ? [nothing, nothing] : [blob(after.domain), blob(after.id)]
  const rows = await sql.query<StoredRow & { domain: Uint8Array; id: Uint8Array }>(
    `select objects.domain, objects.id, packs.name, objects.position, objects.length, objects.type, objects.whole
     from objects join packs on packs.pack = objects.pack
     where objects.whole = 0 and objects.condemned_ms is null and objects.vault = ? and (objects.domain, objects.id) > (?, ?)
     ${domain === undefined ? '' : 'and objects.domain = ?'} order by objects.domain, objects.id limit ?`,
    [vault, ...behind, ...(domain === undefined ? [] : [blob(domain)]), limit],
  )
  return rows.map(row => ({ ...objectRow(row), domain: deviceIdFrom(row.domain), id: objectIdFrom(row.id) }))
}

/** How many objects lie in each pack, by its number. */
export async function countByPack(sql: Sql, vault: number): Promise<Map<number, number>> {
  const rows = await sql.query<{ pack: number; objects: number }>(
    'select pack, count(*) as objects from objects where vault = ? group by pack',
    [vault],
  )
  return new Map(rows.map(row => [row.pack, row.objects]))
}

/**
 * All objects of a pack, by (domain, id). Reads the whole index, because there is none by pack: only repairs ask. In steps,
 * because everybody else waits for one statement.
 */
export async function* objectsIn(
  sql: Sql,
  vault: number,
  pack: number,
): AsyncIterable<Location & { readonly domain: Domain; readonly id: ObjectId }> {
  let after: readonly [Uint8Array, Uint8Array] = [nothing, nothing]
  for (;;) {
    const rows = await sql.query<StoredRow & { pack: number; domain: Uint8Array; id: Uint8Array }>(
      `select objects.pack, objects.domain, objects.id, packs.name, objects.position, objects.length, objects.type,
         objects.whole
       from objects join packs on packs.pack = objects.pack
       where objects.vault = ? and (objects.domain, objects.id) > (?, ?)
       order by objects.domain, objects.id limit 5000`,
      [vault, ...after],
    )
    for (const row of rows) {
      if (row.pack !== pack) continue
      yield { ...objectRow(row), domain: deviceIdFrom(row.domain), id: objectIdFrom(row.id) }
    }
    const last = rows.at(-1)
    if (last === undefined) return
    after = [last.domain, last.id]
  }
}

export function typeNamed(code: number): ObjectType {
  const name = typeNames.get(code)
  if (name === undefined) throw new Error(`assertion failed: the catalog holds an object of type ${code}`)
  return name
}

function objectRow(row: StoredRow): ObjectRow {
  return {
    pack: row.name,
    offset: row.position,
    length: row.length,
    type: typeNamed(row.type),
    whole: row.whole === 1,
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
