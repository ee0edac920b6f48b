/**
 * Builds a tree of pages from a sorted stream of items. docs/format.md §8.2.
 *
 * Every item passes the cutter of its level; a page that is complete is encoded, sealed and becomes one item of the
 * level above, until a level has one page: the root. A leaf page that equals one of an earlier tree is taken over by
 * reference, without encoding it again. The same items always give the same pages, however they came together.
 */
import { type Bytes, compareBytes } from '../../bytes.ts'
import { assert } from '../../failure.ts'
import type { Reference } from '../entry.ts'
import { type SipHash, sipHash } from '../siphash.ts'
import { type Cutter, cutter } from './borders.ts'
import {
  type Child,
  type ExtentItem,
  encodeExtentLeaf,
  encodeInner,
  encodeMapLeaf,
  type MapItem,
  offsetKey,
  type PlainPage,
} from './page.ts'

/** A page of one item may be longer; the object limit is far above what one entry can be. */
export const pageBytesMax = 64 * 1024

/** A leaf page of an earlier tree, which items may say they come from. */
export interface Origin {
  readonly reference: Reference
  readonly items: number
}

/** Seals a page and sees to it that it is stored; the reference may come much later than the call. */
export type SealPage = (plain: PlainPage, leaf: boolean) => Promise<Reference>

interface Leaf<Item> {
  readonly item: Item
  readonly key: Bytes
  readonly size: number
  readonly bytes: number
  readonly unread: number
  readonly origin: Origin | undefined
  readonly index: number
}

export interface Built {
  readonly root: Reference
  readonly entries: number
  readonly bytes: number
  readonly unread: number
}

export interface MapBuilder {
  /** Items in order of their keys. `origin` and `index`: the leaf page of an earlier tree where it stood unchanged. */
  add(item: MapItem, origin?: Origin, index?: number): void
  /** Resolves when few enough pages wait to be sealed; await it now and then, so that memory stays bounded. */
  ready(): Promise<void>
  finish(): Promise<Built>
}

export interface BuildOptions {
  /** 16 bytes, from the border secret of enrolment. */
  readonly borderKey: Bytes
  readonly seal: SealPage
  /** Told of each leaf page in order; `kept`: it was taken over from an earlier tree. */
  readonly onLeaf?: (leaf: {
    readonly reference: Reference
    readonly items: readonly MapItem[]
    readonly kept: boolean
  }) => void
  /**
   * Called when a page is cut, before it is encoded: entries whose segments are not sealed yet are settled here.
   * Returns the items to encode.
   */
  readonly settle?: (items: readonly MapItem[]) => Promise<readonly MapItem[]>
}

export function mapBuilder(options: BuildOptions): MapBuilder {
  const hash = sipHash(options.borderKey.subarray(0, 16))
  const levels = treeLevels<MapItem>(hash, options.seal, async page => {
    const origin = sameLeaf(page)
    const items = page.map(leaf => leaf.item)
    if (origin !== undefined) {
      options.onLeaf?.({ reference: origin.reference, items, kept: true })
      return origin.reference
    }
    const settled = options.settle === undefined ? items : await options.settle(items)
    const reference = await options.seal(encodeMapLeaf(settled), true)
    options.onLeaf?.({ reference, items: settled, kept: false })
    return reference
  })
  return {
    add(item, origin, index = 0) {
      const unread = item.entry.kind === 'unread' ? 1 : 0
      const size = entrySize(item)
      levels.add({ item, key: item.key, size, bytes: item.entry.size, unread, origin, index })
    },
    ready: levels.ready,
    finish: () => levels.finish(() => options.seal(encodeMapLeaf([]), true)),
  }
}

/** Builds the tree of a long list of extents and returns its root. */
export async function buildExtentTree(
  borderKey: Bytes,
  seal: SealPage,
  extents: Iterable<ExtentItem>,
): Promise<Reference> {
  const levels = treeLevels<ExtentItem>(sipHash(borderKey.subarray(0, 16)), seal, page =>
    seal(encodeExtentLeaf(page.map(leaf => leaf.item)), true),
  )
  for (const item of extents) {
    const key = offsetKey(item.offset)
    levels.add({ item, key, size: 80, bytes: item.extent.length, unread: 0, origin: undefined, index: 0 })
    await levels.ready()
  }
  const built = await levels.finish(() => seal(encodeExtentLeaf([]), true))
  return built.root
}

/** Pages that may wait for their seal: enough to keep all sealers busy, few enough to bound memory. */
const pendingMax = 256

interface Levels<Item> {
  add(leaf: Leaf<Item>): void
  ready(): Promise<void>
  finish(empty: () => Promise<Reference>): Promise<Built>
}

