/**
 * Where packs lie. A pack is written by one writer, appended to, synced, and later only read (docs/format.md §5).
 *
 * What every store promises, and `pack-store.conformance.ts` tests:
 * - `create` never replaces: of two creators of one name exactly one wins.
 * - What was appended before a `sync` that resolved survives a crash, and so does the pack's name.
 * - A failed `append` leaves `bytes` as it was, and the next append begins there.
 * - `read` gives the bytes that are there, fewer than asked only where the pack ends.
 * - A reader sees what was appended at once, synced or not.
 */
import type { Bytes } from '@backstay/proto/bytes'

export interface PackWriter {
  readonly name: string
  /** Length of the pack. */
  readonly bytes: number
  /** Appends the parts one after another; returns the offset of the first byte. One append at a time. */
  append(parts: readonly Bytes[]): Promise<number>
  /** Resolves when everything appended, and the pack's name, would survive a power cut. */
  sync(): Promise<void>
  /** Cuts the pack off at `bytes`; durable only after `sync`. */
  truncate(bytes: number): Promise<void>
  close(): Promise<void>
}

export interface PackStore {
  /** Throws `pack_exists`. */
  create(name: string): Promise<PackWriter>
  /** Throws `pack_missing`. */
  reopen(name: string): Promise<PackWriter>
  /** Throws `pack_missing`, or `pack_unreadable` when the medium fails. */
  read(name: string, offset: number, length: number): Promise<Bytes>
  /** Undefined when there is no such pack. */
  size(name: string): Promise<number | undefined>
  /** All packs in any order. Throws `store_missing` when the place itself is gone. */
  list(): AsyncIterable<{ readonly name: string; readonly bytes: number }>
  /** Durable when it resolves; a pack that is not there is no mistake. */
  delete(name: string): Promise<void>
  freeBytes(): Promise<number>
}
