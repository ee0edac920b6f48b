/** Reading a tree: one key, or a range of keys in order. Pages are fetched some ahead, never the whole tree. */
import { type Bytes, compareBytes } from '../../bytes.ts'
import { Failure } from '../../failure.ts'
import type { Entry, Reference } from '../entry.ts'
import { inRange, type KeyRange } from './key.ts'
import { type Child, type ExtentItem, type MapItem, offsetKey, type Page, type Tree } from './page.ts'

/** Where pages come from: opened, decoded and in the order asked for. Throws when one is missing or damaged. */
export interface PageSource {
  pages(tree: Tree, references: readonly Reference[]): AsyncIterable<Page>
}

/** Leaf pages asked for at once: one round trip for some 4,000 entries. */
const fetchAhead = 64

/** The entries of a range in order of their keys, one leaf page at a time. */
export async function* scanMap(
  source: PageSource,
  root: Reference,
  range: KeyRange,
): AsyncGenerator<readonly MapItem[]> {
  for await (const page of leaves(source, 'map', [root], range)) {
    if (page.kind !== 'entries') throw wrongPage()
    const items = page.items.filter(item => inRange(item.key, range))
    if (items.length > 0) yield items
  }
}

/** The entry with this key, or undefined. */
export async function lookup(source: PageSource, root: Reference, key: Bytes): Promise<Entry | undefined> {
  const to = new Uint8Array(key.length + 1)
  to.set(key)
  for await (const items of scanMap(source, root, { from: key, to })) return items[0]?.entry
  return undefined
}

/** The extents of a file that cover `[from, to)`, in order, one leaf page at a time. */
export async function* scanExtents(
  source: PageSource,
  root: Reference,
  from = 0,
  to: number = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<readonly ExtentItem[]> {
  const range = { from: offsetKey(from), to: offsetKey(to) }
  for await (const page of leaves(source, 'extents', [root], range)) {
    if (page.kind !== 'extents') throw wrongPage()
    const items = page.items.filter(({ offset, extent }) => offset < to && offset + extent.length > from)
    if (items.length > 0) yield items
  }
}

async function* leaves(
  source: PageSource,
  tree: Tree,
  references: readonly Reference[],
  range: KeyRange,
): AsyncGenerator<Page> {
  for (let start = 0; start < references.length; start += fetchAhead) {
    for await (const page of source.pages(tree, references.slice(start, start + fetchAhead))) {
      if (page.kind !== 'inner') yield page
      else yield* leaves(source, tree, below(page.children, range), range)
    }
  }
}

/** Children whose keys may lie in the range: the first may begin before it. */
function below(children: readonly Child[], range: KeyRange): Reference[] {
  const references: Reference[] = []
  for (const [index, child] of children.entries()) {
    const next = children[index + 1]
    if (next !== undefined && compareBytes(next.firstKey, range.from) <= 0) continue
    if (range.to !== undefined && compareBytes(child.firstKey, range.to) >= 0) break
    references.push(child.reference)
  }
  return references
}

function wrongPage(): Failure {
  return new Failure('bad_page', 'a page of another kind stands where a leaf belongs', { remedy: 'repair' })
}
