/** Pages of a map from wherever objects come from: fetched many at a time, opened, decoded, in the order asked for. */

import { Failure } from '../../failure.ts'
import type { ObjectId, Sealed } from '../../object/id.ts'
import type { Primitives } from '../../primitives.ts'
import type { Reference } from '../entry.ts'
import { decodePage, type Page, pageTypes, type Tree } from '../map/page.ts'
import type { LostPage, PageSource } from '../map/read.ts'
import { openObject, type SealingKeys } from '../seal.ts'

/** Where a restore's objects come from: a collector, a folder of packs, memory. */
export interface ObjectSource {
  /**
   * In the order of `ids`; `stored` is undefined for what is not there. It lies in memory of its own, which whoever gets
   * it may release.
   */
  get(ids: readonly ObjectId[]): AsyncIterable<{ readonly id: ObjectId; readonly stored: Sealed | undefined }>
}

/** `keys`, of any epochs at hand, prove in addition that pages were sealed the one right way. */
export function objectPages(
  p: Primitives,
  source: ObjectSource,
  keys: readonly SealingKeys[] = [],
): PageSource {
  return {
    async *pages(tree, references) {
      let next = 0
      for await (const { id, stored } of source.get(references.map(reference => reference.id))) {
        const reference = references[next++]
        if (reference?.id !== id) throw new Error('assertion failed: objects come in the order asked for')
        yield await openPage(tree, reference, stored)
      }
      for (; next < references.length; next++) yield missing((references[next] as Reference).id)
    },
  }

  async function openPage(
    tree: Tree,
    reference: Reference,
    stored: Sealed | undefined,
  ): Promise<Page | LostPage> {
    if (stored === undefined) return missing(reference.id)
    try {
      const { bytes, children } = await openObject(p, reference, pageTypes[tree], stored, keys.at(-1))
      return decodePage(tree, bytes, children)
    } catch (failure) {
      if (failure instanceof Failure && failure.remedy === 'repair') return { kind: 'lost', failure }
      throw failure
    }
  }
}

function missing(id: ObjectId): LostPage {
  const failure = new Failure('page_missing', `page ${id} of the snapshot is not in the store`, {
    remedy: 'repair',
    hint: 'run: backstay-collector scrub, or restore from an earlier snapshot',
  })
  return { kind: 'lost', failure }
}
