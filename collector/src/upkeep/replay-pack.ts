/** Brings one pack's objects into the catalog. */
import type { Bytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import type { FleetId, ObjectId } from '@backstay/proto/object/id'
import { decodePackHeader, type Packed, packHeaderBytes } from '@backstay/proto/object/pack'
import { noteDamage, notePackDamage } from '../catalog/damage.ts'
import { type PackRow, savePack } from '../catalog/packs.ts'
import type { Domain } from '../catalog/vaults.ts'
import { readPackEnd } from '../packs/pack-index.ts'
import { recoverPack } from '../packs/recover.ts'
import { scanFrames } from '../packs/scan.ts'
import type { ReplayOptions } from './replay.ts'
import { type Replayable, replayBatch } from './replay-batch.ts'

export interface PackNews {
  readonly name: string
  readonly bytes: number
  readonly objects: number
  /** Bytes of a torn end that were cut off. */
  readonly cutBytes: number
  /** Objects that lie here broken. */
  readonly damagedObjects: number
  /** Stretches without a readable frame, whose objects nobody can name any more. */
  readonly gaps: number
  /** Objects that the catalog knew behind the end of the pack. */
  readonly lostObjects: number
  /** Why the pack or its index cannot be read. */
  readonly trouble: string | undefined
}

export interface PackTimes {
  /** When the pack was begun, and when the next one was: its commits came in between. */
  readonly from: number
  readonly until: number
}

export interface PackContext extends ReplayOptions {
  readonly fleet: FleetId | undefined
}

/** Objects in one transaction. */
const batchObjects = 500
const batchBytes = 16 * 1024 * 1024

export async function replayPack(
  context: PackContext,
  pack: { readonly name: string; readonly bytes: number; readonly row: PackRow | undefined },
  times: PackTimes,
): Promise<PackNews> {
  const { store, sql, vault, clock } = context
  const { name, row } = pack
  const lost = (from: number, reason: 'truncated' | 'damaged') =>
    row === undefined ? 0 : notePackDamage(sql, vault, row, from, reason, clock.now())
  const news = { name, bytes: pack.bytes, objects: 0, cutBytes: 0, damagedObjects: 0, gaps: 0 }

  if (!isPack(await store.read(name, 0, packHeaderBytes))) {
    if (pack.bytes <= packHeaderBytes && (row?.indexedBytes ?? 0) <= packHeaderBytes) {
      await store.delete(name)
      return { ...news, bytes: 0, cutBytes: pack.bytes, lostObjects: 0, trouble: undefined }
    }
    const lostObjects = await lost(0, 'damaged')
    await savePack(sql, vault, { name, bytes: pack.bytes, indexedBytes: 0, state: 'damaged' })
    return { ...news, lostObjects, trouble: 'it does not begin like a pack' }
  }
  const lostObjects =
    row !== undefined && pack.bytes < row.indexedBytes ? await lost(pack.bytes, 'truncated') : 0
  const sealed = await sealedEnd(context, name, pack.bytes, row)
  if (sealed.bytes === 0) {
    if (row !== undefined) await savePack(sql, vault, { name, bytes: 0, indexedBytes: 0, state: 'missing' })
    return { ...news, bytes: 0, cutBytes: sealed.cutBytes, lostObjects, trouble: undefined }
  }
  const counted = await bringIn(context, name, sealed, times)
  await savePack(sql, vault, { name, bytes: sealed.bytes, indexedBytes: sealed.bytes, state: 'sealed' })
  const { bytes, cutBytes, trouble } = sealed
  return { ...news, ...counted, bytes, cutBytes, trouble, lostObjects }
}

interface SealedEnd {
  readonly bytes: number
  readonly cutBytes: number
  readonly framesEnd: number
  /** Undefined when the index cannot be read. */
  readonly index: readonly Packed[] | undefined
  /** Named by their frames, but in no index. */
  readonly broken: readonly Omit<Packed, 'type'>[]
  readonly trouble: string | undefined
}

/** An open pack is sealed here; one whose index is damaged is left as it is. */
async function sealedEnd(
  { p, store }: PackContext,
  name: string,
  bytes: number,
  row: PackRow | undefined,
): Promise<SealedEnd> {
  const end = await readPackEnd(p, store, name, bytes)
  if (end.state === 'sealed') {
    const { framesEnd, objects } = end
    return { bytes, cutBytes: 0, framesEnd, index: objects, broken: [], trouble: undefined }
  }
  if (end.state === 'damaged') {
    const { framesEnd, why } = end
    return { bytes, cutBytes: 0, framesEnd, index: undefined, broken: [], trouble: why }
  }
  const recovered = await recoverPack(p, store, name, { keepBytes: Math.min(bytes, row?.indexedBytes ?? 0) })
  if (recovered.bytes === 0) {
    return { bytes: 0, cutBytes: bytes, framesEnd: 0, index: [], broken: [], trouble: undefined }
  }
  const again = await readPackEnd(p, store, name, recovered.bytes)
  const index = again.state === 'sealed' ? again.objects : undefined
  const framesEnd = again.state === 'open' ? recovered.bytes : again.framesEnd
  const broken = recovered.damaged.filter(one => one.state === 'damaged')
  const { cutBytes } = recovered
  return { bytes: recovered.bytes, cutBytes, framesEnd, index, broken, trouble: undefined }
}

/** Segments by the index alone; pages and records by their own bytes, because of the children in their headers. */
async function bringIn(context: PackContext, name: string, end: SealedEnd, times: PackTimes) {
  const number = await savePack(context.sql, context.vault, {
    name,
    bytes: end.bytes,
    indexedBytes: packHeaderBytes,
    state: 'open',
  })
  const place = { name, number }
  const { index } = end
  if (index?.every(object => object.type === 'segment'))
    return bringInIndex(context, place, end, index, times)
  return bringInFrames(context, place, end, times)
}

interface PackPlace {
  readonly name: string
  readonly number: number
}

async function bringInIndex(
  context: PackContext,
  place: PackPlace,
  end: SealedEnd,
  index: readonly Packed[],
  times: PackTimes,
) {
  const inside = index.filter(object => object.offset + object.length <= end.framesEnd)
  for (let first = 0; first < inside.length; first += batchObjects) {
    await replayBatch(context, place, inside.slice(first, first + batchObjects), times, 'by index')
  }
  for (const object of end.broken) await noteBroken(context, place, { ...object, type: 'segment' })
  return {
    objects: inside.length,
    damagedObjects: index.length - inside.length + end.broken.length,
    gaps: 0,
  }
}

async function bringInFrames(context: PackContext, place: PackPlace, end: SealedEnd, times: PackTimes) {
  const expected = new Map((end.index ?? []).map(object => [keyOf(object), object]))
  const counts = { objects: 0, damagedObjects: 0, gaps: 0 }
  let batch: Replayable[] = []
  let bytes = 0
  const flush = async () => {
    await replayBatch(context, place, batch, times, 'by content')
    counts.objects += batch.length
    batch = []
    bytes = 0
  }
  const range = { from: packHeaderBytes, to: end.framesEnd }
  for await (const found of scanFrames(context.p, context.store, place.name, range)) {
    if (found.state === 'gap') {
      counts.gaps++
      continue
    }
    if (found.state === 'damaged') {
      const type = expected.get(keyOf(found))?.type ?? 'page'
      await noteBroken(context, place, { ...found, type })
      counts.damagedObjects++
    } else {
      batch.push({ ...found, type: found.header.type })
      bytes += found.length
      if (batch.length >= batchObjects || bytes >= batchBytes) await flush()
    }
    expected.delete(keyOf(found))
  }
  await flush()
  for (const object of expected.values()) await noteBroken(context, place, object)
  return { ...counts, damagedObjects: counts.damagedObjects + expected.size }
}

function noteBroken({ sql, vault, clock }: PackContext, place: PackPlace, object: Packed): Promise<void> {
  const { domain, id, type, offset, length } = object
  const fact = { domain, id, type, offset, length, pack: place.name, notedAtMs: clock.now() }
  return noteDamage(sql, vault, { ...fact, reason: 'damaged' })
}

function keyOf(object: { readonly domain: Domain; readonly id: ObjectId; readonly offset: number }): string {
  return `${object.domain}${object.id}${object.offset}`
}

function isPack(header: Bytes): boolean {
  try {
    return decodePackHeader(header) !== undefined
  } catch (error) {
    if (isFailure(error, 'bad_pack')) return false
    throw error
  }
}
