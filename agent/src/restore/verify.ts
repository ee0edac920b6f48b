/** Reads a snapshot back as a restore would, and writes nothing. */

import { type ObjectSource, objectPages } from '@backstay/proto/content/archive/object-pages'
import {
  addWanted,
  isDamage,
  type SegmentOpener,
  segmentsAhead,
  type Wanted,
} from '@backstay/proto/content/archive/segments-ahead'
import type { Reference } from '@backstay/proto/content/entry'
import { type Path, pathOf, wholeMap } from '@backstay/proto/content/map/key'
import type { MapItem } from '@backstay/proto/content/map/page'
import { scanMap } from '@backstay/proto/content/map/read'
import type { SealingKeys } from '@backstay/proto/content/seal'
import { isFailure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { checkedContent } from './content.ts'
import { runLength } from './target-content.ts'

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
    const wanted = firstSegments(items)
    segments.want(wanted)
    for (const { key, entry } of items) {
      if (entry.content === undefined) continue
      files++
      try {
        for await (const run of checkedContent(entry, segments, pages, options.signal))
          bytes += runLength(run)
      } catch (error) {
        if (!isDamage(error) || !isFailure(error)) throw error
        damaged.push({ path: pathOf(key), code: error.code })
      }
    }
    segments.letGo(wanted)
  }
  return { files, bytes, damaged, lostPages }
}

/** Of a large file only the beginning is asked for ahead; its content asks for the rest. */
function firstSegments(items: readonly MapItem[]): Wanted {
  const wanted: Wanted = new Map()
  for (const { content } of items.map(item => item.entry)) {
    if (content?.form !== 'extents') continue
    for (const extent of content.extents.slice(0, 4)) addWanted(wanted, extent)
  }
  return wanted
}
