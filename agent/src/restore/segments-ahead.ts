/** Segments of the files that are next: fetched in groups, opened in parallel, kept while files use them. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Extent, Reference } from '@backstay/proto/content/entry'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { ObjectId } from '@backstay/proto/object/id'
import type { ObjectSource } from './object-pages.ts'

export interface SegmentOpener {
  open(reference: Reference, stored: Bytes): Promise<Bytes>
}

export interface SegmentsAhead {
  /** Begins to fetch those that are not here yet. */
  want(segments: Iterable<Reference>): void
  /** The bytes of an extent that is no hole. Throws `segment_missing` or what opening throws. */
  bytes(extent: Extent): Promise<Bytes>
}

/** Opened segments kept for the files that follow. */
const keptBytesMax = 48 * 1024 * 1024

export function segmentsAhead(source: ObjectSource, opener: SegmentOpener): SegmentsAhead {
  /** In order of last use. */
  const here = new Map<ObjectId, Promise<Bytes>>()
  let keptBytes = 0

  return {
    want(segments) {
      const wanted = new Map<ObjectId, Reference>()
      for (const segment of segments) if (!here.has(segment.id)) wanted.set(segment.id, segment)
      if (wanted.size > 0) fetchAll([...wanted.values()])
    },
    async bytes({ segment, start, length }) {
      if (segment === undefined) throw new Error('assertion failed: a hole has no bytes')
      if (!here.has(segment.id)) fetchAll([segment])
      const opened = here.get(segment.id) as Promise<Bytes>
      here.delete(segment.id)
      here.set(segment.id, opened)
      const plain = await opened
      if (start + length > plain.length) {
        throw new Failure('bad_extent', `an extent reaches beyond segment ${segment.id}`, {
          remedy: 'repair',
        })
      }
      return plain.subarray(start, start + length)
    },
  }

  function fetchAll(segments: readonly Reference[]): void {
    const slots = new Map(segments.map(segment => [segment.id, Promise.withResolvers<Bytes>()]))
    for (const [id, { promise }] of slots) {
      here.set(id, promise)
      promise.then(plain => kept(plain.length)).catch(() => undefined)
    }
    void receive(segments, slots)
  }

  async function receive(
    segments: readonly Reference[],
    slots: ReadonlyMap<ObjectId, PromiseWithResolvers<Bytes>>,
  ): Promise<void> {
    const references = new Map(segments.map(segment => [segment.id, segment]))
    try {
      for await (const { id, stored } of source.get([...references.keys()])) {
        const [reference, slot] = [references.get(id), slots.get(id)]
        if (reference === undefined || slot === undefined) continue
        if (stored === undefined) slot.reject(missing(id))
        else opener.open(reference, stored).then(slot.resolve, slot.reject)
        references.delete(id)
      }
      for (const id of references.keys()) slots.get(id)?.reject(missing(id))
    } catch (error) {
      for (const slot of slots.values()) slot.reject(error)
    }
  }

  /** Forgets what was used longest ago. */
  async function kept(bytes: number): Promise<void> {
    keptBytes += bytes
    for (const [id, opened] of here) {
      if (keptBytes <= keptBytesMax) return
      here.delete(id)
      keptBytes -= (await opened.catch(() => new Uint8Array())).length
    }
  }
}

/** Whether only this content is lost, so that a restore goes on with the next file. */
export function isDamage(error: unknown): boolean {
  return isFailure(error) && error.remedy === 'repair'
}

function missing(id: ObjectId): Failure {
  return new Failure('segment_missing', `segment ${id} is not in the store`, { remedy: 'repair' })
}
