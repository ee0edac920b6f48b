/** Entries from what the disk says. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Attribute, Entry, EntryKind, NodeKind, Unread } from '@backstay/proto/content/entry'
import type { Found, Refusal } from '../scan/walk.ts'
import type { StatBuffer, System } from '../system/system.ts'

const none = new Uint8Array()

/** Everything but the content, the link group and the target. */
export function describe(system: System, stat: StatBuffer, attributes: readonly Attribute[]): Entry {
  const isNode = stat.kind === 'character_device' || stat.kind === 'block_device'
  return {
    kind: stat.kind,
    size: 0,
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    user: system.userName(stat.uid),
    group: system.groupName(stat.gid),
    mtimeS: stat.mtimeS,
    mtimeNs: stat.mtimeNs,
    linkGroup: undefined,
    target: undefined,
    device: isNode ? { major: stat.nodeMajor, minor: stat.nodeMinor } : undefined,
    attributes,
    sha256: undefined,
    content: undefined,
    unread: undefined,
    staleSinceS: undefined,
    sparse: false,
  }
}

/** An entry of which only the name is known. */
export function unknownEntry(unread: Unread): Entry {
  return {
    kind: 'unread',
    size: 0,
    mode: 0,
    uid: 0,
    gid: 0,
    user: none,
    group: none,
    mtimeS: 0,
    mtimeNs: 0,
    linkGroup: undefined,
    target: undefined,
    device: undefined,
    attributes: [],
    sha256: undefined,
    content: undefined,
    unread,
    staleSinceS: undefined,
    sparse: false,
  }
}

/** What could not be read: described by its stat, with the content that an earlier snapshot has of it. */
export function unreadEntry(
  system: System,
  found: Found,
  refusal: Refusal,
  earlier: Entry | undefined,
): Entry {
  const { reason, detail } = refusal
  const now = describe(system, found.stat, [])
  const kept = earlier?.content === undefined ? undefined : earlier
  return {
    ...now,
    kind: 'unread' satisfies EntryKind,
    unread: { kind: found.stat.kind, reason, detail },
    attributes: earlier?.attributes ?? [],
    size: kept?.size ?? 0,
    sha256: kept?.sha256,
    content: kept?.content,
    sparse: kept?.sparse ?? false,
  }
}

/** A name that cannot be looked at keeps what the last snapshot knows of it. */
export function missedEntry(
  node: NodeKind | undefined,
  { reason, detail }: Refusal,
  earlier: Entry | undefined,
): Entry {
  const unread = { kind: node ?? kindOf(earlier), reason, detail }
  return earlier === undefined ? unknownEntry(unread) : { ...earlier, kind: 'unread', unread }
}

/** A root that is not there, with all that the last snapshot has of it. */
export function staleRootEntry(earlier: Entry | undefined, nowMs: number): Entry {
  const unread = { kind: kindOf(earlier) ?? 'folder', reason: 'missing_root', detail: 'ENOENT' } as const
  if (earlier === undefined) return unknownEntry(unread)
  const staleSinceS = earlier.staleSinceS ?? Math.floor(nowMs / 1000)
  return { ...earlier, kind: 'unread', unread, staleSinceS }
}

function kindOf(entry: Entry | undefined): NodeKind | undefined {
  return entry?.kind === 'unread' ? entry.unread?.kind : entry?.kind
}

export function contentPrefix(sha256: Bytes | undefined): string {
  return sha256 === undefined ? '' : sha256.subarray(0, 8).toHex()
}
