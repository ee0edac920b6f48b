/** How much lies in a range of the map. Pages that lie wholly inside are not opened: the page above says what is below. */
import { compareBytes } from '../../bytes.ts'
import { Failure } from '../../failure.ts'
import type { Reference } from '../entry.ts'
import { inRange, type KeyRange } from './key.ts'
import type { Page } from './page.ts'
import { misplaced, type Place, placesBelow, rootPlace } from './place.ts'
import type { PageSource } from './read.ts'

export interface Measure {
  readonly entries: number
  /** Logical bytes. */
  readonly bytes: number
}

/** Throws when a page that it needs is lost. */
export async function measureRange(source: PageSource, root: Reference, range: KeyRange): Promise<Measure> {
  let [entries, bytes] = [0, 0]
  let level: { readonly reference: Reference; readonly place: Place }[] = [
    { reference: root, place: rootPlace },
  ]
  while (level.length > 0) {
    const below: { reference: Reference; place: Place }[] = []
    let index = 0
    const references = level.map(one => one.reference)
    for await (const page of source.pages('map', references)) {
      const place = (level[index++] as { place: Place }).place
      const failure = page.kind === 'lost' ? page.failure : misplaced(page, place)
      if (failure !== undefined || page.kind === 'lost') throw failure ?? lost()
      if (page.kind === 'entries') {
        const inside = page.items.filter(item => inRange(item.key, range))
        entries += inside.length
        bytes += inside.reduce((sum, { entry }) => sum + entry.size, 0)
      } else if (page.kind === 'inner') {
        for (const { child, childPlace, isWhole } of childrenIn(page, place, range)) {
          if (isWhole) {
            entries += child.entries
            bytes += child.bytes
          } else below.push({ reference: child.reference, place: childPlace })
        }
      }
    }
    level = below
  }
  return { entries, bytes }
}

function* childrenIn(page: Extract<Page, { kind: 'inner' }>, place: Place, range: KeyRange) {
  const places = placesBelow(page, place)
  for (const [index, child] of page.children.entries()) {
    const childPlace = places[index] as Place
    const { endKey } = childPlace
    if (endKey !== undefined && compareBytes(endKey, range.from) <= 0) continue
    if (range.to !== undefined && compareBytes(child.firstKey, range.to) >= 0) return
    const begins = compareBytes(child.firstKey, range.from) >= 0
    const ends = range.to === undefined || (endKey !== undefined && compareBytes(endKey, range.to) <= 0)
    yield { child, childPlace, isWhole: begins && ends }
  }
}

const lost = () => new Failure('bad_page', 'a page is lost', { remedy: 'repair' })
