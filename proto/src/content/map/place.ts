/**
 * Whether a page is where it belongs: what the page above says of it must be so. Otherwise one page could stand under
 * many names, and a tree of 64 small pages would open to 2^64 entries; or an entry could be listed and never be found.
 */
import { type Bytes, compareBytes, equalBytes } from '../../bytes.ts'
import { Failure } from '../../failure.ts'
import { offsetKey, type Page } from './page.ts'

/** What the page above says. Of the root nothing is known. docs/format.md §8.3. */
export interface Place {
  readonly level: number | undefined
  readonly firstKey: Bytes | undefined
  /** All keys lie below it; undefined for the last page of its level. */
  readonly endKey: Bytes | undefined
}

export const rootPlace: Place = { level: undefined, firstKey: undefined, endKey: undefined }

/** The places of the children of an inner page that stands at `place` itself. */
export function placesBelow(page: Extract<Page, { kind: 'inner' }>, place: Place): Place[] {
  return page.children.map(({ firstKey }, index) => {
    const endKey = page.children[index + 1]?.firstKey ?? place.endKey
    return { level: page.level - 1, firstKey, endKey }
  })
}

/** The failure `bad_page` when the page stands elsewhere than it belongs. */
export function misplaced(page: Page, { level, firstKey, endKey }: Place): Failure | undefined {
  const [first, last] = outerKeys(page)
  if (level !== undefined && level !== (page.kind === 'inner' ? page.level : 0)) return wrong('level')
  if (firstKey !== undefined && (first === undefined || !equalBytes(firstKey, first)))
    return wrong('first key')
  if (endKey !== undefined && last !== undefined && compareBytes(last, endKey) >= 0) return wrong('last key')
  return undefined
}

function outerKeys(page: Page): [Bytes | undefined, Bytes | undefined] {
  switch (page.kind) {
    case 'inner':
      return [page.children[0]?.firstKey, page.children.at(-1)?.firstKey]
    case 'entries':
      return [page.items[0]?.key, page.items.at(-1)?.key]
    case 'extents': {
      const [first, last] = [page.items[0], page.items.at(-1)]
      return [first && offsetKey(first.offset), last && offsetKey(last.offset)]
    }
  }
}

function wrong(what: string): Failure {
  return new Failure('bad_page', `a page is damaged: its ${what} is not what the page above says`, {
    remedy: 'repair',
  })
}
