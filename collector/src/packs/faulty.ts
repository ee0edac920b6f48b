/**
 * Wraps a store and makes it fail as told. `crash` leaves in the wrapped store what a disk may hold after a power cut:
 * everything that was synced and, of the rest, anything: nothing, all, a part, or holes of zeros.
 */
import { type Bytes, concat } from '@backstay/proto/bytes'
import { Faults } from './faults.ts'
import type { PackStore, PackWriter } from './pack-store.ts'
import type { SeededRandom } from './seeded-random.ts'

export interface FaultyPackStore extends PackStore {
  readonly faults: Faults
  /** The power goes. What remains lies in the wrapped store; this one is dead. */
  crash(random: SeededRandom): Promise<void>
}

/** Disks write whole sectors. */
const sectorBytes = 512

export function faultyPackStore(inner: PackStore, faults = new Faults()): FaultyPackStore {
  /** Of every pack written to: the bytes at its last sync; undefined while its name is not durable either. */
  const synced = new Map<string, Bytes | undefined>()
  const whole = async (name: string) => inner.read(name, 0, (await inner.size(name)) ?? 0)

  const faultyWriter = (writer: PackWriter): PackWriter => ({
    name: writer.name,
    get bytes() {
      // The dead may still look at their last pack, which is gone perhaps.
      return faults.crashed ? 0 : writer.bytes
    },
    append(parts) {
      const half = async () => {
        const all = concat(...parts)
        await writer.append([all.subarray(0, all.length >> 1)])
        if (!faults.crashed) await writer.truncate(writer.bytes - (all.length >> 1))
      }
      return faults.effect('append', writer.name, () => writer.append(parts), half)
    },
    sync: () =>
      faults.effect('sync', writer.name, async () => {
        await writer.sync()
        synced.set(writer.name, await whole(writer.name))
      }),
    truncate: bytes => faults.effect('truncate', writer.name, () => writer.truncate(bytes)),
    close: () => writer.close(),
  })

  return {
    faults,
    create: name =>
      faults.effect('create', name, async () => {
        const writer = await inner.create(name)
        synced.set(name, undefined)
        return faultyWriter(writer)
      }),
    reopen: name =>
      faults.effect('reopen', name, async () => {
        const writer = await inner.reopen(name)
        if (!synced.has(name)) synced.set(name, await whole(name))
        return faultyWriter(writer)
      }),
    read: (name, offset, length) => faults.effect('read', name, () => inner.read(name, offset, length)),
    size: name => faults.effect('read', name, () => inner.size(name)),
    async *list() {
      yield* await faults.effect('read', 'list', async () => inner.list())
    },
    delete: name =>
      faults.effect('delete', name, async () => {
        await inner.delete(name)
        synced.delete(name)
      }),
    freeBytes: () => faults.effect('read', 'freeBytes', () => inner.freeBytes()),
    async crash(random) {
      faults.crashed = true
      for (const [name, before] of synced) {
        const remains = remainsOf(before, await whole(name), random)
        await inner.delete(name)
        if (remains === undefined) continue
        const writer = await inner.create(name)
        await writer.append([remains])
        await writer.sync()
        await writer.close()
      }
      synced.clear()
    },
  }
}

function remainsOf(synced: Bytes | undefined, now: Bytes, random: SeededRandom): Bytes | undefined {
  const before = synced ?? new Uint8Array()
  switch (random.below(4)) {
    case 0:
      return synced
    case 1:
      return now
    case 2:
      return partOf(before, now, random)
    default:
      return withHoles(before, now, random)
  }
}

/** The old bytes, and as much of the new ones as was written by then. */
function partOf(before: Bytes, now: Bytes, random: SeededRandom): Bytes {
  if (now.length <= before.length) return random.below(2) === 0 ? before : now
  return now.slice(0, before.length + random.below(now.length - before.length + 1))
}

/** The length reached the disk, but only some of the new sectors did. */
function withHoles(before: Bytes, now: Bytes, random: SeededRandom): Bytes {
  const bytes = now.slice()
  for (let at = before.length; at < bytes.length; at += sectorBytes) {
    if (random.below(2) === 0) bytes.fill(0, at, at + sectorBytes)
  }
  return bytes
}
