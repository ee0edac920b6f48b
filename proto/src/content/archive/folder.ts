/** What lies in a folder at a moment, and what lay there before and is gone. */

import type { Bytes } from '../../bytes.ts'
import { hex } from '../../bytes.ts'
import type { Entry } from '../entry.ts'
import { childrenRange, type Path } from '../map/key.ts'
import { scanMap } from '../map/read.ts'
import type { OpenedArchive } from './opened.ts'
import type { Snapshot } from './snapshots.ts'

export interface Child {
  readonly name: Bytes
  readonly entry: Entry
  /** It is not there at the chosen moment; the newest earlier snapshot that has it. */
  readonly lastIn: number | undefined
}

export interface Listed {
  /** In the order of their bytes; folders are not apart. */
  readonly children: readonly Child[]
  /** There are more than were asked for. */
  readonly isCut: boolean
  /** Entries that are lost with pages of the map; undefined: some, nobody knows how many. */
  readonly lost: readonly { readonly entries: number | undefined; readonly code: string }[]
}

/** A folder of a hundred thousand files is searched, not scrolled. */
export const childrenMax = 20_000
/** Earlier snapshots that are looked into for what is gone. */
const earlierMax = 60

export async function listFolder(
  { pages }: OpenedArchive,
  { root }: Snapshot,
  folder: Path,
  most = childrenMax,
): Promise<Listed> {
  const children: Child[] = []
  const lost: { entries: number | undefined; code: string }[] = []
  const range = childrenRange(folder)
  const read = scanMap(pages, root, range, ({ entries, failure }) =>
    lost.push({ entries, code: failure.code }),
  )
  for await (const items of read) {
    for (const { key, entry } of items) {
      if (children.length === most) return { children, isCut: true, lost }
      children.push({ name: key.slice(range.from.length), entry, lastIn: undefined })
    }
  }
  return { children, isCut: false, lost }
}

/** What earlier snapshots have in this folder and this one has not, newest version of each. */
export async function goneFrom(
  archive: OpenedArchive,
  snapshot: Snapshot,
  folder: Path,
  most = childrenMax,
): Promise<readonly Child[]> {
  const now = await listFolder(archive, snapshot, folder, most)
  const known = new Set(now.children.map(child => hex(child.name)))
  const gone: Child[] = []
  const earlier = archive.snapshots.filter(
    one => one.commit.complete && one.commit.sequence < snapshot.commit.sequence,
  )
  for (const one of spread(earlier, earlierMax)) {
    const before = await listFolder(archive, one, folder, most)
    for (const child of before.children) {
      const name = hex(child.name)
      if (known.has(name)) continue
      known.add(name)
      gone.push({ ...child, lastIn: one.commit.sequence })
    }
  }
  return gone
}

/** All of them, or so many from the first to the last; the first ones densely, since those are wanted most. */
export function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  const dense = Math.floor(most / 2)
  const rest = all.slice(dense)
  const step = (rest.length - 1) / (most - dense - 1)
  return [
    ...all.slice(0, dense),
    ...Array.from({ length: most - dense }, (_, index) => rest[Math.round(index * step)] as T),
  ]
}
