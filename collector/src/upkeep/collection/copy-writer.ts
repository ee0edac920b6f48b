/** Copies objects from one pack to the end of another, each checked against its id on the way. */
import { Failure, isFailure } from '@backstay/proto/failure'
import { objectId, type Sealed } from '@backstay/proto/object/id'
import type { Packed, PackKind } from '@backstay/proto/object/pack'
import { noteDamage } from '../../catalog/damage.ts'
import { type PackRow, savePack } from '../../catalog/packs.ts'
import { createPack, type Frame, type OpenPack } from '../../packs/open-pack.ts'
import { newPackName, packCreatedMs, packKindNamed, packNameRandomBytes } from '../../packs/pack-name.ts'
import { windowOn } from '../../packs/window.ts'
import type { CollectionLimits } from './limits.ts'
import type { CollectionOptions } from './options.ts'

export interface Copied {
  readonly domain: Packed['domain']
  readonly id: Packed['id']
  /** Offsets of the stored bytes in the old pack and in the new. */
  readonly before: number
  readonly after: number
  /** The new pack. */
  readonly pack: string
}

export interface CopiedPack {
  /** Durable. */
  readonly copied: readonly Copied[]
  /** The packs they lie in, and how long those are by now. */
  readonly packs: readonly Omit<PackRow, 'pack'>[]
}

export interface CopyWriter {
  /** Resolves when the copies are durable. Throws `object_damaged`, and what the store throws. */
  copy(from: string, objects: readonly Packed[]): Promise<CopiedPack>
  /** Seals the packs. */
  close(): Promise<void>
  readonly writtenBytes: number
}

/** Of one write. */
const groupBytesMax = 8 * 1024 * 1024

export function copyWriter(options: CollectionOptions, limits: CollectionLimits): CopyWriter {
  const { p, store, sql, vault } = options
  const open = new Map<PackKind, OpenPack>()
  let writtenBytes = 0

  const rowOf = (pack: OpenPack): Omit<PackRow, 'pack'> => {
    const bytes = pack.durableBytes
    return { name: pack.name, bytes, indexedBytes: bytes, state: 'open' }
  }

  async function seal(kind: PackKind, pack: OpenPack): Promise<Omit<PackRow, 'pack'>> {
    open.delete(kind)
    const bytes = await pack.seal()
    writtenBytes += bytes
    const row = { name: pack.name, bytes, indexedBytes: bytes, state: 'sealed' } as const
    await savePack(sql, vault, row, options.retention.now())
    return row
  }

  /** After a failed write nobody knows what the disk holds: the next start reads it frame by frame. */
  async function giveUp(kind: PackKind): Promise<void> {
    const pack = open.get(kind)
    open.delete(kind)
    await pack?.close().catch(() => undefined)
  }

  async function read(window: Window, from: string, object: Packed): Promise<Frame> {
    const { domain, id, type, offset, length } = object
    const stored = Uint8Array.from(await window.at(offset, length))
    if (stored.length === length && objectId(await p.sha256(stored)) === id) {
      return { domain, id, type, stored: stored as Sealed }
    }
    const place = { domain, id, pack: from, offset, length, reason: 'damaged' } as const
    await noteDamage(sql, vault, { ...place, notedAtMs: options.clock.now() })
    throw new Failure('object_damaged', `object "${id}" in pack "${from}" is damaged`, { remedy: 'repair' })
  }

  /** Where so much more has room: a new pack is named as old as the one whose objects it takes first. */
  async function packFor(from: string, bytes: number, frames: number, sealed: Sealing): Promise<OpenPack> {
    const kind = packKindNamed(from)
    const current = open.get(kind)
    if (current !== undefined && current.bytesWith(bytes, frames) <= limits.packBytesMax) return current
    if (current !== undefined) sealed(await seal(kind, current))
    const name = newPackName(kind, packCreatedMs(from), p.random(packNameRandomBytes))
    const pack = await createPack(p, store, kind, name)
    open.set(kind, pack)
    return pack
  }

  async function copyAll(from: string, objects: readonly Packed[]): Promise<CopiedPack> {
    const window = windowOn(store, from)
    const copied: Copied[] = []
    const packs = new Map<string, Omit<PackRow, 'pack'>>()
    for (const some of groups(objects)) {
      const frames: Frame[] = []
      for (const object of some) frames.push(await read(window, from, object))
      for (let at = 0; at < frames.length; ) {
        const first = frames[at]?.stored.length ?? 0
        const pack = await packFor(from, first, 1, row => packs.set(row.name, row))
        const unit = fitting(pack, frames.slice(at), limits.packBytesMax)
        const placed = await pack.append(unit)
        packs.set(pack.name, rowOf(pack))
        for (const [index, { domain, id }] of unit.entries()) {
          const before = some[at + index]?.offset ?? 0
          copied.push({ domain, id, before, after: placed[index]?.offset ?? 0, pack: pack.name })
        }
        at += unit.length
      }
    }
    const current = open.get(packKindNamed(from))
    if (current !== undefined && packs.has(current.name)) {
      await current.sync()
      packs.set(current.name, rowOf(current))
    }
    return { copied, packs: [...packs.values()] }
  }

  return {
    get writtenBytes() {
      return writtenBytes
    },
    async copy(from, objects) {
      try {
        return await copyAll(from, objects)
      } catch (error) {
        const ofReading = ['object_damaged', 'pack_missing', 'pack_unreadable']
        if (!isFailure(error) || !ofReading.includes(error.code)) await giveUp(packKindNamed(from))
        throw error
      }
    },
    async close() {
      for (const [kind, pack] of [...open]) await seal(kind, pack)
    },
  }
}

type Window = ReturnType<typeof windowOn>
type Sealing = (row: Omit<PackRow, 'pack'>) => void

/** In memory at one time. */
function* groups(objects: readonly Packed[]): Iterable<readonly Packed[]> {
  let group: Packed[] = []
  let bytes = 0
  for (const object of objects) {
    if (group.length > 0 && bytes + object.length > groupBytesMax) {
      yield group
      group = []
      bytes = 0
    }
    group.push(object)
    bytes += object.length
  }
  if (group.length > 0) yield group
}

/** As many as fit; at least one, or an object larger than a pack could never be moved. */
function fitting(pack: OpenPack, frames: readonly Frame[], packBytesMax: number): Frame[] {
  let bytes = 0
  let count = 0
  for (const { stored } of frames) {
    bytes += stored.length
    if (count > 0 && pack.bytesWith(bytes, count + 1) > packBytesMax) break
    count++
  }
  return frames.slice(0, count)
}
