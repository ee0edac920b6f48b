/**
 * A bad sector fails the whole read that touches it. This reads around it, sector by sector, with zeros in its place: so
 * a scrub loses the one object on it and names it, and not everything that was asked for together.
 */
import { isFailure } from '@backstay/proto/failure'
import type { PackStore } from './pack-store.ts'

const sectorBytes = 4096
/** A disk that fails on more than this is failing altogether, and each try can take it seconds. */
const badSectorsMax = 64

export interface BadSectors {
  readonly store: Pick<PackStore, 'read'>
  /** Sectors that could not be read so far. */
  readonly count: number
  /** Whether one of them lies between two positions of the pack. */
  touches(from: number, to: number): boolean
}

/** For one pass over one pack. Throws `pack_unreadable` when there are too many. */
export function aroundBadSectors(inner: Pick<PackStore, 'read'>): BadSectors {
  const bad = new Set<number>()

  async function readSectors(name: string, offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    let end = length
    for (let at = offset; at < offset + length; ) {
      const next = Math.min(offset + length, (Math.floor(at / sectorBytes) + 1) * sectorBytes)
      const sector = await readOne(name, at, next - at)
      if (sector !== undefined) {
        bytes.set(sector, at - offset)
        // The pack ends here.
        if (sector.length < next - at) end = Math.min(end, at - offset + sector.length)
      }
      at = next
    }
    return bytes.subarray(0, end)
  }

  async function readOne(name: string, at: number, length: number): Promise<Uint8Array | undefined> {
    const sector = Math.floor(at / sectorBytes)
    if (bad.has(sector)) return undefined
    try {
      return await inner.read(name, at, length)
    } catch (error) {
      if (!isFailure(error, 'pack_unreadable')) throw error
      bad.add(sector)
      if (bad.size > badSectorsMax) throw error
      return undefined
    }
  }

  return {
    get count() {
      return bad.size
    },
    touches: (from, to) =>
      [...bad].some(sector => sector * sectorBytes < to && (sector + 1) * sectorBytes > from),
    store: {
      async read(name, offset, length) {
        try {
          return await inner.read(name, offset, length)
        } catch (error) {
          if (!isFailure(error, 'pack_unreadable')) throw error
          return readSectors(name, offset, length)
        }
      },
    },
  }
}
