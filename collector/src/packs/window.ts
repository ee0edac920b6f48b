import type { Bytes } from '@backstay/proto/bytes'
import type { PackStore } from './pack-store.ts'

/** Few reads, little memory: a scan of a 64 MiB pack is 16 reads. */
const windowBytes = 4 * 1024 * 1024

/** Reads a pack mostly forwards in large pieces. What `at` returns may be shorter only where the pack ends. */
export function windowOn(
  store: Pick<PackStore, 'read'>,
  name: string,
): { at(offset: number, length: number): Promise<Bytes> } {
  let start = 0
  let window: Bytes = new Uint8Array()
  return {
    async at(offset, length) {
      if (offset < start || offset + length > start + window.length) {
        window = await store.read(name, offset, Math.max(length, windowBytes))
        start = offset
      }
      return window.subarray(offset - start, offset - start + length)
    },
  }
}
