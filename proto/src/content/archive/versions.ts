/** The versions of one file: which content it had in which snapshots; and what differs between two moments. */
import { compareBytes, equalBytes } from '../../bytes.ts'
import type { Entry } from '../entry.ts'
import { type Difference, diffMaps } from '../map/diff.ts'
import { inRange, keyOf, type Path, subtreeRange } from '../map/key.ts'
import { lookup } from '../map/read.ts'
import type { OpenedArchive } from './opened.ts'
import type { Snapshot } from './snapshots.ts'

export interface Version {
  readonly entry: Entry
  /** Snapshots that have it, one after another. */
  readonly firstIn: number
  readonly lastIn: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** Newest first. `told`: after each snapshot that was looked into, so that a long history shows as it comes. */
export async function versionsOf(
  { pages, snapshots }: OpenedArchive,
  path: Path,
  told?: (versions: readonly Version[], looked: number) => void,
  signal?: AbortSignal,
): Promise<readonly Version[]> {
  const key = keyOf(path)
  const versions: Version[] = []
  let [looked, isOpen] = [0, false]
  for (const { root, commit, receivedAtMs } of snapshots) {
    signal?.throwIfAborted()
    if (!commit.complete) continue
    const entry = await lookup(pages, root, key)
    const last = versions.at(-1)
    if (entry === undefined) isOpen = false
    else if (last !== undefined && isOpen && sameVersion(last.entry, entry)) {
      versions[versions.length - 1] = { ...last, firstIn: commit.sequence, firstAtMs: receivedAtMs }
    } else {
      const { sequence } = commit
      versions.push({
        entry,
        firstIn: sequence,
        lastIn: sequence,
        firstAtMs: receivedAtMs,
        lastAtMs: receivedAtMs,
      })
      isOpen = true
    }
    told?.(versions, ++looked)
  }
  return versions
}

/** Content, kind and times; where its bytes lie does not matter. */
export function sameVersion(a: Entry, b: Entry): boolean {
  if (a.kind !== b.kind || a.size !== b.size || a.mode !== b.mode) return false
  if (a.mtimeS !== b.mtimeS || a.mtimeNs !== b.mtimeNs) return false
  if (a.target !== undefined && b.target !== undefined && compareBytes(a.target, b.target) !== 0) return false
  if (a.sha256 === undefined || b.sha256 === undefined) return a.sha256 === b.sha256
  return equalBytes(a.sha256, b.sha256)
}

/** What differs below a folder, in order of keys. Folders count only when they came or went. */
export async function* changesBelow(
  { pages }: OpenedArchive,
  before: Snapshot,
  after: Snapshot,
  folder: Path | undefined,
): AsyncGenerator<Difference> {
  const range = folder && subtreeRange(folder)
  for await (const one of diffMaps(pages, before.root, after.root, isSame)) {
    if (range?.to !== undefined && compareBytes(one.key, range.to) >= 0) return
    if (range === undefined || inRange(one.key, range)) yield one
  }
}

function isSame(a: Entry, b: Entry): boolean {
  return (a.kind === 'folder' && b.kind === 'folder') || sameVersion(a, b)
}
