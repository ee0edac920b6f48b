/**
 * Segments that are hardly worth their place. Each save makes a segment of its own, of some hundred bytes; a segment that many
 * files shared stays for the last of them. Once a day the files on the worst are laid anew, together, as if they had been
 * written just now. What they hold is the same, so no entry counts as changed; older snapshots keep the old segments.
 */
import type { Entry, Extent } from '@backstay/proto/content/entry'
import { childIds, decodeHeader } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import type { Memory } from '../memory/memory.ts'
import { largeFileBytesMin } from './file-content.ts'
import type { LastSnapshot } from './last-snapshot.ts'

export interface WornSegments {
  has(segment: ObjectId): boolean
  /** Whether the entry in this place of the last snapshot lies on one. */
  holds(page: ObjectId, index: number): boolean
  readonly count: number
}

export const noneWorn: WornSegments = { has: () => false, holds: () => false, count: 0 }

export const relayEveryMs = 20 * 3600_000

/** Fewer small segments than this are left alone. */
const smallSegmentsMax = 256
const smallBytes = 128 * 1024
/** Of what is known of a segment, less than this part is still used. */
const liveLeast = 1 / 4
/** Laid anew in one go: a part of all that lives in shared segments, but never so little that it would take years. */
const budgetPart = 0.01
const budgetBytesMin = 16 * 1024 * 1024

interface Wear {
  readonly id: ObjectId
  /** Where the last of its known extents ends: its length, as far as anybody remembers. */
  endBytes: number
  liveBytes: number
}

/** One pass over the pages of the last snapshot. */
export async function findWornSegments(memory: Memory, last: LastSnapshot): Promise<WornSegments> {
  const wear = new Map<ObjectId, Wear>()
  for (const { child } of memory.leaves(false)) {
    for (const { entry } of await last.items(child.reference)) {
      for (const { segment, start, length } of sharedExtents(entry)) {
        if (segment === undefined) continue
        const one = wear.get(segment.id) ?? { id: segment.id, endBytes: 0, liveBytes: 0 }
        wear.set(segment.id, one)
        one.endBytes = Math.max(one.endBytes, start + length)
        one.liveBytes += length
      }
    }
  }
  const worst = chosen([...wear.values()])
  return worst.size === 0 ? noneWorn : placesOn(worst, memory, last)
}

/** Ids of the segments to be emptied, within the budget. */
export function chosen(wear: readonly Wear[]): ReadonlySet<ObjectId> {
  const small = wear.filter(one => one.endBytes < smallBytes)
  const sparse = wear.filter(one => one.endBytes >= smallBytes && one.liveBytes < one.endBytes * liveLeast)
  const worst = [...(small.length > smallSegmentsMax ? small : []), ...sparse]
  const liveBytes = wear.reduce((sum, one) => sum + one.liveBytes, 0)
  let left = Math.max(liveBytes * budgetPart, budgetBytesMin)
  const ids = new Set<ObjectId>()
  for (const one of worst.sort((a, b) => a.liveBytes - b.liveBytes)) {
    left -= one.liveBytes
    if (left < 0) break
    ids.add(one.id)
  }
  return ids
}

async function placesOn(
  worst: ReadonlySet<ObjectId>,
  memory: Memory,
  last: LastSnapshot,
): Promise<WornSegments> {
  const places = new Map<ObjectId, ReadonlySet<number>>()
  for (const { child } of memory.leaves(false)) {
    const { id } = child.reference
    const stored = memory.leafPage(id)
    if (stored === undefined || !childIds(decodeHeader(stored)).some(one => worst.has(one))) continue
    const items = await last.items(child.reference)
    const on = items.keys().filter(index => {
      const entry = items[index]?.entry
      return entry !== undefined && sharedExtents(entry).some(one => one.segment && worst.has(one.segment.id))
    })
    places.set(id, new Set(on))
  }
  return {
    has: segment => worst.has(segment),
    holds: (page, index) => places.get(page)?.has(index) === true,
    count: worst.size,
  }
}

/** Of a file that is laid beside others; a large one has segments of its own. */
function sharedExtents({ kind, size, content }: Entry): readonly Extent[] {
  return kind === 'file' && size <= largeFileBytesMin && content?.form === 'extents' ? content.extents : []
}
