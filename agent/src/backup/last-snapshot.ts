/** What the last snapshot has of an entry: from the leaf pages that memory holds, and of large files from the collector. */
import type { Entry, Extent, Reference } from '@backstay/proto/content/entry'
import { decodePage, type MapItem } from '@backstay/proto/content/map/page'
import { type PageSource, scanExtents } from '@backstay/proto/content/map/read'
import { openObject } from '@backstay/proto/content/seal'
import type { ObjectId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { Memory } from '../memory/memory.ts'
import type { Place } from './previous.ts'

export interface LastSnapshot {
  items(leaf: Reference): Promise<readonly MapItem[]>
  entry(place: Place): Promise<Entry | undefined>
  /** Of an entry, from its list or its tree. */
  extents(entry: Entry): AsyncIterable<Extent>
}

/** Entries are mostly asked for in the order of the map, so that a few opened pages serve all. */
const leavesRemembered = 8

/** `pages`: opens pages that memory does not hold, those of extent trees. */
export function lastSnapshot(
  primitives: Primitives,
  memory: Pick<Memory, 'leafPage'>,
  pages: PageSource,
): LastSnapshot {
  const recent = new Map<ObjectId, Promise<readonly MapItem[]>>()
  return {
    items,
    async entry({ leaf, index }) {
      return (await items(leaf))[index]?.entry
    },
    async *extents({ content }) {
      if (content?.form === 'extents') yield* content.extents
      if (content?.form !== 'tree') return
      for await (const items of scanExtents(pages, content.root)) for (const { extent } of items) yield extent
    },
  }

  function items(leaf: Reference): Promise<readonly MapItem[]> {
    const found = recent.get(leaf.id) ?? open(leaf)
    recent.delete(leaf.id)
    recent.set(leaf.id, found)
    if (recent.size > leavesRemembered) recent.delete(recent.keys().next().value as ObjectId)
    return found
  }

  async function open(leaf: Reference): Promise<readonly MapItem[]> {
    const stored = memory.leafPage(leaf.id)
    if (stored === undefined) throw new Error('assertion failed: a remembered leaf has its page')
    const object = await openObject(primitives, leaf, 'page', stored)
    const page = decodePage('map', object.bytes, object.children)
    return page.kind === 'entries' ? page.items : []
  }
}
