/** What the kernel tells of changes in folders: the seam under the native watcher. */
import type { Handle } from './system.ts'

export interface Notice {
  /** Number of the watch, or -1 when the queue was full and anything may have been missed. */
  readonly watch: number
  readonly kind: NoticeKind
  /** In the folder; one character a byte. Empty when the folder itself is meant. */
  readonly name: string
  readonly isFolder: boolean
}

/** `arrived`: made, or moved here. `left`: removed, or moved away. `ended`: this watch tells nothing more. */
export type NoticeKind = 'arrived' | 'left' | 'changed' | 'ended' | 'overflow'

export interface FolderNotices {
  /**
   * Watches a folder, not what is below its subfolders. Returns a number, the same for the same folder, or the negative
   * error number: ENOSPC when this user may watch no more.
   */
  tryWatch(folder: Handle): number
  forget(watch: number): void
  /** Hands over all that waits; returns how many there were. */
  take(each: (notice: Notice) => void): number
  /** Calls `wake` once, as soon as something waits; nothing is spent until then. */
  arm(wake: () => void): void
  close(): void
}
