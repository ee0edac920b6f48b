/**
 * Brings a pack that was never sealed, because its writer died or its disk failed, into order: every frame is read and
 * checked, a torn end is cut off, and the rest is sealed.
 */
import { type Packed, packHeaderBytes } from '@backstay/proto/object/pack'
import type { Primitives } from '@backstay/proto/primitives'
import { sealPack } from './pack-index.ts'
import type { PackStore } from './pack-store.ts'
import { type Scanned, scanFrames } from './scan.ts'

export interface Recovered {
  /** Length of the sealed pack; 0 when nothing was in it and it was deleted. */
  readonly bytes: number
  readonly objects: readonly Packed[]
  /** Broken frames with whole ones behind them: no torn end, but damage. */
  readonly damaged: readonly Exclude<Scanned, { state: 'whole' }>[]
  readonly cutBytes: number
}

/**
 * `keepBytes`: what is known to have been durable and is never cut. `bytesMax`: what lies behind was refused, cut it.
 * The pack's header must be whole.
 */
export async function recoverPack(
  p: Pick<Primitives, 'sha256'>,
  store: PackStore,
  name: string,
  limits: { readonly keepBytes: number; readonly bytesMax?: number },
): Promise<Recovered> {
  const bytes = (await store.size(name)) ?? 0
  const to = Math.min(bytes, limits.bytesMax ?? bytes)
  const objects: Packed[] = []
  const broken: Exclude<Scanned, { state: 'whole' }>[] = []
  let end = Math.min(to, Math.max(packHeaderBytes, limits.keepBytes))
  for await (const found of scanFrames(p, store, name, { from: packHeaderBytes, to })) {
    if (found.state !== 'whole') {
      broken.push(found)
      continue
    }
    const { domain, id, offset, length } = found
    objects.push({ domain, id, offset, length, type: found.header.type })
    end = Math.max(end, offset + length)
  }
  const damaged = broken.filter(one => one.offset < end)
  if (objects.length === 0 && damaged.length === 0) {
    await store.delete(name)
    return { bytes: 0, objects, damaged, cutBytes: bytes }
  }
  const writer = await store.reopen(name)
  try {
    if (bytes > end) {
      await writer.truncate(end)
      await writer.sync()
    }
    await sealPack(p, writer, objects)
    return { bytes: writer.bytes, objects, damaged, cutBytes: bytes - end }
  } finally {
    await writer.close()
  }
}
