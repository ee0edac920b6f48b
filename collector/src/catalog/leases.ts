/** What a device was told is here: it may build on it for a while, even when nothing reaches it yet. */
import type { ObjectId } from '@backstay/proto/object/id'
import { blob } from './blob.ts'
import type { Sql } from './sql.ts'
import type { Domain } from './vaults.ts'

/** Leases are a month long; a day's difference is not worth a write for each question. */
const renewMs = 86_400_000

/** For each id whether it is here and not condemned; those count as acknowledged now, by the retention clock. */
export async function leaseObjects(
  sql: Sql,
  vault: number,
  domain: Domain,
  ids: readonly ObjectId[],
  nowMs: number,
): Promise<boolean[]> {
  if (ids.length === 0) return []
  const owner = blob(domain)
  const found = await sql.queryEach<{ born_ms: number | null }>(
    'select born_ms from objects where vault = ? and domain = ? and id = ? and condemned_ms is null',
    ids.map(id => [vault, owner, blob(id)]),
  )
  const isOld = found.map(rows => rows.some(row => (row.born_ms ?? 0) < nowMs - renewMs))
  const old = ids.filter((_, index) => isOld[index])
  if (old.length === 0) return found.map(rows => rows.length > 0)
  // Between the question and this it may have been condemned.
  const renewed = await sql.runEach(
    'update objects set born_ms = ? where vault = ? and domain = ? and id = ? and condemned_ms is null',
    old.map(id => [nowMs, vault, owner, blob(id)]),
  )
  const changes = renewed.values()
  return found.map((rows, index) => (isOld[index] ? changes.next().value === 1 : rows.length > 0))
}
