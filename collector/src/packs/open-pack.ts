/** The pack that is being appended to: frames behind frames, until it is sealed or has to be given up. */
import type { Bytes } from '@backstay/proto/bytes'
import type { ObjectType } from '@backstay/proto/object/header'
import type { DeviceId, ObjectId, Sealed } from '@backstay/proto/object/id'
import {
  encodeFrameHeader,
  encodePackHeader,
  frameHeaderBytes,
  type Packed,
  type PackKind,
  trailerBytes,
} from '@backstay/proto/object/pack'
import type { Primitives } from '@backstay/proto/primitives'
import { sealPack } from './pack-index.ts'
import { packCreatedMs } from './pack-name.ts'
import type { PackStore, PackWriter } from './pack-store.ts'

export interface Frame {
  readonly domain: DeviceId
  readonly id: ObjectId
  readonly type: ObjectType
  readonly stored: Sealed
}

export interface OpenPack {
  readonly name: string
  readonly createdMs: number
  /** Everything below survives a power cut. */
  readonly durableBytes: number
  /** Length of the sealed pack if frames of so many stored bytes were added. */
  bytesWith(storedBytes: number, frames: number): number
  /** Throws what the store throws; then nothing of these frames remains, unless `broken`. */
  append(frames: readonly Frame[]): Promise<Packed[]>
  /** When it throws, the pack must be given up: the system may have dropped what it could not write. */
  sync(): Promise<void>
  /** Returns the length of the sealed pack. */
  seal(): Promise<number>
  /** The end could not be cut off after a failed append. */
  readonly broken: boolean
  close(): Promise<void>
}

/** A row of the index takes 16 + 32 bytes of ids, a few of numbers, and tags. */
const indexRowBytes = 72

/** Creates the pack and makes its name and header durable, so that a torn end can be told from a ruined pack. */
export async function createPack(
  p: Pick<Primitives, 'sha256'>,
  store: PackStore,
  kind: PackKind,
  name: string,
): Promise<OpenPack> {
  const writer = await store.create(name)
  try {
    await writer.append([encodePackHeader(kind)])
    await writer.sync()
  } catch (error) {
    await writer.close().catch(() => undefined)
    await store.delete(name).catch(() => undefined)
    throw error
  }
  return openPack(p, writer)
}

function openPack(p: Pick<Primitives, 'sha256'>, writer: PackWriter): OpenPack {
  const objects: Packed[] = []
  let durableBytes = writer.bytes
  let broken = false
  return {
    name: writer.name,
    createdMs: packCreatedMs(writer.name),
    get durableBytes() {
      return durableBytes
    },
    get broken() {
      return broken
    },
    bytesWith(storedBytes, frames) {
      const index = (objects.length + frames) * indexRowBytes + trailerBytes
      return writer.bytes + storedBytes + frames * frameHeaderBytes + index
    },
    async append(frames) {
      const before = writer.bytes
      let at = before
      const parts: Bytes[] = []
      const packed: Packed[] = []
      for (const { domain, id, type, stored } of frames) {
        parts.push(encodeFrameHeader({ domain, id, length: stored.length }), stored)
        packed.push({ domain, id, type, offset: at + frameHeaderBytes, length: stored.length })
        at += frameHeaderBytes + stored.length
      }
      try {
        await writer.append(parts)
      } catch (error) {
        await writer.truncate(before).catch(() => {
          broken = true
        })
        throw error
      }
      objects.push(...packed)
      return packed
    },
    async sync() {
      await writer.sync()
      durableBytes = writer.bytes
    },
    async seal() {
      await sealPack(p, writer, objects)
      await writer.close()
      return writer.bytes
    },
    close: () => writer.close(),
  }
}
