/** Pages of a map from wherever objects come from: fetched many at a time, opened, decoded, in the order asked for. */
import type { Reference } from '@backstay/proto/content/entry'
import { decodePage, pageTypes, type Tree } from '@backstay/proto/content/map/page'
import type { PageSource } from '@backstay/proto/content/map/read'
import { openObject, type SealingKeys } from '@backstay/proto/content/seal'
import { Failure } from '@backstay/proto/failure'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'

/** Where a restore's objects come from: a collector, a folder of packs, memory. */
export interface ObjectSource {
  /** In the order of `ids`; `stored` is undefined for what is not there. */
  get(ids: readonly ObjectId[]): AsyncIterable<{ readonly id: ObjectId; readonly stored: Sealed | undefined }>
}

/** `keys`, of any epochs at hand, prove in addition that pages were sealed the one right way. */
export function objectPages(
  p: Primitives,
  source: ObjectSource,
  keys: readonly SealingKeys[] = [],
): PageSource {
  return {
    async *pages(tree: Tree, references: readonly Reference[]) {
      let next = 0
      for await (const { id, stored } of source.get(references.map(reference => reference.id))) {
        const reference = references[next++]
        if (reference?.id !== id || stored === undefined) throw missing(id)
        const { bytes, children } = await openObject(p, reference, pageTypes[tree], stored, keys.at(-1))
        yield decodePage(tree, bytes, children)
      }
      if (next < references.length) throw missing(references[next]?.id)
    },
  }
}

function missing(id: ObjectId | undefined): Failure {
  return new Failure('page_missing', `page ${id} of the snapshot is not in the store`, {
    remedy: 'repair',
    hint: 'run: backstay-collector scrub, or restore from an earlier snapshot',
  })
}
