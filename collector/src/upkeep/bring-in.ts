/** The objects of a sealed pack become rows, by its index where that is enough. */
import type { ObjectId } from '@backstay/proto/object/id'
import { type Packed, packHeaderBytes } from '@backstay/proto/object/pack'
import { noteDamage } from '../catalog/damage.ts'
import { savePack } from '../catalog/packs.ts'
import type { Domain } from '../catalog/vaults.ts'
import { scanFrames } from '../packs/scan.ts'
import { type Replayable, replayBatch } from './replay-batch.ts'
import type { PackContext, PackTimes, SealedEnd } from './replay-pack.ts'

/** Objects in one transaction. */
const batchObjects = 500
const batchBytes = 16 * 1024 * 1024

/** Segments by the index alone; pages and records by their own bytes, because of the children in their headers. */
export async function bringIn(context: PackContext, name: string, end: SealedEnd, times: PackTimes) {
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
