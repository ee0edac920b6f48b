/** An entry of a snapshot as a page shows it: plain values, which can go from one thread to another. */
import { nameText } from '@backstay/proto/content/archive/shown-text'
import type { Entry, EntryKind } from '@backstay/proto/content/entry'
import type { Path } from '@backstay/proto/content/map/key'

export interface EntryRow {
  readonly path: Path
  readonly name: string
  readonly kind: EntryKind
  /** Of one that could not be read: what it was. */
  readonly isFolder: boolean
  readonly size: number
  readonly mtimeMs: number
  /** Of a symlink. */
  readonly target: string | undefined
  /** Why it could not be read. */
  readonly unread: string | undefined
  readonly hasContent: boolean
  /** It is gone: the newest snapshot that has it. */
  readonly lastIn: number | undefined
}

export function rowOf(path: Path, entry: Entry, lastIn: number | undefined): EntryRow {
  const { kind, size, mtimeS, mtimeNs, target, unread, content } = entry
  return {
    path,
    name: nameText(path.at(-1) ?? new Uint8Array()),
    kind,
    isFolder: kind === 'folder' || unread?.kind === 'folder',
    size,
    mtimeMs: mtimeS * 1000 + mtimeNs / 1e6,
    target: target && nameText(target),
    unread: unread?.reason,
    hasContent: content !== undefined,
    lastIn,
  }
}
