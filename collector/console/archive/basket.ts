/** What somebody wants back: some files and folders of some moments, how much that is, and every entry in it. */
import type { Bytes } from '@backstay/proto/bytes'
import { entryAt, type OpenedArchive, snapshotNumbered } from '@backstay/proto/content/archive/opened'
import type { Entry } from '@backstay/proto/content/entry'
import { type Path, pathOf, subtreeRange, wholeMap } from '@backstay/proto/content/map/key'
import { measureRange } from '@backstay/proto/content/map/measure'
import { type OnLost, scanMap } from '@backstay/proto/content/map/read'

export interface Wish {
  /** Snapshot number. */
  readonly sequence: number
  /** Components from the volume down; one alone is everything. */
  readonly path: Path
}

export interface Amount {
  readonly entries: number
  readonly bytes: number
}

/** An entry that is wanted, and where it goes below the target. */
export interface Wanted {
  readonly place: Path
  readonly entry: Entry
}

/** Throws `no_snapshot`, `not_in_snapshot`, and what a lost page throws. */
export async function amountOf(archive: OpenedArchive, wishes: readonly Wish[]): Promise<Amount> {
  let [entries, bytes] = [0, 0]
  for (const { sequence, path } of wishes) {
    const snapshot = snapshotNumbered(archive, sequence)
    const isWhole = path.length === 1
    const entry = isWhole ? undefined : await entryAt(archive, snapshot, path)
    if (entry !== undefined) {
      entries++
      bytes += entry.size
      if (!isFolder(entry)) continue
    }
    const below = await measureRange(archive.pages, snapshot.root, isWhole ? wholeMap : subtreeRange(path))
    entries += below.entries
    bytes += below.bytes
  }
  return { entries, bytes }
}

/** In the order of the map, so that segments come one after another. Two wishes of one name lie beside each other. */
export async function* entriesOf(
  archive: OpenedArchive,
  wishes: readonly Wish[],
  onLost: OnLost,
): AsyncGenerator<Wanted> {
  const tops = topNames(wishes)
  for (const [index, { sequence, path }] of wishes.entries()) {
    const snapshot = snapshotNumbered(archive, sequence)
    const isWhole = path.length === 1
    const top = tops[index] as Bytes | undefined
    const above = top === undefined ? [] : [top]
    if (!isWhole) {
      const entry = await entryAt(archive, snapshot, path)
      yield { place: above, entry }
      if (!isFolder(entry)) continue
    }
    const range = isWhole ? wholeMap : subtreeRange(path)
    for await (const items of scanMap(archive.pages, snapshot.root, range, onLost)) {
      for (const { key, entry } of items) {
        const below = pathOf(key).slice(path.length)
        // What stands above all is the target itself.
        if (below.length > 0) yield { place: [...above, ...below], entry }
      }
    }
  }
}

export function isFolder(entry: Entry): boolean {
  return entry.kind === 'folder' || entry.unread?.kind === 'folder'
}

/** The last name of each path; of one that is there already, with the number of its snapshot, then with a count. */
function topNames(wishes: readonly Wish[]): (Bytes | undefined)[] {
  const taken = new Set<string>()
  return wishes.map(({ sequence, path }) => {
    const name = path.length === 1 ? undefined : path.at(-1)
    if (name === undefined) return undefined
    const text = new TextDecoder().decode(name)
    let candidate = text
    for (let count = 0; taken.has(candidate); count++)
      candidate = count === 0 ? withMark(text, `#${sequence}`) : withMark(text, `#${sequence}-${count}`)
    taken.add(candidate)
    return candidate === text ? name : new TextEncoder().encode(candidate)
  })
}

/** `notes.txt` → `notes (#12).txt` */
function withMark(name: string, mark: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? `${name.slice(0, dot)} (${mark})${name.slice(dot)}` : `${name} (${mark})`
}
