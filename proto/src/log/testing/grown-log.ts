/** A log in memory with every state that it went through. */
import type { Bytes } from '../../bytes.ts'
import { append, emptyFrontier, type Hashing, leafHash, rootOf } from '../merkle.ts'
import type { HashAt } from '../proof.ts'

export interface GrownLog {
  /** By size. */
  readonly roots: readonly Bytes[]
  readonly hashAt: HashAt
}

export async function grow(p: Hashing, entries: readonly Bytes[]): Promise<GrownLog> {
  const nodes = new Map<string, Bytes>()
  let frontier = emptyFrontier
  const roots = [await rootOf(p, frontier)]
  for (const entry of entries) {
    const next = await append(p, frontier, await leafHash(p, entry))
    for (const { level, place, hash } of next.added) nodes.set(`${level} ${place}`, hash)
    frontier = next.frontier
    roots.push(await rootOf(p, frontier))
  }
  return {
    roots,
    async hashAt(level, place) {
      const hash = nodes.get(`${level} ${place}`)
      if (hash === undefined) throw new RangeError(`no subtree ${place} of level ${level}`)
      return hash
    },
  }
}
