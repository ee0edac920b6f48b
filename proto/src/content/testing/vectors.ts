/** The deeds of content/ for the known answers in proto/vectors. testing/known-answers.ts says how they run. */
import { type Bytes, concat, fromHex } from '../../bytes.ts'
import type { ObjectType } from '../../object/header.ts'
import { objectId } from '../../object/id.ts'
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
  streamOf,
  text,
  type VectorFile,
  values,
} from '../../testing/known-answers.ts'
import { makeChunker } from '../chunker.ts'
import type { Reference } from '../entry.ts'
import { cutter } from '../map/borders.ts'
import { childrenRange, keyOf, pathOf, subtreeRange } from '../map/key.ts'
import { decodePage, type Tree } from '../map/page.ts'
import { decodeIndex, eachName, encodeIndex, type NameRun, runWriter } from '../names.ts'
import { openObject, type Plain, type SealingKeys, sealBody, sealObject } from '../seal.ts'
import { sipHash } from '../siphash.ts'
import { differences, extentTree, map } from './map-deeds.ts'

export const contentVectorNames = [
  'siphash',
  'seal',
  'chunker',
  'map-keys',
  'map-borders',
  'map-pages',
  'extent-trees',
  'map-diff',
  'names',
] as const

const deeds: Deeds = {
  async siphash(_, input) {
    const hash = sipHash(bytes(input, 'key'))
    const message = bytes(input, 'message')
    const high = hash.hash(message, 0, message.length)
    const digits = (word: number) => word.toString(16).padStart(8, '0')
    return digits(high) + digits(hash.low)
  },
  /** Packed bytes are given, because compressors differ; a reader must take what any of them makes. */
  'seal.packed': (p, input) =>
    sealBody(p, keysOf(input), plainOf(input), bytes(input, 'packed'), number(input, 'codec')),
  'seal.raw': (p, input) =>
    sealObject({ ...p, compress: async () => undefined }, keysOf(input), plainOf(input)),
  'seal.open': (p, input) =>
    openObject(
      p,
      referenceOf(input),
      text(input, 'type') as Plain['type'],
      bytes(input, 'stored'),
      'objectKey' in input ? keysOf(input) : undefined,
    ),
  async 'chunker.cuts'(p, input) {
    const chunker = await makeChunker(p, bytes(input, 'chunkerKey'))
    const file = await fileOf(p, input)
    const cuts: number[] = []
    for (let start = 0; start < file.length; start = cuts.at(-1) as number) {
      cuts.push(chunker.cut(file, start, file.length))
    }
    return cuts
  },
  'key.encode': async (_, input) => keyOf(list(input, 'path')),
  'key.decode': async (_, input) => pathOf(bytes(input, 'key')),
  'key.ranges': async (_, input) => {
    const folder = list(input, 'folder')
    return { below: subtreeRange(folder), children: childrenRange(folder) }
  },
  /** Index of the first item of each page. An item has a key, given or "item 0", "item 1" …, and a size. */
  async 'borders.cut'(_, input) {
    const hash = sipHash(bytes(input, 'borderKey').subarray(0, 16))
    const firsts: number[] = []
    const cutting = cutter<{ readonly index: number; readonly size: number }>({
      reach: number(input, 'reach'),
      size: item => item.size,
      bytesMax: 64 * 1024,
      itemsMin: number(input, 'itemsMin'),
      emit: page => firsts.push(page[0]?.index as number),
    })
    const sizes = values(input, 'sizes').map(Number)
    for (const [index, key] of list(input, 'keys').entries()) {
      cutting.add({ index, size: sizes[index % sizes.length] as number }, hash.hash(key, 0, key.length))
    }
    cutting.finish()
    return firsts
  },
  'page.decode': async (_, input) =>
    decodePage(text(input, 'tree') as Tree, bytes(input, 'bytes'), list(input, 'children')),
  'map.build': map,
  'extents.build': extentTree,
  'map.diff': differences,
  'names.run': async (_, input) => {
    const writer = runWriter(number(input, 'firstSequence'))
    for (const one of values(input, 'events') as Input[])
      writer.add(bytes(one, 'key'), number(one, 'sequence'), one.isGone === true)
    return writer.take().bytes
  },
  'names.read': async (_, input) => {
    const found: object[] = []
    eachName(bytes(input, 'bytes'), number(input, 'firstSequence'), (key, sequence, isGone) => {
      found.push({ key: key.slice(), sequence, isGone })
    })
    return found
  },
  'names.index': async (_, input) => {
    const runs = (values(input, 'runs') as Input[]).map(one => {
      return { ...(one as unknown as NameRun), reference: referenceOf(one) }
    })
    return encodeIndex(runs)
  },
  'names.index.read': async (_, input) => decodeIndex(bytes(input, 'bytes'), list(input, 'children')),
}

/** Parts: a stream of so many bytes, one byte repeated, or bytes as they are; one after another. */
async function fileOf(p: Primitives, input: Input): Promise<Bytes> {
  const parts = values(input, 'parts') as { seed?: string; fill?: number; bytes?: number; hex?: string }[]
  const made = parts.map(async part => {
    if (part.hex !== undefined) return fromHex(part.hex) as Bytes
    if (part.seed !== undefined) return streamOf(p, part.seed, part.bytes ?? 0)
    return new Uint8Array(part.bytes ?? 0).fill(part.fill ?? 0)
  })
  return concat(...(await Promise.all(made)))
}

function keysOf(input: Input): SealingKeys {
  return { epoch: number(input, 'epoch'), objectKey: bytes(input, 'objectKey') }
}

/** Of plain bytes, packed ones tell only the length. */
function plainOf(input: Input): Plain {
  return {
    type: text(input, 'type') as Exclude<ObjectType, 'record'>,
    children: list(input, 'children'),
    bytes: 'bytes' in input ? bytes(input, 'bytes') : new Uint8Array(number(input, 'plainBytes')),
  }
}

function referenceOf(input: Input): Reference {
  return { id: objectId(bytes(input, 'id')), key: bytes(input, 'key') }
}

export function runContentVectors(
  p: Primitives,
  vectors: Readonly<Record<string, VectorFile>>,
): Promise<string[]> {
  return runKnownAnswers(deeds, p, vectors)
}

export function runContentVector(p: Primitives, deed: string, input: Input): Promise<Result> {
  return runDeed(deeds, p, deed, input)
}
