/**
 * Which objects the vault holds: those of the catalog, and those that are on their way into it. A put is known here from
 * the moment it is admitted, so its parents may follow at once.
 */
import type { ObjectId } from '@backstay/proto/object/id'
import { findObjects, findPlaces, type Location, type ObjectRow } from '../catalog/objects.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Domain } from '../catalog/vaults.ts'
import type { Placement } from '../packs/group-commit.ts'

/** What is known of an object of one domain. */
export type Known =
  | { readonly state: 'coming'; readonly placement: Placement }
  | { readonly state: 'stored'; readonly row: ObjectRow }

export interface Pending {
  /** In the order of `ids`. */
  find(domain: Domain, ids: readonly ObjectId[]): Promise<(Known | undefined)[]>
  /** Where the objects can be read; only what is durable. What is condemned can be read until it is swept. */
  locate(domain: Domain, ids: readonly ObjectId[]): Promise<(Location | undefined)[]>
  /** Call what it returns when the catalog holds it, or when it failed. */
  put(domain: Domain, id: ObjectId, known: Known): () => void
}

export function pending(sql: Sql, vault: number): Pending {
  const coming = new Map<string, Known>()
  const keyOf = (domain: Domain, id: ObjectId) => domain + id

  const findWith =
    (look: typeof findObjects): Pending['find'] =>
    async (domain, ids) => {
      const known = ids.map(id => alive(coming.get(keyOf(domain, id))))
      const asked = ids.filter((_, index) => known[index] === undefined)
      if (asked.length === 0) return known
      const rows = (await look(sql, vault, domain, asked)).values()
      return known.map(one => one ?? stored(rows.next().value))
    }
  const findAll = findWith(findPlaces)

  return {
    find: findWith(findObjects),
    async locate(domain, ids) {
      return (await findAll(domain, ids)).map(known => {
        if (known === undefined) return undefined
        return known.state === 'stored' ? known.row : known.placement.place
      })
    },
    put(domain, id, known) {
      const key = keyOf(domain, id)
      coming.set(key, known)
      return () => {
        // Meanwhile it may have been put again.
        if (coming.get(key) === known) coming.delete(key)
      }
    },
  }
}

function alive(known: Known | undefined): Known | undefined {
  return known?.state === 'coming' && known.placement.state === 'failed' ? undefined : known
}

function stored(row: ObjectRow | undefined): Known | undefined {
  return row === undefined ? undefined : { state: 'stored', row }
}
