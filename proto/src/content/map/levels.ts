/** The levels of a tree under construction: items go in, leaf pages and the inner pages above them come out. */
import { type Bytes, compareBytes } from '../../bytes.ts'
import { assert } from '../../failure.ts'
import type { Reference } from '../entry.ts'
import type { SipHash } from '../siphash.ts'
import { type Cutter, cutter, innerReach, leafReach } from './borders.ts'
import { type Child, encodeInner, type PlainPage } from './page.ts'

/** A page of one item may be longer; the object limit is far above what one entry can be. */
export const pageBytesMax = 64 * 1024

/** Pages that may wait to be sealed and handed on: enough to keep all sealers busy, few enough to bound memory. */
const pendingMax = 256

/** Bytes a child takes on an inner page besides its key. */
const childSize = 80

/** Seals a page and sees to it that it is stored; the reference may come much later than the call. */
export type SealPage = (plain: PlainPage) => Promise<Reference>

export interface Built {
  readonly root: Reference
  readonly entries: number
  readonly bytes: number
  readonly unread: number
}

export interface LevelItem<Item> {
  readonly item: Item
  readonly key: Bytes
  readonly size: number
  readonly bytes: number
  readonly unread: boolean
}

export interface SealedLeaf {
  readonly reference: Reference
  /** Taken over from an earlier tree. */
  readonly kept: boolean
}

export interface LevelOptions<Item> {
  readonly hash: SipHash
  readonly seal: SealPage
  sealLeaf(page: readonly LevelItem<Item>[]): Promise<SealedLeaf>
  /** Told of each leaf page, in order; `page` undefined: it was added whole. */
  onLeaf?(page: readonly LevelItem<Item>[] | undefined, child: Child, kept: boolean): void
}

export interface Levels<Item> {
  add(item: LevelItem<Item>): void
  /** Adds a whole leaf page that is sealed already. Items go before or after it only when `restart` was called between. */
  addLeafPage(child: Child): void
  /** Forgets the items added since `border`; the next one begins a page, behind items with these hashes (see `cutter`). */
  restart(before: readonly number[]): void
  /** As of the cutter of leaf pages. */
  readonly added: number
  readonly border: number
  ready(): Promise<void>
  readonly pressure: number
  finish(empty: () => Promise<Reference>): Promise<Built>
}

/** One level: the pages cut so far are handed to the level above in order, each as soon as it is sealed. */
interface Level<Item> {
  cutter: Cutter<Item>
  handed: Promise<void>
  pages: number
  only: Child | undefined
}

export function treeLevels<Item>(options: LevelOptions<Item>): Levels<Item> {
  const { hash, seal } = options
  const waiting = pendingPages()
  const inner: Level<Child>[] = []
  let lastKey: Bytes | undefined

  const leafCutter = (before: readonly number[]): Cutter<LevelItem<Item>> =>
    cutter<LevelItem<Item>>({
      ...{ reach: leafReach, bytesMax: pageBytesMax, itemsMin: 1, before },
      size: item => item.size,
      emit(page) {
        const sealed = options.sealLeaf(page)
        const handed = hand(leaves, async () => {
          const { reference, kept } = await sealed
          takeLeafPage(page, leafChild(page, reference), kept)
        })
        waiting.count(sealed, handed)
      },
    })
  const leaves: Level<LevelItem<Item>> = {
    ...{ handed: Promise.resolve(), pages: 0, only: undefined },
    cutter: leafCutter([]),
  }

  return {
    add(item) {
      const ordered = lastKey === undefined || compareBytes(lastKey, item.key) < 0
      assert(ordered, 'items come in order of their keys')
      lastKey = item.key
      leaves.cutter.add(item, hash.hash(item.key, 0, item.key.length))
    },
    addLeafPage: child => hand(leaves, async () => takeLeafPage(undefined, child, true)),
    restart(before) {
      leaves.cutter = leafCutter(before)
      lastKey = undefined
    },
    get added() {
      return leaves.cutter.added
    },
    get border() {
      return leaves.cutter.border
    },
    ready: waiting.ready,
    get pressure() {
      return waiting.pressure()
    },
    async finish(empty) {
      leaves.cutter.finish()
      await leaves.handed
      if (leaves.pages === 0) return { root: await empty(), entries: 0, bytes: 0, unread: 0 }
      if (leaves.pages === 1) return built(leaves.only)
      for (let level = 1; ; level++) {
        const state = levelAt(level)
        state.cutter.finish()
        await state.handed
        if (state.pages === 1) return built(state.only)
      }
    },
  }

  function takeLeafPage(page: readonly LevelItem<Item>[] | undefined, child: Child, kept: boolean): void {
    options.onLeaf?.(page, child, kept)
    leaves.pages++
    leaves.only = child
    addChild(1, child)
  }

  function addChild(level: number, child: Child): void {
    levelAt(level).cutter.add(child, hash.hash(child.firstKey, 0, child.firstKey.length))
  }

  function levelAt(number: number): Level<Child> {
    const known = inner[number]
    if (known !== undefined) return known
    const level: Level<Child> = {
      handed: Promise.resolve(),
      pages: 0,
      only: undefined,
      cutter: cutter<Child>({
        reach: innerReach,
        size: child => child.firstKey.length + childSize,
        bytesMax: pageBytesMax,
        itemsMin: 2,
        emit(children) {
          level.pages++
          const sealed = seal(encodeInner(number, children))
          const handed = hand(level, async () => {
            level.only = innerChild(children, await sealed)
            addChild(number + 1, level.only)
          })
          waiting.count(sealed, handed)
        },
      }),
    }
    inner[number] = level
    return level
  }
}

function hand<Item>(level: Level<Item>, work: () => Promise<void>): Promise<void> {
  level.handed = level.handed.then(work)
  // A failure is thrown by ready() or finish(), which wait for the same promise.
  level.handed.catch(() => undefined)
  return level.handed
}

interface PendingPages {
  /** A page waits until it is handed on, which one before it may hold up long after it was sealed itself. */
  count(sealed: Promise<unknown>, handed: Promise<void>): void
  ready(): Promise<void>
  pressure(): number
}

function pendingPages(): PendingPages {
  let pending = 0
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined
  return {
    count(sealed, handed) {
      pending++
      const failed = (error: unknown) => {
        failure ??= { error }
        wake?.()
      }
      sealed.catch(failed)
      handed.catch(failed).finally(() => {
        pending--
        wake?.()
      })
    },
    pressure: () => pending / pendingMax,
    async ready() {
      while (pending >= pendingMax && failure === undefined) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      if (failure !== undefined) throw failure.error
    },
  }
}

function leafChild<Item>(page: readonly LevelItem<Item>[], reference: Reference): Child {
  let bytes = 0
  let unread = 0
  for (const item of page) {
    bytes += item.bytes
    if (item.unread) unread++
  }
  // Kept until the end, while its neighbours in memory are not.
  const firstKey = (page[0] as LevelItem<Item>).key.slice()
  return { firstKey, reference, entries: page.length, bytes, unread }
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
