/**
 * Lets whole leaf pages of an earlier tree stand where nothing changed, and cuts items into pages only around changes.
 *
 * Where pages begin depends on `leafReach` neighbours to either side (borders.ts). So around a change the items of a few
 * pages are added one by one: from a page that begins so many items before it, until a page begins, where one began in the
 * earlier tree, so many items behind it. Out come the same pages as if every item had been added.
 *
 *     keep keep keep | add add … add | keep keep      given
 *     whole | items  | items         | items … whole  built
 */
import type { Bytes } from '../../bytes.ts'
import { leafReach } from './borders.ts'
import type { MapLeaf } from './build.ts'
import type { Levels } from './levels.ts'
import type { Child } from './page.ts'

/** A leaf page of the earlier tree. */
export interface EarlierLeaf {
  readonly child: Child
  /** Its place among the leaf pages of the earlier tree, from 0; who leaves one out has changed something. */
  readonly number: number
  readonly isLast: boolean
  items(): readonly MapLeaf[]
}

export interface LeafSequence {
  add(item: MapLeaf): void
  keep(leaf: EarlierLeaf): void
  finish(): void
}

export function leafSequence(levels: Levels<MapLeaf>, hashOf: (key: Bytes) => number): LeafSequence {
  /** Whole pages whose items a change behind them may move to others, and those before them that tell where. */
  let held: EarlierLeaf[] = []
  let before: EarlierLeaf[] = []
  let newest: EarlierLeaf | undefined
  let isAdding = false
  /** While adding: how many items were added when something was last changed, and the kept pages behind that. */
  let changedAt = 0
  let since: { readonly leaf: EarlierLeaf; readonly start: number }[] = []

  return {
    add(item) {
      if (!isAdding) beginAdding()
      addItem(item)
      change()
    },
    keep(leaf) {
      if (leaf.number !== (newest === undefined ? 0 : newest.number + 1)) leftOut()
      newest = leaf
      if (isAdding) addLeaf(leaf)
      else hold(leaf)
    },
    finish() {
      if (!isAdding && newest?.isLast === false) beginAdding()
      for (const leaf of held) levels.addLeafPage(leaf.child)
    },
  }

  function leftOut(): void {
    if (!isAdding) beginAdding()
    change()
  }

  function change(): void {
    changedAt = levels.added
    since = []
  }

  function beginAdding(): void {
    isAdding = true
    const hashes = before.flatMap(leaf => leaf.items().map(item => hashOf(item.key)))
    levels.restart(hashes.slice(-leafReach))
    for (const leaf of held) for (const item of leaf.items()) addItem(item)
    held = []
    before = []
  }

  function addLeaf(leaf: EarlierLeaf): void {
    since.push({ leaf, start: levels.added })
    for (const item of leaf.items()) addItem(item)
    const same = since.findIndex(({ start }) => start === levels.border && start - changedAt >= leafReach)
    if (same < 0) return
    // From here on the pages of the earlier tree are those of this one.
    const whole = since.slice(same)
    levels.restart([])
    isAdding = false
    since = []
    for (const one of whole) hold(one.leaf)
  }

  function hold(leaf: EarlierLeaf): void {
    held.push(leaf)
    while (held[0] !== undefined && countOf(held) - held[0].child.entries >= leafReach) {
      levels.addLeafPage(held[0].child)
      before.push(held[0])
      held = held.slice(1)
    }
    while (before[0] !== undefined && countOf(before) - before[0].child.entries >= leafReach)
      before = before.slice(1)
  }

  function addItem(item: MapLeaf): void {
    levels.add({ item, key: item.key, size: item.size, bytes: item.bytes, unread: item.unread })
  }
}

function countOf(leaves: readonly EarlierLeaf[]): number {
  return leaves.reduce((sum, { child }) => sum + child.entries, 0)
}
