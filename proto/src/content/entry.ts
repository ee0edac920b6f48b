/** What a snapshot says about one name. The hand-written shape; page.ts maps it to and from bytes. */
import type { Bytes } from '../bytes.ts'
import type { ObjectId } from '../object/id.ts'

/** What opens a sealed object: where it is and its key. Whoever holds one can read what lies below. */
export interface Reference {
  readonly id: ObjectId
  /** AES-256 key, 32 bytes. Never logged. */
  readonly key: Bytes
}

export type NodeKind = 'file' | 'folder' | 'symlink' | 'fifo' | 'socket' | 'character_device' | 'block_device'

/** `unread`: could not be read; `unread.reason` says why and the other fields hold what is known. */
export type EntryKind = NodeKind | 'unread'

export type UnreadReason =
  | 'changed'
  | 'vanished'
  | 'denied'
  | 'io'
  | 'too_long'
  | 'too_deep'
  | 'missing_root'
  | 'unsupported'
  | 'cloud_only'

export interface Unread {
  /** What it was, when that is known. */
  readonly kind: NodeKind | undefined
  readonly reason: UnreadReason
  /** An error name such as EACCES. */
  readonly detail: string
}

export interface Attribute {
  readonly name: Bytes
  readonly value: Bytes
}

/** A run of file bytes: `length` bytes of the opened segment from `start`; without a segment, zeros. */
export interface Extent {
  readonly segment: Reference | undefined
  readonly start: number
  readonly length: number
}

/** The bytes of a file: a few of them inline, or extents that follow one another, or a tree of extents. */
export type Content =
  | { readonly form: 'inline'; readonly bytes: Bytes }
  | { readonly form: 'extents'; readonly extents: readonly Extent[] }
  | { readonly form: 'tree'; readonly root: Reference; readonly extents: number }

export interface Entry {
  readonly kind: EntryKind
  /** Bytes of a file; 0 for all else. */
  readonly size: number
  /** Permission, set-id and sticky bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Names of owner and group as bytes, empty when unknown. */
  readonly user: Bytes
  readonly group: Bytes
  /** Seconds since 1970, negative before, and nanoseconds 0–999,999,999 to add. */
  readonly mtimeS: number
  readonly mtimeNs: number
  /** 16 bytes, equal for all names of one inode. */
  readonly linkGroup: Bytes | undefined
  /** Of a symlink. */
  readonly target: Bytes | undefined
  readonly device: { readonly major: number; readonly minor: number } | undefined
  /** Extended attributes and POSIX ACLs, sorted by name. */
  readonly attributes: readonly Attribute[]
  /** SHA-256 of the content, when there is content. */
  readonly sha256: Bytes | undefined
  readonly content: Content | undefined
  readonly unread: Unread | undefined
  /** A root that was missing: since when what lies below is of an earlier snapshot, in unix seconds. */
  readonly staleSinceS: number | undefined
  /** The file had holes. */
  readonly sparse: boolean
}
