/**
 * A folder of packs read without a collector: what `backstay recover` has when everything else is gone. Packs may be
 * torn, damaged or unsealed; every object is found that still can be, and every one is checked against its id.
 */
import { closeSync, type Dirent, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import { equalBytes, utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { decodeWhole, type ObjectType, objectBytesMax, objectTypes } from '@backstay/proto/object/header'
import { type DeviceId, type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import {
  decodeFrameHeader,
  decodeIndex,
  decodePackHeader,
  decodeTrailer,
  frameHeaderBytes,
  packHeaderBytes,
  trailerBytes,
} from '@backstay/proto/object/pack'
import type { Primitives } from '@backstay/proto/primitives'

export interface PackFolder {
  readonly packs: number
  readonly objects: number
  /** What could not be read, for people. */
  readonly troubles: readonly string[]
  /** All records in the packs, checked against their ids: envelopes. */
  records(): AsyncIterable<{ readonly id: ObjectId; readonly stored: Sealed; readonly envelope: Bytes }>
  /** Objects of one device. */
  source(device: DeviceId): {
    get(
      ids: readonly ObjectId[],
    ): AsyncIterable<{ readonly id: ObjectId; readonly stored: Sealed | undefined }>
  }
}

interface Place {
  readonly pack: number
  readonly offset: number
  readonly length: number
}

const indexBytesMax = 64 * 1024 * 1024
/** Read at once while frames are searched behind damage. */
const searchBytes = 1024 * 1024
const frameMagic = utf8('BKPf')

/** Throws `no_packs` when there is none. */
export async function openPackFolder(p: Primitives, folder: string): Promise<PackFolder> {
  const files = packFiles(folder)
  if (files.length === 0) {
    throw new Failure('no_packs', `there are no packs in "${folder}"`, {
      hint: 'name the folder "packs" of a collector\'s data folder, or a copy of it',
    })
  }
  const places = new Map<string, Place>()
  const recordKeys: { readonly id: ObjectId; readonly place: Place }[] = []
  const troubles: string[] = []
  for (const [pack, file] of files.entries()) {
    try {
      await readPack(file, pack)
    } catch (error) {
      troubles.push(`"${file}": ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return {
    packs: files.length,
    objects: places.size,
    troubles,
    async *records() {
      for (const { id, place } of recordKeys) {
        const stored = await read(id, place)
        if (stored !== undefined) yield { id, stored, envelope: decodeWhole(stored).body }
      }
    },
    source(device) {
      return {
        async *get(ids) {
          for (const id of ids) {
            const place = places.get(`${device}/${id}`)
            yield { id, stored: place === undefined ? undefined : await read(id, place) }
          }
        },
      }
    },
  }

  async function readPack(file: string, pack: number): Promise<void> {
    const size = statSync(file).size
    const handle = openSync(file, 'r')
    try {
      decodePackHeader(readAt(handle, 0, packHeaderBytes))
      const index = await readIndex(handle, size)
      if (index !== undefined) {
        for (const { domain, id, type, offset, length } of index)
          note(domain, id, type, { pack, offset, length })
      } else walkFrames(handle, size, pack, file)
    } finally {
      closeSync(handle)
    }
  }

  async function readIndex(handle: number, size: number) {
    if (size < packHeaderBytes + trailerBytes) return undefined
    const trailer = decodeTrailer(readAt(handle, size - trailerBytes, trailerBytes))
    if (trailer === undefined || trailer.indexBytes > Math.min(indexBytesMax, size - trailerBytes))
      return undefined
    const index = readAt(handle, size - trailerBytes - trailer.indexBytes, trailer.indexBytes)
    return equalBytes(await p.sha256(index), trailer.sha256) ? decodeIndex(index) : undefined
  }

  function walkFrames(handle: number, size: number, pack: number, file: string): void {
    for (let at = packHeaderBytes; at + frameHeaderBytes <= size; ) {
      const frame = decodeFrameHeader(readAt(handle, at, frameHeaderBytes))
      const offset = at + frameHeaderBytes
      if (frame !== undefined && offset + frame.length <= size) {
        const type = typeOf(readAt(handle, offset, 5)[4])
        if (type !== undefined) note(frame.domain, frame.id, type, { pack, offset, length: frame.length })
        at = offset + frame.length
        continue
      }
      const next = nextFrame(handle, at + 1, size)
      if (next !== undefined) troubles.push(`"${file}": bytes ${at} to ${next} are damaged`)
      if (next === undefined) return
      at = next
    }
  }

  function note(domain: DeviceId, id: ObjectId, type: ObjectType, place: Place): void {
    places.set(`${domain}/${id}`, place)
    if (type === 'record') recordKeys.push({ id, place })
  }

  async function read(id: ObjectId, { pack, offset, length }: Place): Promise<Sealed | undefined> {
    if (length > objectBytesMax) return undefined
    const handle = openSync(files[pack] as string, 'r')
    try {
      const stored = readAt(handle, offset, length)
      return objectId(await p.sha256(stored)) === id ? (stored as Sealed) : undefined
    } finally {
      closeSync(handle)
    }
  }
}

function packFiles(folder: string): string[] {
  let found: Dirent[]
  try {
    found = readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch (cause) {
    throw new Failure('no_packs', `the folder "${folder}" cannot be read`, { cause })
  }
  return found
    .filter(entry => entry.isFile() && /\.(segments|pages)$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

function readAt(handle: number, offset: number, length: number): Bytes {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(handle, bytes, filled, length - filled, offset + filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}

/** The next whole frame header behind damage. */
function nextFrame(handle: number, from: number, size: number): number | undefined {
  for (let at = from; at < size; at += searchBytes - frameHeaderBytes) {
    const bytes = Buffer.from(readAt(handle, at, searchBytes))
    for (let found = bytes.indexOf(frameMagic); found >= 0; found = bytes.indexOf(frameMagic, found + 1)) {
      if (decodeFrameHeader(bytes.subarray(found, found + frameHeaderBytes)) !== undefined) return at + found
    }
  }
  return undefined
}

function typeOf(code: number | undefined): ObjectType | undefined {
  return (Object.keys(objectTypes) as ObjectType[]).find(name => objectTypes[name] === code)
}
