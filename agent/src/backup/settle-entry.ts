/** An entry as a page may hold it: its segments have their ids, and a long list of extents lies in a tree of its own. */
import type { Entry, Extent } from '@backstay/proto/content/entry'
import { buildExtentTree, extentsInEntryMax, type SealPage } from '@backstay/proto/content/map/build'
import { isSealed, settleExtents } from './segments.ts'

/** Whether it may stand on a page as it is. */
export function isSettled({ content }: Entry): boolean {
  if (content?.form !== 'extents') return true
  return content.extents.length <= extentsInEntryMax && content.extents.every(isSealed)
}

/** Waits for its segments; `seal` is for pages of the tree. */
export async function settleEntry(borderKey: Uint8Array, seal: SealPage, entry: Entry): Promise<Entry> {
  if (entry.content?.form !== 'extents') return entry
  const { extents } = entry.content
  await settleExtents(extents)
  if (extents.length <= extentsInEntryMax) return entry
  const root = await buildExtentTree(borderKey, seal, placed(extents))
  return { ...entry, content: { form: 'tree', root, extents: extents.length } }
}

function* placed(extents: readonly Extent[]) {
  let offset = 0
  for (const extent of extents) {
    yield { offset, extent }
    offset += extent.length
  }
}
