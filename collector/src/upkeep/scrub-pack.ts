/**
 * Checks every byte of one pack without a key and without the catalog: header, each frame and its hash, index, trailer,
 * and that index and frames say the same. Whatever single byte was changed, one of these does not fit.
 */
import { equalBytes } from '@backstay/proto/bytes'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { encodePackHeader, type Packed, packHeaderBytes } from '@backstay/proto/object/pack'
import type { Primitives } from '@backstay/proto/primitives'
import { type PackEnd, readPackEnd } from '../packs/pack-index.ts'
import { packKindNamed } from '../packs/pack-name.ts'
import type { PackStore } from '../packs/pack-store.ts'
import { type Scanned, scanFrames } from '../packs/scan.ts'

export type WholeFrame = Extract<Scanned, { state: 'whole' }>

export interface BrokenObject {
  readonly domain: DeviceId
  readonly id: ObjectId
  readonly offset: number
  readonly length: number
}

export type PackFinding =
  | { readonly kind: 'whole'; readonly frame: WholeFrame }
  | { readonly kind: 'broken'; readonly object: BrokenObject }
  /** Something that holds no object: header, index, trailer, bytes between the frames. */
  | { readonly kind: 'flaw'; readonly why: string; readonly offset: number; readonly length: number }

/** `bytes`: length of the pack. Throws what the store throws. */
export async function* scrubPack(
  p: Pick<Primitives, 'sha256'>,
  store: Pick<PackStore, 'read'>,
  name: string,
  bytes: number,
): AsyncIterable<PackFinding> {
  const header = encodePackHeader(packKindNamed(name))
  if (!equalBytes(await store.read(name, 0, packHeaderBytes), header)) {
    yield flaw('its header was changed', 0, packHeaderBytes)
  }
  const end = await readPackEnd(p, store, name, bytes)
  const flawAtEnd = endFlaw(end)
  const framesEnd = end.state === 'open' ? bytes : end.framesEnd
  if (flawAtEnd !== undefined) yield flaw(flawAtEnd, framesEnd, bytes - framesEnd)

  const indexed = new Map((end.state === 'sealed' ? end.objects : []).map(object => [object.offset, object]))
  for await (const found of scanFrames(p, store, name, { from: packHeaderBytes, to: framesEnd })) {
    if (found.state === 'gap') {
      yield flaw('bytes that belong to no object', found.offset, found.length)
      continue
    }
    const row = indexed.get(found.offset)
    indexed.delete(found.offset)
    if (found.state === 'damaged') {
      yield { kind: 'broken', object: found }
      continue
    }
    if (end.state === 'sealed' && !fits(row, found)) {
      yield flaw('its index does not name what lies here', found.offset, found.length)
    }
    yield { kind: 'whole', frame: found }
  }
  for (const object of indexed.values()) yield { kind: 'broken', object }
}

function endFlaw(end: PackEnd): string | undefined {
  if (end.state === 'open') return 'it has no end: trailer and index were lost or changed'
  return end.state === 'damaged' ? end.why : undefined
}

function fits(row: Packed | undefined, frame: WholeFrame): boolean {
  return (
    row !== undefined &&
    row.domain === frame.domain &&
    row.id === frame.id &&
    row.length === frame.length &&
    row.type === frame.header.type
  )
}

function flaw(why: string, offset: number, length: number): PackFinding {
  return { kind: 'flaw', why, offset, length }
}