interface Level {
  readonly cutter: Cutter<Child>
  /** Settles when all pages cut so far have been handed to the level above, in order. */
  handed: Promise<void>
  pages: number
  only: Child | undefined
}

function treeLevels<Item>(
  hash: SipHash,
  seal: SealPage,
  sealLeaf: (page: Leaf<Item>[]) => Promise<Reference>,
): Levels<Item> {
  const inner: Level[] = []
  let lastKey: Bytes | undefined
  let pending = 0
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined
  let handed: Promise<void> = Promise.resolve()
  let leafPages = 0
  let onlyLeaf: Child | undefined

  const leaves = cutter<Leaf<Item>>({
    size: leaf => leaf.size,
    bytesMax: pageBytesMax,
    itemsMin: 1,
    emit(page) {
      leafPages++
      const child = counted(sealLeaf(page).then(reference => leafChild(page, reference)))
      handed = handed.then(async () => {
        onlyLeaf = await child
        addInner(1, onlyLeaf)
      })
      handed.catch(() => undefined)
    },
  })

  return {
    add(leaf) {
      assert(
        lastKey === undefined || compareBytes(lastKey, leaf.key) < 0,
        'items come in order of their keys',
      )
      lastKey = leaf.key
      leaves.add(leaf, hash.hash(leaf.key, 0, leaf.key.length))
    },
    async ready() {
      while (pending >= pendingMax && failure === undefined) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      if (failure !== undefined) throw failure.error
    },
    async finish(empty) {
      leaves.finish()
      await handed
      if (leafPages === 0) return { root: await empty(), entries: 0, bytes: 0, unread: 0 }
      if (leafPages === 1) return built(onlyLeaf)
      for (let level = 1; ; level++) {
        const state = levelAt(level)
        state.cutter.finish()
        await state.handed
        if (state.pages === 1) return built(state.only)
      }
    },
  }

  /** Counts a page as waiting until its seal is there. */
  function counted<T>(work: Promise<T>): Promise<T> {
    pending++
    const settle = (error?: { readonly error: unknown }) => {
      pending--
      failure ??= error
      wake?.()
      wake = undefined
    }
    work.then(
      () => settle(),
      error => settle({ error }),
    )
    return work
  }

  function addInner(level: number, child: Child): void {
    levelAt(level).cutter.add(child, hash.hash(child.firstKey, 0, child.firstKey.length))
  }

  function levelAt(level: number): Level {
    const known = inner[level]
    if (known !== undefined) return known
    const state: Level = {
      handed: Promise.resolve(),
      pages: 0,
      only: undefined,
      cutter: cutter<Child>({
        size: child => child.firstKey.length + 80,
        bytesMax: pageBytesMax,
        itemsMin: 2,
        emit(children) {
          state.pages++
          const page = counted(
            seal(encodeInner(level, children), false).then(reference => innerChild(children, reference)),
          )
          state.handed = state.handed.then(async () => {
            state.only = await page
            addInner(level + 1, state.only)
          })
          state.handed.catch(() => undefined)
        },
      }),
    }
    inner[level] = state
    return state
  }
}

/** The earlier leaf page that holds just these items, if there is one. */
function sameLeaf<Item>(page: readonly Leaf<Item>[]): Origin | undefined {
  const origin = page[0]?.origin
  if (origin === undefined || origin.items !== page.length) return undefined
  return page.every((leaf, index) => leaf.origin === origin && leaf.index === index) ? origin : undefined
}

function leafChild<Item>(page: readonly Leaf<Item>[], reference: Reference): Child {
  let bytes = 0
  let unread = 0
  for (const leaf of page) {
    bytes += leaf.bytes
    unread += leaf.unread
  }
  return { firstKey: (page[0] as Leaf<Item>).key, reference, entries: page.length, bytes, unread }
}

function innerChild(children: readonly Child[], reference: Reference): Child {
  let [entries, bytes, unread] = [0, 0, 0]
  for (const child of children) {
    entries += child.entries
    bytes += child.bytes
    unread += child.unread
  }
  return { firstKey: (children[0] as Child).firstKey, reference, entries, bytes, unread }
}

function built(child: Child | undefined): Built {
  assert(child !== undefined, 'a level with one page has its child')
  return { root: child.reference, entries: child.entries, bytes: child.bytes, unread: child.unread }
}

/** Bytes an entry takes on a page, as far as the entry alone says. */
function entrySize({ key, entry }: MapItem): number {
  let size = 96 + key.length + (entry.target?.length ?? 0)
  for (const { name, value } of entry.attributes) size += name.length + value.length + 8
  if (entry.content?.form === 'inline') size += entry.content.bytes.length
  if (entry.content?.form === 'extents') size += 80 * entry.content.extents.length
  return size
}
