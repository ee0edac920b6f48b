/** Objects that nothing needs any more: they count as absent at once, and their bytes go after a time. */
import type { FleetId, ObjectId } from '@backstay/proto/object/id'
import { blob, deviceIdFrom } from './blob.ts'
import { addToSums } from './domain-sums.ts'
import { findObjects } from './objects.ts'
import type { Sql } from './sql.ts'
import { type Domain, fleetDomain } from './vaults.ts'

/** `condemnedMs`: by the retention clock. */
export async function condemnObjects(
  sql: Sql,
  vault: number,
  domain: Domain,
  objects: readonly { readonly id: ObjectId; readonly length: number }[],
  condemnedMs: number,
): Promise<void> {
  const owner = blob(domain)
  await sql.runEach(
    'update objects set condemned_ms = ? where vault = ? and domain = ? and id = ?',
    objects.map(({ id }) => [condemnedMs, vault, owner, blob(id)]),
  )
  await addToSums(
    sql,
    vault,
    objects.map(({ length }) => ({ domain, length })),
    -1,
  )
}

/** Records that later ones took the place of: they count no longer, and their bytes go after a time. */
export async function condemnRecords(
  sql: Sql,
  { vault, fleet }: { readonly vault: number; readonly fleet: FleetId },
  domain: Domain,
  ids: readonly ObjectId[],
  condemnedMs: number,
): Promise<void> {
  await sql.transaction(async tx => {
    const rows = await findObjects(tx, vault, domain, ids)
    const lying = ids.flatMap((id, index) => {
      const row = rows[index]
      return row === undefined ? [] : [{ id, length: row.length }]
    })
    await condemnObjects(tx, vault, domain, lying, condemnedMs)
    await tx.runEach(
      'delete from records where fleet = ? and domain = ? and id = ?',
      ids.map(id => [blob(fleet), blob(domain), blob(id)]),
    )
  })
}

/** Something that stays turned out to need them. Returns those that were condemned. */
export async function pardonObjects(
  sql: Sql,
  vault: number,
  domain: Domain,
  objects: readonly { readonly id: ObjectId; readonly length: number }[],
): Promise<number> {
  const owner = blob(domain)
  const changes = await sql.runEach(
    `update objects set condemned_ms = null where vault = ? and domain = ? and id = ? and condemned_ms is not null`,
    objects.map(({ id }) => [vault, owner, blob(id)]),
  )
  const pardoned = objects.filter((_, index) => changes[index] === 1)
  await addToSums(
    sql,
    vault,
    pardoned.map(({ length }) => ({ domain, length })),
    1,
  )
  return pardoned.length
}

/** What waits for its bytes to go; of one domain, or of all. */
export async function condemnedSum(
  sql: Sql,
  vault: number,
  domain?: Domain,
): Promise<{ readonly objects: number; readonly bytes: number; readonly oldestMs: number | undefined }> {
  const [row] = await sql.query<{ objects: number; bytes: number | null; oldest: number | null }>(
    `select count(*) as objects, sum(length) as bytes, min(condemned_ms) as oldest from objects
     where vault = ? and condemned_ms is not null ${domain === undefined ? '' : 'and domain = ?'}`,
    [vault, ...(domain === undefined ? [] : [blob(domain)])],
  )
  return { objects: row?.objects ?? 0, bytes: row?.bytes ?? 0, oldestMs: row?.oldest ?? undefined }
}

/** Domains with objects, the fleet's own left out: nothing of it is ever collected. */
export async function domainsOf(sql: Sql, vault: number): Promise<Domain[]> {
  const rows = await sql.query<{ domain: Uint8Array }>(
    'select domain from domains where vault = ? and objects > 0 and domain <> ? order by domain',
    [vault, blob(fleetDomain)],
  )
  return rows.map(row => deviceIdFrom(row.domain))
}

