/** Brings one pack's objects into the catalog. */
import type { Bytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import { decodePackHeader, type Packed, packHeaderBytes } from '@backstay/proto/object/pack'
import { notePackDamage } from '../catalog/damage.ts'
import { type PackRow, savePack } from '../catalog/packs.ts'
import { readPackEnd } from '../packs/pack-index.ts'
import { recoverPack } from '../packs/recover.ts'
import { bringIn } from './bring-in.ts'
import type { ReplayOptions } from './replay.ts'

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

export interface SealedEnd {
  readonly bytes: number
  readonly cutBytes: number
  readonly framesEnd: number
  /** Undefined when the index cannot be read. */
  readonly index: readonly Packed[] | undefined
  /** Named by their frames, but in no index. */
  readonly broken: readonly Omit<Packed, 'type'>[]
  readonly trouble: string | undefined
}

/** An open pack is sealed here, again where its seal was torn; another whose index is damaged is left as it is. */
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
  // Where the catalog never saw its seal, the power went while it was sealed: the frames are whole.
  if (end.state === 'damaged' && row?.state !== 'open') {
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

function isPack(header: Bytes): boolean {
  try {
    return decodePackHeader(header) !== undefined
  } catch (error) {
    if (isFailure(error, 'bad_pack')) return false
    throw error
  }
}
