/** What should be here and cannot be read. An object stands either here or in `objects`, never in both. */
import type { ObjectType } from '@backstay/proto/object/header'
import { objectTypes } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import { blob, deviceIdFrom, objectIdFrom } from './blob.ts'
import { addToSums } from './domain-sums.ts'
import { type Location, typeNamed } from './objects.ts'
import type { Sql } from './sql.ts'
import type { Domain } from './vaults.ts'

/** damaged: other bytes than its id says. unreadable: the disk fails. truncated, missing: its place is gone. */
export type DamageReason = 'damaged' | 'unreadable' | 'truncated' | 'missing'

export interface Damage extends Location {
  readonly domain: Domain
  readonly id: ObjectId
  readonly type: ObjectType
  readonly reason: DamageReason
  readonly notedAtMs: number
}

interface StoredRow {
  readonly domain: Uint8Array
  readonly id: Uint8Array
  readonly pack: string
  readonly position: number
  readonly length: number
  readonly type: number
  readonly reason: DamageReason
  readonly noted_at_ms: number
}

interface PlaceRow {
  readonly name: string
  readonly position: number
  readonly length: number
  readonly type: number
  readonly condemned_ms: number | null
}

const columns = 'domain, id, pack, position, length, type, reason, noted_at_ms'

/** Takes the object's row, if it lies at this very place, and notes the damage. */
export async function noteDamage(
  sql: Sql,
  vault: number,
  damage: Omit<Damage, 'type'> & { type?: ObjectType },
): Promise<void> {
  await sql.transaction(async inside => {
    const place = [vault, blob(damage.domain), blob(damage.id)]
    const [row] = await inside.query<PlaceRow>(
      `select packs.name, objects.position, objects.length, objects.type, objects.condemned_ms from objects
       join packs on packs.pack = objects.pack
       where objects.vault = ? and objects.domain = ? and objects.id = ?`,
      place,
    )
    // It was put again meanwhile and lies elsewhere: nothing is missing.
    if (row !== undefined && (row.name !== damage.pack || row.position !== damage.offset)) return
    if (row !== undefined && row.condemned_ms !== null) {
      // Nobody misses it.
      await inside.run('delete from objects where vault = ? and domain = ? and id = ?', place)
      return
    }
    await insert(inside, vault, {
      ...damage,
      type: damage.type ?? typeNamed(row?.type ?? objectTypes.segment),
    })
    if (row === undefined) return
    await inside.run('delete from objects where vault = ? and domain = ? and id = ?', place)
    await addToSums(inside, vault, [{ domain: damage.domain, length: row.length }], -1)
  })
}

/** Notes every object of a pack that ends behind `from` bytes as damaged; returns how many. */
export async function notePackDamage(
  sql: Sql,
  vault: number,
  pack: { readonly pack: number; readonly name: string },
  from: number,
  reason: DamageReason,
  nowMs: number,
): Promise<number> {
  return sql.transaction(async inside => {
    const all = 'where vault = ? and pack = ? and position + length > ?'
    // What is condemned goes with it, and nobody misses it.
    const where = `${all} and condemned_ms is null`
    const sums = await inside.query<{ domain: Uint8Array; objects: number; bytes: number }>(
      `select domain, count(*) as objects, sum(length) as bytes from objects ${where} group by domain`,
      [vault, pack.pack, from],
    )
    await inside.run(
      `insert into damage (vault, ${columns})
       select vault, domain, id, ?, position, length, type, ?, ? from objects ${where}
       on conflict (vault, domain, id) do nothing`,
      [pack.name, reason, nowMs, vault, pack.pack, from],
    )
    const { changes } = await inside.run(`delete from objects ${where}`, [vault, pack.pack, from])
    await inside.run(`delete from objects ${all}`, [vault, pack.pack, from])
    await inside.runEach(
      'update domains set objects = objects - ?, bytes = bytes - ? where vault = ? and domain = ?',
      sums.map(sum => [sum.objects, sum.bytes, vault, sum.domain]),
    )
    return changes
  })
}

/** The objects lie in a pack again, whole. */
export async function clearDamage(
  sql: Sql,
  vault: number,
  objects: readonly { readonly domain: Domain; readonly id: ObjectId }[],
): Promise<number> {
  const changes = await sql.runEach(
    'delete from damage where vault = ? and domain = ? and id = ?',
    objects.map(object => [vault, blob(object.domain), blob(object.id)]),
  )
  return changes.reduce((sum, one) => sum + one, 0)
}

