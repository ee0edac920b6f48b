/** Entries to and from their bytes on a page. The only file that knows the generated Entry class. */
import type { Bytes } from '../../bytes.ts'
import { Failure } from '../../failure.ts'
import type { backstay } from '../content.pb.js'
import type {
  Content,
  Entry,
  EntryKind,
  Extent,
  NodeKind,
  Reference,
  Unread,
  UnreadReason,
} from '../entry.ts'

const kinds = {
  file: 1,
  folder: 2,
  symlink: 3,
  fifo: 4,
  socket: 5,
  character_device: 6,
  block_device: 7,
  unread: 8,
} as const satisfies Record<EntryKind, number>

const kindNames = Object.keys(kinds) as EntryKind[]
const unreadReasons: readonly string[] = [
  'changed',
  'vanished',
  'denied',
  'io',
  'too_long',
  'too_deep',
  'missing_root',
  'unsupported',
  'cloud_only',
] satisfies UnreadReason[]

export type EntryMessage = backstay.content.Entry.$Properties
export type ExtentMessage = backstay.content.Extent.$Properties
/** The index of a child in the header of the page being written. */
export type IndexOf = (reference: Reference) => number
/** The child with this index on the page being read; throws for one that does not exist. */
export type ChildAt = (index: number) => Reference

const none = new Uint8Array()

/** Calls `visit` for each object that the entry refers to. */
export function eachReference(entry: Entry, visit: (reference: Reference) => void): void {
  if (entry.content === undefined) return
  if (entry.content.form === 'tree') visit(entry.content.root)
  if (entry.content.form === 'extents') {
    for (const extent of entry.content.extents) if (extent.segment !== undefined) visit(extent.segment)
  }
}

export function entryToMessage(entry: Entry, indexOf: IndexOf): EntryMessage {
  const message: EntryMessage = {
    kind: kinds[entry.kind] as number,
    size: entry.size,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    user: entry.user,
    group: entry.group,
    mtimeS: entry.mtimeS,
    mtimeNs: entry.mtimeNs,
    sparse: entry.sparse,
  }
  if (entry.linkGroup !== undefined) message.linkGroup = entry.linkGroup
  if (entry.target !== undefined) message.target = entry.target
  if (entry.device !== undefined) {
    message.deviceMajor = entry.device.major
    message.deviceMinor = entry.device.minor
  }
  if (entry.attributes.length > 0)
    message.attributes = entry.attributes.map(({ name, value }) => ({ name, value }))
  if (entry.sha256 !== undefined) message.sha256 = entry.sha256
  if (entry.staleSinceS !== undefined) message.staleSinceS = entry.staleSinceS
  if (entry.unread !== undefined) message.unread = unreadToMessage(entry.unread, entry.content !== undefined)
  if (entry.content !== undefined) contentToMessage(entry.content, indexOf, message)
  return message
}

function contentToMessage(content: Content, indexOf: IndexOf, message: EntryMessage): void {
  switch (content.form) {
    case 'inline':
      message.inline = content.bytes
      return
    case 'tree':
      message.extentTree = { child: indexOf(content.root), extents: content.extents }
      return
    case 'extents':
      message.extents = content.extents.map(extent => extentToMessage(extent, indexOf))
  }
}

export function extentToMessage(extent: Extent, indexOf: IndexOf): ExtentMessage {
  const segment = extent.segment === undefined ? 0 : indexOf(extent.segment) + 1
  return { segment, start: extent.start, length: extent.length }
}

export function extentFromMessage(message: ExtentMessage, childAt: ChildAt): Extent {
  const segment = message.segment ?? 0
  const start = message.start ?? 0
  const length = wholeNumber(message.length ?? 0)
  return { segment: segment === 0 ? undefined : childAt(segment - 1), start, length }
}

export function entryFromMessage(message: EntryMessage, childAt: ChildAt): Entry {
  const kind = kindNames[(message.kind ?? 0) - 1]
  if (kind === undefined) throw damaged(`kind ${message.kind} is not known to this version`)
  const hasDevice = kind === 'character_device' || kind === 'block_device'
  return {
    kind,
    size: wholeNumber(message.size ?? 0),
    mode: message.mode ?? 0,
    uid: message.uid ?? 0,
    gid: message.gid ?? 0,
    user: message.user ?? none,
    group: message.group ?? none,
    mtimeS: safeInteger(message.mtimeS ?? 0),
    mtimeNs: nanoseconds(message.mtimeNs ?? 0),
    linkGroup: nonEmpty(message.linkGroup),
    target: nonEmpty(message.target),
    device: hasDevice ? { major: message.deviceMajor ?? 0, minor: message.deviceMinor ?? 0 } : undefined,
    attributes: (message.attributes ?? []).map(({ name, value }) => ({
      name: name ?? none,
      value: value ?? none,
    })),
    sha256: nonEmpty(message.sha256),
    content: contentFromMessage(kind, message, childAt),
    unread: kind === 'unread' ? unreadFromMessage(message.unread ?? {}) : undefined,
    staleSinceS: message.staleSinceS ? safeInteger(message.staleSinceS) : undefined,
    sparse: message.sparse ?? false,
  }
}

/** A file always has content; what could not be read has content only when an earlier version is kept. */
function contentFromMessage(kind: EntryKind, message: EntryMessage, childAt: ChildAt): Content | undefined {
  if (kind !== 'file' && !(kind === 'unread' && message.unread?.hasContent)) return undefined
  const size = wholeNumber(message.size ?? 0)
  const tree = message.extentTree
  if (tree) return { form: 'tree', root: childAt(tree.child ?? 0), extents: wholeNumber(tree.extents ?? 0) }
  if (message.extents && message.extents.length > 0) {
    const extents = message.extents.map(extent => extentFromMessage(extent, childAt))
    const length = extents.reduce((sum, extent) => sum + extent.length, 0)
    if (length !== size) throw damaged(`its extents hold ${length} of ${size} bytes`)
    return { form: 'extents', extents }
  }
  const bytes = message.inline ?? none
  if (bytes.length !== size) throw damaged(`it holds ${bytes.length} of ${size} bytes`)
  return { form: 'inline', bytes }
}

function unreadToMessage(unread: Unread, hasContent: boolean): backstay.content.Unread.$Properties {
  const kind = unread.kind === undefined ? 0 : (kinds[unread.kind] as number)
  return { kind, reason: unread.reason, detail: unread.detail, hasContent }
}

function unreadFromMessage(message: backstay.content.Unread.$Properties): Unread {
  const reason = message.reason ?? ''
  const kind = kindNames[(message.kind ?? 0) - 1]
  return {
    kind: kind === undefined || kind === 'unread' ? undefined : (kind as NodeKind),
    // A later version may know more reasons; the entry stays listed as unread all the same.
    reason: unreadReasons.includes(reason) ? (reason as UnreadReason) : 'unsupported',
    detail: message.detail ?? '',
  }
}

function nonEmpty(bytes: Bytes | null | undefined): Bytes | undefined {
  return bytes == null || bytes.length === 0 ? undefined : bytes
}

function safeInteger(value: number): number {
  if (!Number.isSafeInteger(value)) throw damaged('a number is out of range')
  return value
}

/** 0 ≤ value < 2^53; throws `bad_page`. */
export function wholeNumber(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw damaged('a number is out of range')
  return value
}

function nanoseconds(value: number): number {
  if (value >= 1e9) throw damaged('its time has more than a second of nanoseconds')
  return value
}

function damaged(why: string): Failure {
  return new Failure('bad_page', `an entry is damaged: ${why}`, { remedy: 'repair' })
}
