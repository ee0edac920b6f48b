/** The open pack of one kind: begins a new one when it is full or old, gives it up when the disk failed under it. */
import { type PackKind, packHeaderBytes } from '@backstay/proto/object/pack'
import type { GroupCommitOptions, Waiting } from './group-commit.ts'
import { createPack, type OpenPack } from './open-pack.ts'
import { newPackName, packNameRandomBytes } from './pack-name.ts'
import { recoverPack } from './recover.ts'

export interface PackLane {
  /** Writes the frames in order and settles every one; never throws. */
  write(group: readonly Waiting[]): Promise<void>
  /** Seals the open pack when it is old, though nothing comes any more. */
  sealOld(): Promise<void>
  /** Seals the open pack. */
  close(): Promise<void>
}

export function packLane(kind: PackKind, options: GroupCommitOptions): PackLane {
  const { p, store, clock, limits, onDurable, onSealed } = options
  const trouble = (error: unknown, pack: string) => options.onTrouble?.(error, pack)
  let current: OpenPack | undefined

  async function write(group: readonly Waiting[]): Promise<void> {
    for (let rest = writable(group); rest.length > 0; rest = writable(rest)) {
      try {
        const pack = await packFor(rest[0] as Waiting)
        await writeUnit(pack, rest.slice(0, fitting(pack, rest)))
      } catch (error) {
        // No pack could be begun: none of them can be written.
        for (const one of rest) one.fail(error)
      }
    }
  }

  async function packFor(first: Waiting): Promise<OpenPack> {
    if (current !== undefined) {
      const fits = current.bytesWith(first.frame.stored.length, 1) <= limits.packBytesMax
      if (isFresh(current) && (fits || current.durableBytes === packHeaderBytes)) return current
      await seal(current)
    }
    current = await createPack(p, store, kind, newPackName(kind, clock.now(), p.random(packNameRandomBytes)))
    return current
  }

  function isFresh(pack: OpenPack): boolean {
    const age = clock.now() - pack.createdMs
    return age >= 0 && age < limits.packAgeMaxMs
  }

  /** How many of the frames fit into the pack; at least one, or an object larger than a pack could never be kept. */
  function fitting(pack: OpenPack, frames: readonly Waiting[]): number {
    let bytes = 0
    let count = 0
    for (const { frame } of frames) {
      bytes += frame.stored.length
      if (count > 0 && pack.bytesWith(bytes, count + 1) > limits.packBytesMax) break
      count++
    }
    return count
  }

  async function writeUnit(pack: OpenPack, unit: readonly Waiting[]): Promise<void> {
    try {
      const packed = await pack.append(unit.map(one => one.frame))
      await syncOrGiveUp(pack)
      onDurable({ name: pack.name, bytes: pack.durableBytes, objects: packed })
      for (const [index, one] of unit.entries()) {
        const place = packed[index]
        if (place !== undefined) one.settle({ pack: pack.name, offset: place.offset, length: place.length })
      }
    } catch (error) {
      if (pack.broken && current === pack) await giveUp(pack)
      for (const one of unit) one.fail(error)
    }
  }

  async function syncOrGiveUp(pack: OpenPack): Promise<void> {
    try {
      await pack.sync()
    } catch (error) {
      await giveUp(pack)
      throw error
    }
  }

  async function seal(pack: OpenPack): Promise<void> {
    current = undefined
    try {
      onSealed({ name: pack.name, bytes: await pack.seal() })
    } catch (error) {
      // Its frames are durable; the next start reads them one by one and seals it then.
      trouble(error, pack.name)
      await pack.close().catch(() => undefined)
    }
  }

  /**
   * After a failed fsync the kernel may have dropped pages and report the next one as fine. So nothing more goes into
   * this pack: what was durable before is read back, the rest cut off.
   */
  async function giveUp(pack: OpenPack): Promise<void> {
    current = undefined
    trouble(new Error('given up after a failed write'), pack.name)
    await pack.close().catch(() => undefined)
    const { name, durableBytes } = pack
    try {
      const { bytes } = await recoverPack(p, store, name, { keepBytes: durableBytes, bytesMax: durableBytes })
      if (bytes > 0) onSealed({ name, bytes })
    } catch (error) {
      trouble(error, name)
    }
  }

  return {
    write,
    async sealOld() {
      if (current !== undefined && !isFresh(current) && current.durableBytes > packHeaderBytes)
        await seal(current)
    },
    async close() {
      if (current === undefined) return
      if (current.durableBytes > packHeaderBytes) return seal(current)
      // Nothing came: an empty pack is not worth keeping.
      const { name } = current
      await current.close().catch(() => undefined)
      await store.delete(name).catch(error => trouble(error, name))
      current = undefined
    },
  }
}

/** Those that still wait; one whose child failed shares its fate. */
function writable(group: readonly Waiting[]): Waiting[] {
  for (const one of group) {
    const lost = one.after.find(child => child.state === 'failed')
    if (lost !== undefined) one.fail(lost.failure)
  }
  return group.filter(one => one.state === 'waiting')
}
