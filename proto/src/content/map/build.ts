/**
 * Builds a tree of pages from a sorted stream of items. docs/format.md §8.2.
 *
 * Every item passes the cutter of its level; a page that is complete is encoded, sealed and becomes one item of the
 * level above, until a level has one page: the root. A leaf page that equals one of an earlier tree is taken over by
 * reference, without encoding it again. The same items always give the same pages, however they came together.
 */
import type { Bytes } from '../../bytes.ts'
import { assert } from '../../failure.ts'
import type { Entry, Reference } from '../entry.ts'
import { type SipHash, sipHash } from '../siphash.ts'
import { type EarlierLeaf, leafSequence } from './leaf-sequence.ts'
import { type Built, type SealPage, treeLevels } from './levels.ts'
import {
  type Child,
  type ExtentItem,
  encodeExtentLeaf,
  encodeMapLeaf,
  type MapItem,
  offsetKey,
} from './page.ts'

export type { EarlierLeaf } from './leaf-sequence.ts'
export type { Built, SealPage } from './levels.ts'

/** A leaf page of an earlier tree, which items may say they come from. */
export interface Origin {
  readonly reference: Reference
  readonly items: number
}

/** One item on its way into the map. Of one that stood unchanged on an earlier page, `entry` may be left out. */
export interface MapLeaf {
  readonly key: Bytes
  readonly entry: Entry | undefined
  /** As `entrySize` says. */
  readonly size: number
  /** Logical bytes, for the counts on inner pages. */
  readonly bytes: number
  readonly unread: boolean
  /** The leaf page of an earlier tree where the item stood unchanged, and its place there. */
  readonly origin: Origin | undefined
  readonly index: number
}

/** A leaf page of the new tree: taken over from an earlier one, or new, and then what was added to make it. */
export type BuiltLeaf =
  | { readonly kept: true; readonly child: Child }
  | { readonly kept: false; readonly child: Child; readonly leaves: readonly MapLeaf[] }

export interface BuildOptions {
  /** At least 16 bytes, from the border secret of enrolment. */
  readonly borderKey: Bytes
  readonly seal: SealPage
  /** Told of each leaf page, in order. */
  readonly onLeaf?: (leaf: BuiltLeaf) => void
  /**
   * Called when a page must be encoded: decodes what was left out and waits for segments that are not sealed yet.
   * Needed when items without an entry are added.
   */
  readonly settle?: (leaves: readonly MapLeaf[]) => Promise<readonly MapItem[]>
}

export interface MapBuilder {
  /** Items in order of their keys. */
  add(leaf: MapLeaf): void
  /** In their place: a whole leaf page of the earlier tree, all of whose items stay. */
  keep(leaf: EarlierLeaf): void
  /** Resolves when few enough pages wait to be sealed; await it now and then, so that memory stays bounded. */
  ready(): Promise<void>
  /** Pages that wait, as a part of how many may: at 1, `ready` waits too. */
  readonly pressure: number
  finish(): Promise<Built>
}

/** A leaf for an item that is new or changed. */
export function newLeaf(key: Bytes, entry: Entry): MapLeaf {
  const unread = entry.kind === 'unread'
  return { key, entry, size: entrySize(key, entry), bytes: entry.size, unread, origin: undefined, index: 0 }
}

export function mapBuilder(options: BuildOptions): MapBuilder {
  const { seal, settle = withEntries } = options
  const hash = borderHash(options.borderKey)
  const levels = treeLevels<MapLeaf>({
    hash,
    seal,
    async sealLeaf(page) {
      const leaves = page.map(({ item }) => item)
      const origin = sameLeaf(leaves)
      if (origin !== undefined) return { reference: origin.reference, kept: true }
      return { reference: await seal(encodeMapLeaf(await settle(leaves))), kept: false }
    },
    onLeaf(page, child, kept) {
      if (page === undefined || kept) options.onLeaf?.({ kept: true, child })
      else options.onLeaf?.({ kept: false, child, leaves: page.map(({ item }) => item) })
    },
  })
  const leaves = leafSequence(levels, key => hash.hash(key, 0, key.length))
  return {
    add: leaves.add,
    keep: leaves.keep,
    ready: levels.ready,
    get pressure() {
      return levels.pressure
    },
    finish() {
      leaves.finish()
      return levels.finish(() => seal(encodeMapLeaf([])))
    },
  }
}

/** Builds the inner pages over leaf pages that are sealed already, as they came from `onLeaf`. */
export async function buildOverLeaves(
  borderKey: Bytes,
  seal: SealPage,
  leaves: Iterable<Child>,
): Promise<Built> {
  const levels = treeLevels<never>({
    hash: borderHash(borderKey),
    seal,
    sealLeaf: () => Promise.reject(new Error('assertion failed: only whole leaf pages are added')),
  })
  for (const child of leaves) {
    levels.addLeafPage(child)
    await levels.ready()
  }
  return levels.finish(() => seal(encodeMapLeaf([])))
}

/** Builds the tree of a long list of extents and returns its root. */
export async function buildExtentTree(
  borderKey: Bytes,
  seal: SealPage,
  extents: Iterable<ExtentItem>,
): Promise<Reference> {
  const levels = treeLevels<ExtentItem>({
    hash: borderHash(borderKey),
    seal,
    async sealLeaf(page) {
      return { reference: await seal(encodeExtentLeaf(page.map(({ item }) => item))), kept: false }
    },
  })
  for (const item of extents) {
    const key = offsetKey(item.offset)
    levels.add({ item, key, size: extentSize, bytes: item.extent.length, unread: false })
    await levels.ready()
  }
  const { root } = await levels.finish(() => seal(encodeExtentLeaf([])))
  return root
}

/** More extents than this lie in a tree of their own, so that a page stays small when its neighbours change. */
export const extentsInEntryMax = 16

/** Bytes an extent takes on a page, with the id and key of its segment. */
const extentSize = 80

/** Bytes an entry takes on a page, as far as the entry alone says. */
export function entrySize(key: Bytes, entry: Entry): number {
  let size = 96 + key.length + (entry.target?.length ?? 0)
  for (const { name, value } of entry.attributes) size += name.length + value.length + 8
  if (entry.content?.form === 'inline') size += entry.content.bytes.length
  // A long list moves to a tree of its own before the page is encoded.
  const extents = entry.content?.form === 'extents' ? entry.content.extents.length : 0
  if (extents <= extentsInEntryMax) size += extentSize * extents
  return size
}

function borderHash(borderKey: Bytes): SipHash {
  return sipHash(borderKey.subarray(0, 16))
}

/** The earlier leaf page that holds just these items, if there is one. */
function sameLeaf(page: readonly MapLeaf[]): Origin | undefined {
  const origin = page[0]?.origin
  if (origin === undefined || origin.items !== page.length) return undefined
  return page.every((leaf, index) => leaf.origin === origin && leaf.index === index) ? origin : undefined
}

async function withEntries(leaves: readonly MapLeaf[]): Promise<MapItem[]> {
  return leaves.map(({ key, entry }) => {
    assert(entry !== undefined, 'items without an entry need a settle function')
    return { key, entry }
  })
}
