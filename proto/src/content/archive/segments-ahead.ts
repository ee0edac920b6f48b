/**
 * Opened segments of the files that are next: fetched in groups, opened in parallel, in memory that is used again. A
 * segment stays until whoever wanted it lets it go, and then a while longer, since other files may be made of it too.
 */
import type { Bytes } from '../../bytes.ts'
import { Failure, isFailure } from '../../failure.ts'
import type { ObjectId } from '../../object/id.ts'
import type { Extent, Reference } from '../entry.ts'
import type { ObjectSource } from './object-pages.ts'

export interface SegmentOpener {
  /**
   * Opens a segment of at least `length` bytes, as far as is known, and takes `stored` over; throws what `openObject`
   * throws.
   */
  open(reference: Reference, stored: Bytes, length: number): Promise<Bytes>
  /** Takes back what `open` gave: it is overwritten by the next. */
  giveBack(plain: Bytes): void
}

export interface WantedSegment {
  readonly reference: Reference
  /** How far the extents that are known reach into it. */
  readonly reach: number
}

/** The segments that some extents lie in, each once. */
export type Wanted = Map<ObjectId, WantedSegment>

export interface SegmentsAhead {
  /** Begins to fetch those that are not here, and keeps each until it is let go as often as it was wanted. */
  want(wanted: Wanted): void
  letGo(wanted: Wanted): void
  /** Resolves when all that is wanted of these is opened, or known to be lost. */
  ready(wanted: Wanted): Promise<void>
  /**
   * The whole segment of an extent that is no hole, whose segment is wanted and ready. Throws `segment_missing`,
   * `bad_extent` and what opening throws.
   */
  opened(extent: Extent): Bytes
}

/** Kept although nobody wants them now. */
const keptBytesMax = 4 * 1024 * 1024

type Opened = { readonly plain: Bytes } | { readonly lost: unknown }

interface Slot {
  /** Never rejects. */
  readonly opening: Promise<Opened>
  /** Once it is ready. */
  opened: Opened | undefined
  holders: number
}

export function addWanted(wanted: Wanted, { segment, start, length }: Extent): void {
  if (segment === undefined) return
  const known = wanted.get(segment.id)
  const reach = Math.max(start + length, known?.reach ?? 0)
  wanted.set(segment.id, { reference: segment, reach })
}

export function segmentsAhead(source: ObjectSource, opener: SegmentOpener): SegmentsAhead {
  const here = new Map<ObjectId, Slot>()
  /** What nobody wants, in order of last use. */
  const kept = new Map<ObjectId, Bytes>()
  let keptBytes = 0

  function take(id: ObjectId): void {
    const plain = kept.get(id)
    if (plain === undefined) return
    kept.delete(id)
    keptBytes -= plain.buffer.byteLength
  }

  /** Nobody wants it for now. */
  function keep(id: ObjectId, slot: Slot): void {
    if (slot.holders > 0 || kept.has(id) || slot.opened === undefined) return
    if ('lost' in slot.opened) {
      here.delete(id)
      return
    }
    const { plain } = slot.opened
    kept.set(id, plain)
    keptBytes += plain.buffer.byteLength
    for (const [id, plain] of kept) {
      if (keptBytes <= keptBytesMax) return
      take(id)
      here.delete(id)
      opener.giveBack(plain)
    }
  }

  function fetchAll(wanted: Wanted): void {
    const arrivals = new Map<ObjectId, PromiseWithResolvers<Opened>>()
    for (const id of wanted.keys()) {
      const arrival = Promise.withResolvers<Opened>()
      const slot: Slot = { opening: arrival.promise, opened: undefined, holders: 1 }
      void arrival.promise.then(opened => {
        slot.opened = opened
      })
      arrivals.set(id, arrival)
      here.set(id, slot)
    }
    void receive(wanted, arrivals)
  }

  async function receive(
    wanted: Wanted,
    arrivals: Map<ObjectId, PromiseWithResolvers<Opened>>,
  ): Promise<void> {
    try {
      for await (const { id, stored } of source.get([...arrivals.keys()])) {
        const [segment, arrival] = [wanted.get(id), arrivals.get(id)]
        if (segment === undefined || arrival === undefined) continue
        arrivals.delete(id)
        if (stored === undefined) arrival.resolve({ lost: missing(id) })
        else arrival.resolve(open(segment, stored))
      }
      for (const [id, arrival] of arrivals) arrival.resolve({ lost: missing(id) })
    } catch (error) {
      for (const arrival of arrivals.values()) arrival.resolve({ lost: error })
    }
  }

  async function open({ reference, reach }: WantedSegment, stored: Bytes): Promise<Opened> {
    try {
      return { plain: await opener.open(reference, stored, reach) }
    } catch (lost) {
      return { lost }
    }
  }

  return {
    want(wanted) {
      const absent: Wanted = new Map()
      for (const [id, segment] of wanted) {
        const slot = here.get(id)
        if (slot === undefined) absent.set(id, segment)
        else {
          slot.holders++
          take(id)
        }
      }
      if (absent.size > 0) fetchAll(absent)
    },
    letGo(wanted) {
      for (const id of wanted.keys()) {
        const slot = here.get(id)
        if (slot !== undefined && --slot.holders === 0) void slot.opening.then(() => keep(id, slot))
      }
    },
    async ready(wanted) {
      for (const id of wanted.keys()) await here.get(id)?.opening
    },
    opened({ segment, start, length }) {
      const opened = segment && here.get(segment.id)?.opened
      if (segment === undefined || opened === undefined)
        throw new Error('assertion failed: a segment is ready first')
      if ('lost' in opened) throw opened.lost
      if (start + length <= opened.plain.length) return opened.plain
      throw new Failure('bad_extent', `an extent reaches beyond segment ${segment.id}`, { remedy: 'repair' })
    },
  }
}

/** Whether only this content is lost, so that a restore goes on with the next file. */
export function isDamage(error: unknown): boolean {
  return isFailure(error) && error.remedy === 'repair'
}

function missing(id: ObjectId): Failure {
  return new Failure('segment_missing', `segment ${id} is not in the store`, { remedy: 'repair' })
}
