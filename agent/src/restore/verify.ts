/** Reads a snapshot back as a restore would, and writes nothing. */
import type { Entry, Reference } from '@backstay/proto/content/entry'
import { type Path, pathOf, wholeMap } from '@backstay/proto/content/map/key'
import { scanMap } from '@backstay/proto/content/map/read'
import type { SealingKeys } from '@backstay/proto/content/seal'
import { isFailure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { checkedContent } from './content.ts'
import { type ObjectSource, objectPages } from './object-pages.ts'
import { isDamage, type SegmentOpener, segmentsAhead } from './segments-ahead.ts'

export interface VerifyOptions {
  readonly primitives: Primitives
  readonly keys: readonly SealingKeys[]
  readonly source: ObjectSource
  readonly opener: SegmentOpener
  readonly root: Reference
  readonly signal?: AbortSignal
}

export interface VerifyResult {
  readonly files: number
  readonly bytes: number
  readonly damaged: readonly { readonly path: Path; readonly code: string }[]
  /** Pages of the map that are missing or damaged. */
  readonly lostPages: number
}

export async function verifySnapshot(options: VerifyOptions): Promise<VerifyResult> {
  const pages = objectPages(options.primitives, options.source, options.keys)
  const segments = segmentsAhead(options.source, options.opener)
  const damaged: { path: Path; code: string }[] = []
  let [files, bytes, lostPages] = [0, 0, 0]
  for await (const items of scanMap(pages, options.root, wholeMap, () => lostPages++)) {
    options.signal?.throwIfAborted()
    segments.want(items.flatMap(({ entry }) => [...firstSegments(entry)]))
    for (const { key, entry } of items) {
      if (entry.content === undefined) continue
      files++
      try {
        for await (const run of checkedContent(entry, segments, pages))
          bytes += 'data' in run ? run.data.length : run.zeros
      } catch (error) {
        if (!isDamage(error) || !isFailure(error)) throw error
        damaged.push({ path: pathOf(key), code: error.code })
      }
    }
  }
  return { files, bytes, damaged, lostPages }
}

/** Of a large file only the beginning is asked for ahead; its content asks for the rest. */
function* firstSegments({ content }: Entry): Generator<Reference> {
  if (content?.form !== 'extents') return
  for (const { segment } of content.extents.slice(0, 4)) if (segment !== undefined) yield segment
}
