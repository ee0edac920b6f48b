/** Reading a tree: one key, or a range of keys in order. Pages are fetched some ahead, never the whole tree. */
import { type Bytes, compareBytes } from '../../bytes.ts'
import { Failure } from '../../failure.ts'
import type { Entry, Reference } from '../entry.ts'
import { inRange, type KeyRange } from './key.ts'
import { type ExtentItem, type MapItem, offsetKey, type Page, type Tree } from './page.ts'
import { misplaced, type Place, placesBelow, rootPlace } from './place.ts'

/** A page that is missing or damaged where it is kept. */
export interface LostPage {
  readonly kind: 'lost'
  readonly failure: Failure
}

/** Where pages come from: opened, decoded and in the order asked for, one answer for each reference. */
export interface PageSource {
  pages(tree: Tree, references: readonly Reference[]): AsyncIterable<Page | LostPage>
}

/** A part of the map that cannot be read; all else can. */
export interface LostRange {
  /** Of the first entry that is lost; undefined when it is the root and nothing is known. */
  readonly firstKey: Bytes | undefined
  /** Lost entries, when the page above says how many. */
  readonly entries: number | undefined
  readonly failure: Failure
}

/** Without it, a lost page ends the reading with its failure. */
export type OnLost = (lost: LostRange) => void

/** Leaf pages asked for at once: one round trip for some 4,000 entries. */
const fetchAhead = 64

/** The entries of a range in order of their keys, one leaf page at a time. */
export async function* scanMap(
  source: PageSource,
  root: Reference,
  range: KeyRange,
  onLost?: OnLost,
): AsyncGenerator<readonly MapItem[]> {
  for await (const page of leaves(source, 'map', [wholeTree(root)], range, onLost)) {
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
  for await (const page of leaves(source, 'extents', [wholeTree(root)], range)) {
    if (page.kind !== 'extents') throw wrongPage()
    const items = page.items.filter(({ offset, extent }) => offset < to && offset + extent.length > from)
    if (items.length > 0) yield items
  }
}

/** A page to be read, and what the page above says of it. */
interface Below {
  readonly reference: Reference
  readonly place: Place
  readonly entries: number | undefined
}

function wholeTree(reference: Reference): Below {
  return { reference, place: rootPlace, entries: undefined }
}

async function* leaves(
  source: PageSource,
  tree: Tree,
  wanted: readonly Below[],
  range: KeyRange,
  onLost?: OnLost,
): AsyncGenerator<Page> {
  for (let start = 0; start < wanted.length; start += fetchAhead) {
    const some = wanted.slice(start, start + fetchAhead)
    let next = 0
    for await (const page of source.pages(
      tree,
      some.map(one => one.reference),
    )) {
      const { place, entries } = some[next++] as Below
      const failure = page.kind === 'lost' ? page.failure : misplaced(page, place)
      if (failure !== undefined || page.kind === 'lost') {
        if (onLost === undefined) throw failure
        onLost({ firstKey: place.firstKey, entries, failure: failure as Failure })
      } else if (page.kind !== 'inner') yield page
      else yield* leaves(source, tree, below(page, place, range), range, onLost)
    }
  }
}

/** Children whose keys may lie in the range: the first may begin before it. */
function below(page: Extract<Page, { kind: 'inner' }>, place: Place, range: KeyRange): Below[] {
  const wanted: Below[] = []
  const places = placesBelow(page, place)
  for (const [index, { firstKey, reference, entries }] of page.children.entries()) {
    const next = page.children[index + 1]
    if (next !== undefined && compareBytes(next.firstKey, range.from) <= 0) continue
    if (range.to !== undefined && compareBytes(firstKey, range.to) >= 0) break
    wanted.push({ reference, entries, place: places[index] as Place })
  }
  return wanted
}

function wrongPage(): Failure {
  return new Failure('bad_page', 'a page of another kind stands where a leaf belongs', { remedy: 'repair' })
}
