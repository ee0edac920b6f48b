/** What the page is told, as JSON. Names are written as people may read them; keys say which path is meant. */
import type { Bytes } from '@backstay/proto/bytes'
import { type Child, type Listed, spread } from '@backstay/proto/content/archive/folder'
import type { Found } from '@backstay/proto/content/archive/search'
import { nameText, pathText } from '@backstay/proto/content/archive/shown-text'
import type { Snapshot } from '@backstay/proto/content/archive/snapshots'
import type { Version } from '@backstay/proto/content/archive/versions'
import type { Entry } from '@backstay/proto/content/entry'
import { keyOf, type Path } from '@backstay/proto/content/map/key'

/** Of a long history; the versions of a file name every moment. */
const momentsMax = 400
/** More than anybody scrolls; the rest is searched for. */
const shownMax = 2000

export const keyText = (path: Path): string => keyOf(path).toBase64({ alphabet: 'base64url' })

export function momentsShape(snapshots: readonly Snapshot[]) {
  const complete = snapshots.filter(one => one.commit.complete)
  return {
    count: complete.length,
    moments: spread(complete, momentsMax).map(momentShape),
  }
}

export function momentShape({ commit, receivedAtMs }: Snapshot) {
  return { sequence: commit.sequence, atMs: receivedAtMs }
}

export function folderShape(snapshot: Snapshot, path: Path, { children, isCut, lost }: Listed) {
  return {
    at: momentShape(snapshot),
    key: keyText(path),
    crumbs: path.map((name, index) => ({
      name: nameText(name),
      key: keyText(path.slice(0, index + 1)),
    })),
    ...childrenShape(path, children, isCut),
    lost: lost.length,
  }
}

/** `snapshots`: of those that are gone, to say when they were last there. */
export function childrenShape(
  path: Path,
  children: readonly Child[],
  isCut = false,
  snapshots: readonly Snapshot[] = [],
) {
  const times = new Map(snapshots.map(one => [one.commit.sequence, one.receivedAtMs]))
  const sorted = children.toSorted((a, b) => rank(a.entry) - rank(b.entry))
  return {
    children: sorted.slice(0, shownMax).map(child => ({
      ...childShape(path, child),
      lastAtMs: child.lastIn && times.get(child.lastIn),
    })),
    isCut: isCut || children.length > shownMax,
  }
}

function childShape(folder: Path, { name, entry, lastIn }: Child) {
  return { name: nameText(name), key: keyText([...folder, name]), lastIn, ...entryShape(entry) }
}

function entryShape(entry: Entry) {
  return {
    kind: kindOf(entry),
    size: entry.size,
    changedMs: entry.mtimeS * 1000,
    unread: entry.unread?.reason,
  }
}

export function versionsShape(path: Path, versions: readonly Version[]) {
  return {
    name: nameText(path.at(-1) ?? new Uint8Array()),
    folder: pathText(path.slice(0, -1)),
    key: keyText(path),
    versions: versions.map(({ entry, lastIn, firstAtMs, lastAtMs }) => ({
      ...entryShape(entry),
      ...{ lastIn, firstAtMs, lastAtMs },
    })),
  }
}

export function foundShape({ path, events }: Found, snapshots: readonly Snapshot[]) {
  const last = events.at(-1)
  const isGone = last?.isGone === true
  return {
    name: nameText(path.at(-1) ?? new Uint8Array()),
    folder: pathText(path.slice(0, -1)),
    key: keyText(path),
    isGone,
    /** When a snapshot first was without it. */
    goneAtMs: isGone ? snapshots.find(one => one.commit.sequence === last.sequence)?.receivedAtMs : undefined,
  }
}

export function rootShape(path: Path, bytes: Bytes) {
  return { name: nameText(bytes), key: keyText(path) }
}

const rank = (entry: Entry) => (kindOf(entry) === 'folder' ? 0 : 1)

function kindOf({ kind, unread }: Entry): string {
  return kind === 'unread' ? (unread?.kind ?? 'file') : kind
}
