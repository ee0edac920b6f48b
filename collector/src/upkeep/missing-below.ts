import type { ObjectId } from '@backstay/proto/object/id'
import { findObjects } from '../catalog/objects.ts'
import type { Domain } from '../catalog/vaults.ts'
import { neededChildren } from './needed-children.ts'
import { objectAt } from './object-at.ts'
import type { SettleOptions } from './settle.ts'

/** So many partial objects are looked at for one commit; the report says "at least". */
const visitsMax = 100_000

/** Ids that are reached from `root` and are not here, at most `limit` of them: walks only through what is not whole. */
export async function missingBelow(
  { store, sql, vault }: Pick<SettleOptions, 'store' | 'sql' | 'vault'>,
  domain: Domain,
  root: ObjectId,
  limit: number,
): Promise<ObjectId[]> {
  const missing = new Set<ObjectId>()
  const seen = new Set<ObjectId>([root])
  const stack = [root]
  for (let id = stack.pop(); id !== undefined && missing.size < limit; id = stack.pop()) {
    const [row] = await findObjects(sql, vault, domain, [id])
    if (row?.whole === true) continue
    const read = row === undefined ? undefined : await objectAt(store, row)
    if (read === undefined) missing.add(id)
    for (const child of read === undefined ? [] : neededChildren(read.header, read.stored)) {
      if (seen.has(child) || seen.size >= visitsMax) continue
      seen.add(child)
      stack.push(child)
    }
  }
  return [...missing]
}
