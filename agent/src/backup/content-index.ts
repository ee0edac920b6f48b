/**
 * Contents that this run stored, so that a second file with the same bytes is not stored again. A fixed number of
 * bytes a file and an upper limit: beyond it, copies within one run are stored twice, which costs space and nothing else.
 */
import { type Bytes, viewOf } from '@backstay/proto/bytes'
import type { Extent, Reference } from '@backstay/proto/content/entry'

export interface ContentIndex {
  find(sha256: Bytes): Extent | undefined
  /** Remembers content that lies in one piece in one segment. */
  add(sha256: Bytes, extent: Extent): void
}

/** Slots at most: 28 bytes each. */
const slotsMax = 2 ** 20

export function contentIndex(): ContentIndex {
  let slots = 2 ** 12
  let used = 0
  let hashes = new Uint32Array(4 * slots)
  let places = new Uint32Array(3 * slots)
  const segments: Reference[] = []
  const words = new Uint32Array(4)

  return {
    find(sha256) {
      load(sha256)
      const slot = slotOf(words)
      if (places[3 * slot + 2] === 0) return undefined
      const segment = segments[places[3 * slot] as number]
      return { segment, start: places[3 * slot + 1] as number, length: places[3 * slot + 2] as number }
    },
    add(sha256, { segment, start, length }) {
      if (segment === undefined || length === 0) return
      if (used > slots * 0.7 && !grow()) return
      if (segments.at(-1) !== segment) segments.push(segment)
      load(sha256)
      put(words, segments.length - 1, start, length)
      used++
    },
  }

  function load(sha256: Bytes): void {
    const view = viewOf(sha256)
    for (let i = 0; i < 4; i++) words[i] = view.getUint32(4 * i, true)
  }

  /** The slot with this hash, or the free one where it belongs. */
  function slotOf(hash: Uint32Array): number {
    for (let slot = (hash[0] as number) % slots; ; slot = (slot + 1) % slots) {
      if (places[3 * slot + 2] === 0) return slot
      const at = 4 * slot
      const same = hashes[at] === hash[0] && hashes[at + 1] === hash[1] && hashes[at + 2] === hash[2]
      if (same && hashes[at + 3] === hash[3]) return slot
    }
  }

  function put(hash: Uint32Array, segment: number, start: number, length: number): void {
    const slot = slotOf(hash)
    hashes.set(hash, 4 * slot)
    places.set([segment, start, length], 3 * slot)
  }

  function grow(): boolean {
    if (slots >= slotsMax) return false
    const [oldHashes, oldPlaces, oldSlots] = [hashes, places, slots]
    slots *= 2
    hashes = new Uint32Array(4 * slots)
    places = new Uint32Array(3 * slots)
    for (let slot = 0; slot < oldSlots; slot++) {
      const [segment, start, length] = oldPlaces.subarray(3 * slot, 3 * slot + 3) as unknown as [
        number,
        number,
        number,
      ]
      if (length > 0) put(oldHashes.subarray(4 * slot, 4 * slot + 4), segment, start, length)
    }
    return true
  }
}
