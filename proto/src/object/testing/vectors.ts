/** The deeds of object/ for the known answers in proto/vectors. testing/known-answers.ts says how they run. */
import type { Bytes } from '../../bytes.ts'
import { crc32 } from '../../crc32.ts'
import type { Primitives } from '../../primitives.ts'
import {
  bytes,
  type Deeds,
  type Input,
  list,
  number,
  type Result,
  runDeed,
  runKnownAnswers,
  text,
  type VectorFile,
  values,
} from '../../testing/known-answers.ts'
import { oneZstdFrame } from '../../zstd-frame.ts'
import { decodeHeader, decodeWhole, encodeHeader, encodeRecord, type ObjectType } from '../header.ts'
import { deviceId, objectId } from '../id.ts'
import {
  decodeFrameHeader,
  decodeIndex,
  decodePackHeader,
  decodeTrailer,
  encodeFrameHeader,
  encodeIndex,
  encodePackHeader,
  encodeTrailer,
  frameHeaderBytes,
  type Packed,
  type PackKind,
  packHeaderBytes,
  trailerBytes,
} from '../pack.ts'
import { padme } from '../padding.ts'

export const objectVectorNames = ['object-header', 'padding', 'zstd-frame', 'pack'] as const

const deeds: Deeds = {
  'header.encode': async (_, input) =>
    encodeHeader({
      type: text(input, 'type') as ObjectType,
      alg: number(input, 'alg') === 0 ? 0 : 1,
      domain: 0,
      epoch: number(input, 'epoch'),
      bodyBytes: number(input, 'bodyBytes'),
      children: list(input, 'children'),
    }),
  'header.decode': async (_, input) => decodeHeader(bytes(input, 'bytes')),
  'object.decode': async (_, input) => decodeWhole(bytes(input, 'stored')),
  async 'record.encode'(p, input) {
    const stored = encodeRecord(bytes(input, 'envelope'), list(input, 'children'))
    return { stored, id: await p.sha256(stored) }
  },
  'padding.lengths': async (_, input) => values(input, 'lengths').map(length => padme(Number(length))),
  'crc32.of': async (_, input) => crc32(bytes(input, 'bytes')),
  /** Whether it is exactly one frame, and what it opens to on this set of primitives. */
  async 'zstd.open'(p, input) {
    const frame = bytes(input, 'frame')
    return {
      oneFrame: oneZstdFrame(frame),
      opened: (await p.decompress(frame, number(input, 'length'))) ?? 'refused',
    }
  },
  'pack-header.encode': async (_, input) => encodePackHeader(text(input, 'kind') as PackKind),
  'pack-header.decode': async (_, input) => decodePackHeader(bytes(input, 'bytes')),
  'frame.encode': async (_, input) =>
    encodeFrameHeader({
      domain: deviceId(bytes(input, 'domain')),
      id: objectId(bytes(input, 'id')),
      length: number(input, 'length'),
    }),
  'frame.decode': async (_, input) => decodeFrameHeader(bytes(input, 'bytes')) ?? 'none',
  async 'pack-end.encode'(p, input) {
    const index = encodeIndex(values(input, 'objects') as Packed[])
    return { index, trailer: encodeTrailer(index, await p.sha256(index)) }
  },
  'index.decode': async (_, input) => decodeIndex(bytes(input, 'bytes')),
  'trailer.decode': async (_, input) => decodeTrailer(bytes(input, 'bytes')) ?? 'none',
  'pack.read': (p, input) => readPack(p, bytes(input, 'pack')),
}

/** What a reader finds who takes a pack apart: by its index when it is sealed, frame by frame in any case. */
async function readPack(p: Primitives, pack: Bytes): Promise<unknown> {
  const kind = decodePackHeader(pack)
  const trailer = decodeTrailer(pack.subarray(-trailerBytes))
  const framesEnd = trailer === undefined ? pack.length : pack.length - trailerBytes - trailer.indexBytes
  const frames: { readonly id: string; readonly offset: number; readonly whole: boolean }[] = []
  let at = packHeaderBytes
  while (at < framesEnd) {
    const frame = decodeFrameHeader(pack.subarray(at, framesEnd))
    if (frame === undefined) break
    const offset = at + frameHeaderBytes
    const stored = pack.subarray(offset, Math.min(offset + frame.length, framesEnd))
    frames.push({ id: frame.id, offset, whole: objectId(await p.sha256(stored)) === frame.id })
    at = offset + frame.length
  }
  const index = trailer && pack.subarray(framesEnd, framesEnd + trailer.indexBytes)
  const sealed = index && objectId(await p.sha256(index)) === objectId(trailer.sha256)
  return {
    kind,
    frames,
    tornAt: at === framesEnd ? undefined : at,
    index: sealed ? decodeIndex(index) : undefined,
  }
}

export function runObjectVectors(
  p: Primitives,
  vectors: Readonly<Record<string, VectorFile>>,
): Promise<string[]> {
  return runKnownAnswers(deeds, p, vectors)
}

export function runObjectVector(p: Primitives, deed: string, input: Input): Promise<Result> {
  return runDeed(deeds, p, deed, input)
}