/** Bytes and objects of each pack, by its number, that must stay: what was condemned before `cutoffMs` may go. */
export async function liveByPack(
  sql: Sql,
  vault: number,
  cutoffMs: number,
): Promise<Map<number, { objects: number; bytes: number }>> {
  const live = new Map<number, { objects: number; bytes: number }>()
  let after: readonly [Uint8Array, Uint8Array] = [new Uint8Array(), new Uint8Array()]
  for (;;) {
    // In steps, because everybody else waits for one statement.
    const rows = await sql.query<LiveRow>(
      `select domain, id, pack, length, condemned_ms from objects where vault = ? and (domain, id) > (?, ?)
       order by domain, id limit 5000`,
      [vault, ...after],
    )
    for (const { pack, length, condemned_ms } of rows) {
      if (condemned_ms !== null && condemned_ms <= cutoffMs) continue
      const sum = live.get(pack) ?? { objects: 0, bytes: 0 }
      live.set(pack, sum)
      sum.objects++
      sum.bytes += length
    }
    const last = rows.at(-1)
    if (last === undefined) return live
    after = [last.domain, last.id]
    await new Promise(resolve => setImmediate(resolve))
  }
}

interface LiveRow {
  readonly domain: Uint8Array
  readonly id: Uint8Array
  readonly pack: number
  readonly length: number
  readonly condemned_ms: number | null
}

/** Where an object lies now, with the pack's number; undefined when the domain does not know it. */
export interface RowOf {
  readonly pack: number
  readonly offset: number
  readonly condemnedMs: number | undefined
}

export async function rowsOf(
  sql: Sql,
  vault: number,
  objects: readonly { readonly domain: Domain; readonly id: ObjectId }[],
): Promise<(RowOf | undefined)[]> {
  const found = await sql.queryEach<{ pack: number; position: number; condemned_ms: number | null }>(
    'select pack, position, condemned_ms from objects where vault = ? and domain = ? and id = ?',
    objects.map(({ domain, id }) => [vault, blob(domain), blob(id)]),
  )
  return found.map(
    ([row]) => row && { pack: row.pack, offset: row.position, condemnedMs: row.condemned_ms ?? undefined },
  )
}

/** Rows of a pack follow their bytes into another; one that went elsewhere meanwhile stays there. */
export async function moveObjects(
  sql: Sql,
  vault: number,
  from: number,
  to: number,
  moved: readonly {
    readonly domain: Domain
    readonly id: ObjectId
    readonly before: number
    readonly after: number
  }[],
): Promise<void> {
  await sql.runEach(
    `update objects set pack = ?, position = ? where vault = ? and domain = ? and id = ? and pack = ? and position = ?`,
    moved.map(one => [to, one.after, vault, blob(one.domain), blob(one.id), from, one.before]),
  )
}

/** The bytes go with their pack: neither row nor snapshot row remains. */
export async function sweepObjects(
  sql: Sql,
  scope: { readonly vault: number; readonly fleet: FleetId },
  pack: number,
  cutoffMs: number,
  objects: readonly { readonly domain: Domain; readonly id: ObjectId; readonly offset: number }[],
): Promise<void> {
  const { vault, fleet } = scope
  const changes = await sql.runEach(
    `delete from objects where vault = ? and domain = ? and id = ? and pack = ? and position = ?
     and condemned_ms <= ?`,
    objects.map(({ domain, id, offset }) => [vault, blob(domain), blob(id), pack, offset, cutoffMs]),
  )
  const gone = objects.filter((_, index) => changes[index] === 1)
  await sql.runEach(
    'delete from snapshots where fleet = ? and device = ? and id = ? and forgotten_ms is not null',
    gone.map(({ domain, id }) => [blob(fleet), blob(domain), blob(id)]),
  )
  await sql.runEach(
    'delete from records where fleet = ? and domain = ? and id = ?',
    gone.map(({ domain, id }) => [blob(fleet), blob(domain), blob(id)]),
  )
}
