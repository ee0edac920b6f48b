/**
 * Where pages begin: at each item whose keyed hash is the smallest among the `reach` items on either side.
 *
 * The choice is local: it depends on at most `reach` neighbours and on nothing that happened before, so equal content
 * gives equal pages whatever the history, and one change moves borders only beside it. Pages hold at least `reach`
 * items and 2 × reach + 1 on average, with far less spread than cutting where a hash has zero bits;
 * large pages are the ones that changes hit most, so spread is paid for on every commit. docs/format.md §8.2.
 */

/** On leaf pages: pages of 65 items on average. */
export const leafReach = 32
/**
 * On inner pages: 33 on average. A change writes one inner page a level, with 64 bytes of id and key for each child that
 * no compression shortens, so smaller ones make a commit smaller although there may be a level more (decision 0004).
 */
export const innerReach = 16

export interface Cutter<Item> {
  /** Adds the next item with its hash; calls `emit` with each page that is complete. */
  add(item: Item, hash: number): void
  /** Items added so far, with those that went before the first. */
  readonly added: number
  /** Where the newest page begins that is known to, counted as `added`. All pages before it were emitted. */
  readonly border: number
  /** Emits what is left; the cutter must not be used again. */
  finish(): void
}

export interface CutterOptions<Item> {
  readonly reach: number
  /** Bytes the item takes on a page, estimated from the item alone. */
  size(item: Item): number
  /** A page whose items would take more is divided, from its first item on. */
  readonly bytesMax: number
  /** A page is never divided below this many items: 2 on inner pages, so that each level is smaller. */
  readonly itemsMin: number
  emit(page: Item[]): void
  /**
   * When the sequence begins in the middle of a level, at an item where a page is known to begin: hashes of the `reach` items
   * before it; fewer when there are no more, or when a page begins at the first of them because of its hash.
   */
  readonly before?: readonly number[]
}

export function cutter<Item>(options: CutterOptions<Item>): Cutter<Item> {
  const { reach, before = [] } = options
  let page: Item[] = []
  /** Index in the whole sequence of the first item of `page`. */
  let pageStart = before.length
  let added = 0
  /** Indexes into the sequence whose hashes increase: the front is the smallest of the window. */
  const window: { readonly index: number; readonly hash: number }[] = []
  for (const hash of before) see(hash)

  return {
    add(item, hash) {
      page.push(item)
      see(hash)
      decide(added - 1 - reach)
    },
    get added() {
      return added
    },
    get border() {
      return pageStart
    },
    finish() {
      if (page.length > 0) divide(page, options)
      page = []
    },
  }

  function see(hash: number): void {
    while (window.length > 0 && (window.at(-1) as { hash: number }).hash > hash) window.pop()
    window.push({ index: added, hash })
    added++
  }

  /** Decides whether a page begins at the item `index`, now that all its neighbours are known. */
  function decide(index: number): void {
    // Near the ends no page begins, so that even a short level has pages of more than one item.
    if (index < reach || index <= pageStart) return
    while ((window[0] as { index: number }).index < index - reach) window.shift()
    if (window[0]?.index !== index) return
    const count = index - pageStart
    divide(page.slice(0, count), options)
    page = page.slice(count)
    pageStart = index
  }
}

function divide<Item>(items: Item[], options: CutterOptions<Item>): void {
  let start = 0
  let bytes = 0
  for (const [index, item] of items.entries()) {
    const size = options.size(item)
    if (bytes + size > options.bytesMax && index - start >= options.itemsMin) {
      options.emit(items.slice(start, index))
      start = index
      bytes = 0
    }
    bytes += size
  }
  options.emit(start === 0 ? items : items.slice(start))
}
