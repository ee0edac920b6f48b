/** The log's tree over the catalog: what is appended, and the hashes that proofs are made of. One writer at a time. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { entryBytes, type LogEntry } from '@backstay/proto/log/entry'
import {
  append,
  type Frontier,
  frontierPlaces,
  type Hashing,
  leafHash,
  type TreeNode,
} from '@backstay/proto/log/merkle'
import type { FleetId } from '@backstay/proto/object/id'
import { appendToLog, logNode, logSize, type NumberedEntry } from '../catalog/log-entries.ts'
import type { Sql } from '../catalog/sql.ts'

export interface LogTree {
  /** Of all entries. Only in turn with `write`. */
  frontier(fleet: FleetId): Promise<Frontier>
  /** Of the first `size` entries. Throws `bad_range`. */
  frontierAt(fleet: FleetId, size: number): Promise<Frontier>
  /** Throws `bad_range` for a subtree that is not whole. */
  hashAt(fleet: FleetId, level: number, place: number): Promise<Bytes>
  /** All of them or none. `along`: what becomes true together with them. */
  write(fleet: FleetId, entries: readonly LogEntry[], along?: (tx: Sql) => Promise<void>): Promise<void>
}

export function logTree(p: Hashing, sql: Sql): LogTree {
  let known: { readonly fleet: FleetId; readonly frontier: Frontier } | undefined

  const tree: LogTree = {
    async frontier(fleet) {
      if (known?.fleet === fleet) return known.frontier
      const frontier = await tree.frontierAt(fleet, await logSize(sql, fleet))
      known = { fleet, frontier }
      return frontier
    },
    async frontierAt(fleet, size) {
      const hashes: Bytes[] = []
      for (const { level, place } of frontierPlaces(size)) hashes.push(await tree.hashAt(fleet, level, place))
      return { size, hashes }
    },
    async hashAt(fleet, level, place) {
      const hash = await logNode(sql, fleet, level, place)
      if (hash === undefined) throw new Failure('bad_range', 'the log has no such entries')
      return hash
    },
    async write(fleet, entries, along) {
      let frontier = await tree.frontier(fleet)
      const numbered: NumberedEntry[] = []
      const nodes: TreeNode[] = []
      for (const entry of entries) {
        numbered.push({ ...entry, number: frontier.size })
        const next = await append(p, frontier, await leafHash(p, entryBytes(entry)))
        nodes.push(...next.added)
        frontier = next.frontier
      }
      // Whether a transaction that failed counts, only the catalog knows.
      known = undefined
      await sql.transaction(async tx => {
        await appendToLog(tx, fleet, numbered, nodes)
        await along?.(tx)
      })
      known = { fleet, frontier }
    },
  }
  return tree
}