/** Sorted by (domain, id), behind `after`. */
export async function listDamage(
  sql: Sql,
  vault: number,
  options: {
    readonly domain?: Domain
    readonly after?: { readonly domain: Domain; readonly id: ObjectId }
    readonly limit?: number
  } = {},
): Promise<Damage[]> {
  const after = options.after
  const rows = await sql.query<StoredRow>(
    `select ${columns} from damage where vault = ? and (domain, id) > (?, ?)
     ${options.domain === undefined ? '' : 'and domain = ?'} order by domain, id limit ?`,
    [
      vault,
      after === undefined ? new Uint8Array() : blob(after.domain),
      after === undefined ? new Uint8Array() : blob(after.id),
      ...(options.domain === undefined ? [] : [blob(options.domain)]),
      options.limit ?? 1000,
    ],
  )
  return rows.map(row => ({
    domain: deviceIdFrom(row.domain),
    id: objectIdFrom(row.id),
    pack: row.pack,
    offset: row.position,
    length: row.length,
    type: typeNamed(row.type),
    reason: row.reason,
    notedAtMs: row.noted_at_ms,
  }))
}

/** Whether anything of a pack is still missed. */
export async function isMissed(sql: Sql, vault: number, pack: string): Promise<boolean> {
  return (
    (await sql.query('select 1 from damage where vault = ? and pack = ? limit 1', [vault, pack])).length > 0
  )
}

export async function countDamage(sql: Sql, vault: number): Promise<number> {
  const [row] = await sql.query<{ count: number }>('select count(*) as count from damage where vault = ?', [
    vault,
  ])
  return row?.count ?? 0
}

/** What is missed of each domain. */
export async function damageByDomain(
  sql: Sql,
  vault: number,
): Promise<{ readonly domain: Domain; readonly objects: number; readonly bytes: number }[]> {
  const rows = await sql.query<{ domain: Uint8Array; objects: number; bytes: number }>(
    `select domain, count(*) as objects, sum(length) as bytes from damage where vault = ?
     group by domain order by domain`,
    [vault],
  )
  return rows.map(({ domain, objects, bytes }) => ({ domain: deviceIdFrom(domain), objects, bytes }))
}

/** Differs when something was noted or healed since. */
export async function damageMark(sql: Sql, vault: number): Promise<string> {
  const [row] = await sql.query<{ objects: number; bytes: number | null; noted: number | null }>(
    'select count(*) as objects, sum(length) as bytes, max(noted_at_ms) as noted from damage where vault = ?',
    [vault],
  )
  return `${row?.objects ?? 0} ${row?.bytes ?? 0} ${row?.noted ?? 0}`
}

/** How many of the objects are missed and are segments: they had no children. */
export async function segmentsAmongDamage(
  sql: Sql,
  vault: number,
  domain: Domain,
  ids: readonly ObjectId[],
): Promise<number> {
  const found = await sql.queryEach(
    'select 1 from damage where vault = ? and domain = ? and id = ? and type = ?',
    ids.map(id => [vault, blob(domain), blob(id), objectTypes.segment]),
  )
  return found.filter(rows => rows.length > 0).length
}

/**
 * After a collection marked all that a domain needs: what is missed and needed by nobody is no loss. Records stay named,
 * because the catalog may put them again, unless they are among `dead`. Returns how many were dropped.
 */
export async function dropUnneededDamage(
  sql: Sql,
  vault: number,
  domain: Domain,
  dead: readonly ObjectId[],
): Promise<number> {
  const owner = blob(domain)
  const { changes } = await sql.run(
    `delete from damage where vault = ? and domain = ? and type <> ? and not exists (select 1 from marks
     where marks.vault = damage.vault and marks.domain = damage.domain and marks.id = damage.id)`,
    [vault, owner, objectTypes.record],
  )
  const records = await sql.runEach(
    'delete from damage where vault = ? and domain = ? and id = ?',
    dead.map(id => [vault, owner, blob(id)]),
  )
  return changes + records.reduce((sum, one) => sum + one, 0)
}

/** Which of the objects were found broken at this very place; not those whose place was gone for a time. */
export async function damagedAt(
  sql: Sql,
  vault: number,
  objects: readonly { readonly domain: Domain; readonly id: ObjectId; readonly offset: number }[],
  pack: string,
): Promise<boolean[]> {
  const found = await sql.queryEach(
    `select 1 from damage where vault = ? and domain = ? and id = ? and pack = ? and position = ?
     and reason in ('damaged', 'unreadable')`,
    objects.map(object => [vault, blob(object.domain), blob(object.id), pack, object.offset]),
  )
  return found.map(rows => rows.length > 0)
}

async function insert(sql: Sql, vault: number, damage: Damage): Promise<void> {
  await sql.run(
    `insert into damage (vault, ${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (vault, domain, id) do update set pack = excluded.pack, position = excluded.position,
     length = excluded.length, reason = excluded.reason, noted_at_ms = case
       when damage.pack = excluded.pack and damage.position = excluded.position then damage.noted_at_ms
       else excluded.noted_at_ms end`,
    [
      vault,
      blob(damage.domain),
      blob(damage.id),
      damage.pack,
      damage.offset,
      damage.length,
      objectTypes[damage.type],
      damage.reason,
      damage.notedAtMs,
    ],
  )
}
