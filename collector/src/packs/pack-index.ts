/** The end of a sealed pack: reading it and writing it. docs/format.md §5. */
import { equalBytes } from '@backstay/proto/bytes'
import {
  decodeIndex,
  decodeTrailer,
  encodeIndex,
  encodeTrailer,
  type Packed,
  packHeaderBytes,
  trailerBytes,
} from '@backstay/proto/object/pack'
import type { Primitives } from '@backstay/proto/primitives'
import type { PackStore, PackWriter } from './pack-store.ts'

export type PackEnd =
  | { readonly state: 'sealed'; readonly objects: readonly Packed[]; readonly framesEnd: number }
  /** There is a trailer, but its index is not what was written. */
  | { readonly state: 'damaged'; readonly why: string; readonly framesEnd: number }
  | { readonly state: 'open' }

/** `bytes`: length of the pack. */
export async function readPackEnd(
  p: Pick<Primitives, 'sha256'>,
  store: Pick<PackStore, 'read'>,
  name: string,
  bytes: number,
): Promise<PackEnd> {
  if (bytes < packHeaderBytes + trailerBytes) return { state: 'open' }
  const trailer = decodeTrailer(await store.read(name, bytes - trailerBytes, trailerBytes))
  if (trailer === undefined) return { state: 'open' }
  const framesEnd = bytes - trailerBytes - trailer.indexBytes
  if (framesEnd < packHeaderBytes) {
    return { state: 'damaged', why: 'its trailer names an index longer than the pack', framesEnd: bytes }
  }
  const index = await store.read(name, framesEnd, trailer.indexBytes)
  if (!equalBytes(await p.sha256(index), trailer.sha256)) {
    return { state: 'damaged', why: 'its index or its trailer was changed', framesEnd }
  }
  try {
    return { state: 'sealed', objects: decodeIndex(index), framesEnd }
  } catch (error) {
    return { state: 'damaged', why: error instanceof Error ? error.message : String(error), framesEnd }
  }
}

/** Writes index and trailer behind the frames. The pack is sealed when this resolves. */
export async function sealPack(
  p: Pick<Primitives, 'sha256'>,
  writer: PackWriter,
  objects: readonly Packed[],
): Promise<void> {
  const index = encodeIndex(objects)
  await writer.append([index, encodeTrailer(index, await p.sha256(index))])
  await writer.sync()
}
