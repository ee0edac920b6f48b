/**
 * Memory made anew from a snapshot that the collector can prove: the pages, but no traces of files. So every file is
 * read once more and, known by its content, not sent again.
 */
import type { Reference } from '@backstay/proto/content/entry'
import { entrySize } from '@backstay/proto/content/map/build'
import { decodePage, type MapItem } from '@backstay/proto/content/map/page'
import { openObject } from '@backstay/proto/content/seal'
import { isFailure } from '@backstay/proto/failure'
import { childIds, decodeHeader } from '@backstay/proto/object/header'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { Memory } from './memory.ts'
import { encodeSheet, type SheetRow, unknownTrace } from './sheet.ts'

export interface StoredObjects {
  get(ids: readonly ObjectId[]): AsyncIterable<{ readonly id: ObjectId; readonly stored: Sealed | undefined }>
}

/** Pages asked for at once. */
const fetchMax = 64

/** Returns how many pages were missing or damaged: what stood on them is read and sent as if it were new. */
export async function rebuildMemory(
  p: Primitives,
  memory: Memory,
  source: StoredObjects,
  root: Reference,
  commit: ObjectId,
): Promise<{ readonly lostPages: number }> {
  const change = memory.change()
  let lostPages = 0
  try {
    await visit([root])
    change.finish(commit)
  } catch (error) {
    change.abandon()
    throw error
  }
  return { lostPages }

  async function visit(references: readonly Reference[]): Promise<void> {
    for (let start = 0; start < references.length; start += fetchMax) {
      const some = new Map(references.slice(start, start + fetchMax).map(one => [one.id, one]))
      const inner: Reference[] = []
      for await (const { id, stored } of source.get([...some.keys()])) {
        const reference = some.get(id)
        if (reference === undefined) continue
        const page = stored === undefined ? undefined : await openPage(reference, stored)
        if (page === undefined) lostPages++
        else if (page.kind === 'inner') inner.push(...page.children.map(child => child.reference))
        else if (page.kind === 'entries') rememberLeaf(reference, page.items, stored as Sealed)
      }
      if (inner.length > 0) await visit(inner)
    }
  }

  async function openPage(reference: Reference, stored: Sealed) {
    try {
      const { bytes, children } = await openObject(p, reference, 'page', stored)
      return decodePage('map', bytes, children)
    } catch (error) {
      if (isFailure(error) && error.remedy === 'repair') return undefined
      throw error
    }
  }

  function rememberLeaf(reference: Reference, items: readonly MapItem[], stored: Sealed): void {
    const [first] = items
    if (first === undefined) return
    const rows = items.map(({ key, entry }): SheetRow => {
      const content = entry.sha256 === undefined ? '' : entry.sha256.subarray(0, 8).toHex()
      const pageSize = entrySize(key, entry)
      return { key, ...unknownTrace, size: entry.size, pageSize, unread: entry.kind === 'unread', content }
    })
    const bytes = rows.reduce((sum, row) => sum + row.size, 0)
    const unread = rows.filter(row => row.unread).length
    const child = { reference, firstKey: first.key, entries: rows.length, bytes, unread }
    change.leaf({ child, sheet: encodeSheet(rows), stored, large: [] })
  }
}

type AskMissing = (ids: readonly ObjectId[]) => Promise<ReadonlySet<ObjectId>>

/**
 * The leaf pages of which they themselves or a segment are no longer at the collector. Once forgotten, the files on them count
 * as new, are sealed again and heal the store. Others may work with the memory meanwhile.
 */
export async function findMissing(
  memory: Pick<Memory, 'leafIds' | 'leafPage'>,
  missing: AskMissing,
): Promise<readonly ObjectId[]> {
  const gone: ObjectId[] = []
  let batch: { readonly leaf: ObjectId; readonly ids: readonly ObjectId[] }[] = []
  let count = 0
  let pages = 0
  const ask = async () => {
    const absent = await missing([...new Set(batch.flatMap(one => one.ids))])
    if (absent.size > 0) {
      for (const { leaf, ids } of batch) if (ids.some(id => absent.has(id))) gone.push(leaf)
    }
    batch = []
    count = 0
  }
  for (const id of memory.leafIds()) {
    const stored = memory.leafPage(id)
    const ids = stored === undefined ? [id] : [id, ...childIds(decodeHeader(stored))]
    batch.push({ leaf: id, ids })
    count += ids.length
    if (count >= askMax) await ask()
    else if (++pages % pagesInARow === 0) await new Promise(resolve => setImmediate(resolve))
  }
  if (batch.length > 0) await ask()
  return gone
}

const askMax = 8192
const pagesInARow = 16
