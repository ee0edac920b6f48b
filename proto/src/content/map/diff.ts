/** What differs between two maps, without reading what they share: equal subtrees have equal ids. */
import { type Bytes, compareBytes } from '../../bytes.ts'
import type { Entry, Reference } from '../entry.ts'
import type { MapItem, Page } from './page.ts'
import { misplaced, type Place, placesBelow, rootPlace } from './place.ts'
import type { PageSource } from './read.ts'

export interface Difference {
  readonly key: Bytes
  readonly before: Entry | undefined
  readonly after: Entry | undefined
}

/** A subtree not yet opened, or one entry. */
type Node =
  | { readonly key: Bytes; readonly level: number; readonly child: Reference; readonly place: Place }
  | MapItem

/** Differences in order of their keys. Entries are compared by `same`. */
export async function* diffMaps(
  source: PageSource,
  before: Reference,
  after: Reference,
  same: (a: Entry, b: Entry) => boolean,
): AsyncGenerator<Difference> {
  const a = await opened(source, before, rootPlace)
  const b = await opened(source, after, rootPlace)
  if (before.id === after.id) return
  for (;;) {
    const left = a.at(-1)
    const right = b.at(-1)
    if (left === undefined && right === undefined) return
    if (left !== undefined && right !== undefined && 'child' in left && 'child' in right) {
      if (left.child.id === right.child.id) {
        a.pop()
        b.pop()
        continue
      }
    }
    const order = left === undefined ? 1 : right === undefined ? -1 : compareBytes(left.key, right.key)
    // The earlier side is opened first; at the same key, the higher page, so that equal subtrees come to face each other.
    if (
      left !== undefined &&
      'child' in left &&
      order <= 0 &&
      levelOf(left) >= (order < 0 ? 0 : levelOf(right))
    ) {
      a.pop()
      a.push(...(await opened(source, left.child, left.place)))
    } else if (right !== undefined && 'child' in right && order >= 0) {
      b.pop()
      b.push(...(await opened(source, right.child, right.place)))
    } else {
      const difference = step(a, b, order)
      if (difference.before === undefined || difference.after === undefined) yield difference
      else if (!same(difference.before, difference.after)) yield difference
    }
  }
}

/** Takes the next entry of one side, or of both when their keys are equal. */
function step(a: Node[], b: Node[], order: number): Difference {
  const left = order <= 0 ? (a.pop() as MapItem) : undefined
  const right = order >= 0 ? (b.pop() as MapItem) : undefined
  return { key: ((left ?? right) as MapItem).key, before: left?.entry, after: right?.entry }
}

function levelOf(node: Node | undefined): number {
  return node !== undefined && 'child' in node ? node.level : -1
}

/** The nodes of a page, last first, so that the next one is popped. */
async function opened(source: PageSource, reference: Reference, place: Place): Promise<Node[]> {
  for await (const page of source.pages('map', [reference])) {
    if (page.kind === 'lost') throw page.failure
    const failure = misplaced(page, place)
    if (failure !== undefined) throw failure
    return nodesOf(page, place).reverse()
  }
  return []
}

function nodesOf(page: Page, place: Place): Node[] {
  switch (page.kind) {
    case 'inner': {
      const places = placesBelow(page, place)
      return page.children.map(({ firstKey, reference }, index) => {
        return { key: firstKey, level: page.level - 1, child: reference, place: places[index] as Place }
      })
    }
    case 'entries':
      return [...page.items]
    case 'extents':
      return []
  }
}
