/** What a backup asks of whoever seals its segments. */
import type { Bytes } from '@backstay/proto/bytes'
import type { SealedObject } from '@backstay/proto/content/seal'

export interface Sealer {
  /** `length` bytes to be filled, perhaps used before. */
  buffer(length: number): Bytes
  /** Seals the beginning of what `buffer` gave, which it takes back. */
  seal(bytes: Bytes): Promise<SealedObject>
}

/** Shared segments are cut here; with the 9 bytes before the content, 1 MiB is a Padmé length (docs/format.md §6). */
export const segmentBytes = 1024 * 1024 - 9
