/**
 * What another policy does to the files of one device, by whoever holds its keys: each file of the newest snapshot is asked
 * under the old and the new roots and patterns. What no snapshot ever had, nobody but the device knows.
 */
import type { OpenedArchive } from '@backstay/proto/content/archive/opened'
import { pathText } from '@backstay/proto/content/archive/shown-text'
import type { Snapshot } from '@backstay/proto/content/archive/snapshots'
import type { Entry } from '@backstay/proto/content/entry'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { diffMaps } from '@backstay/proto/content/map/diff'
import { type KeyRange, keyOf, type Path, pathOf, subtreeRange } from '@backstay/proto/content/map/key'
import { lookup, type PageSource, scanMap } from '@backstay/proto/content/map/read'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { PolicyValues } from '@backstay/proto/policy/effective'
import { expandedRoots, type PolicyRoot } from '@backstay/proto/policy/expanded-roots'
import type { OperatingSystem } from '@backstay/proto/policy/places'
import { visible } from '@backstay/proto/policy/places'
import { type Coverage, coverageOf } from './coverage.ts'
import { seenMachine } from './seen-machine.ts'

export interface Amount {
  readonly files: number
  /** Logical bytes. */
  readonly bytes: number
}

export interface FolderAmount extends Amount {
  /** As people read it. */
  readonly folder: string
}

export interface DeviceFiles {
  /** Protected in the newest snapshot, and not by the new policy. */
  readonly leaving: Amount
  /** The outermost folders that leave, or in which single files do; largest first. */
  readonly folders: readonly FolderAmount[]
  /** Not protected by the old policy, and by the new one, as far as snapshots have it. */
  readonly coming: Amount
  /** The new policy may take in what no snapshot has. */
  readonly mayTakeNew: boolean
  /** What was not looked at, or cannot be read. */
  readonly unknown: readonly string[]
}

/** Pages of maps that may still be read for one question; 64 entries each. */
export interface PageBudget {
  left: number
}

/** Half a million entries, some 64 MB of sealed pages: some seconds. */
export const devicePagesMax = 8_000
const foldersMax = 5
/** Older snapshots that are asked for what was protected once: the newest, the oldest and one between. */
const olderMax = 3
const outOfBudget = 'looked_enough'

export async function deviceFiles(
  archive: OpenedArchive,
  system: OperatingSystem,
  before: PolicyValues,
  after: PolicyValues,
  total: PageBudget,
): Promise<DeviceFiles> {
  const newest = archive.snapshots.find(one => one.commit.complete) ?? archive.snapshots[0]
  if (newest === undefined) return { ...nothing, unknown: ['it has no snapshot yet'] }
  const machine = await seenMachine(archive, newest, system, before)
  const rootsOf = (values: PolicyValues) => expandedRoots(values, machine, () => true)
  const [old, next] = [rootsOf(before), rootsOf(after)]
  const mayTakeNew = mayTakeMore(old, next)
  const [was, is] = [coverageOf(old), coverageOf(next)]
  const leaving = foldersSum()
  const coming = foldersSum()
  const counted = new Set<string>()
  const unknown = unplacedRoots(newest, was)
  const pages = budgeted(archive.pages, total)
  let looked = 0
  try {
    for (const { key, entry } of await rootEntries(pages, newest, [...old, ...next])) look(key, entry)
    for (const range of rangesThatDiffer(old, next)) {
      for await (const items of scanMap(pages, newest.root, range, lost)) {
        for (const { key, entry } of items) look(key, entry)
      }
    }
    if (mayTakeNew) {
      for (const older of olderThan(archive, newest)) {
        for await (const { key, before: gone, after: there } of diffMaps(
          pages,
          older.root,
          newest.root,
          () => true,
        )) {
          if (gone !== undefined && there === undefined) lookBack(key, gone)
        }
      }
    }
  } catch (error) {
    if (!isFailure(error) || (error.code !== outOfBudget && error.remedy !== 'repair')) throw error
    unknown.push(
      error.code === outOfBudget
        ? `only ${looked} of its ${newest.commit.entries} entries were looked at, not to take minutes`
        : `a part of its snapshots cannot be read: ${error.message}`,
    )
  }
  return {
    leaving: leaving.amount(),
    folders: leaving.largest(foldersMax),
    coming: coming.amount(),
    mayTakeNew,
    unknown,
  }

  function look(key: Uint8Array, entry: Entry): void {
    looked++
    if (entry.kind === 'folder') return
    const path = pathOf(key)
    const [did, does] = [was.covers(path, false), is.covers(path, false)]
    if (did && !does) leaving.add(leftFolder(path), entry)
    else if (does && !did) coming.add(path, entry)
  }

  /** The outermost folder that was protected and is not; of a single file that leaves, the folder that it is in. */
  function leftFolder(path: Path): Path {
    let length = is.outsideAt(path.slice(0, -1)) ?? path.length - 1
    while (length < path.length && !was.covers(path.slice(0, length), true)) length++
    return path.slice(0, length)
  }

  /** Of the versions that older snapshots have the newest counts. */
  function lookBack(key: Uint8Array, entry: Entry): void {
    if (entry.kind === 'folder') return
    const path = pathOf(key)
    if (was.covers(path, false) || !is.covers(path, false)) return
    const text = pathText(path)
    if (!counted.has(text)) coming.add(path, entry)
    counted.add(text)
  }

  function lost({ entries }: { readonly entries: number | undefined }): void {
    unknown.push(`${entries ?? 'some'} of its entries lie in a damaged page and were not counted`)
  }
}

const none: Amount = { files: 0, bytes: 0 }
const nothing = { leaving: none, folders: [], coming: none, mayTakeNew: true }

/** Whether something may be protected that was not: told by the roots and patterns alone. */
function mayTakeMore(old: readonly PolicyRoot[], next: readonly PolicyRoot[]): boolean {
  const before = byPath(old)
  return [...byPath(next)].some(([path, now]) => {
    const was = before.get(path)
    if (was === undefined) return true
    const added = now.filter(one => !was.includes(one))
    const removed = was.filter(one => !now.includes(one))
    // A pattern with "!" takes back what those before it exclude, so their order counts, too.
    const isBack = (one: string) => one.startsWith('!')
    const isMoved = added.length + removed.length === 0 && now.join('\n') !== was.join('\n')
    return isMoved || added.some(isBack) || removed.some(one => !isBack(one))
  })
}

function byPath(roots: readonly PolicyRoot[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { path, excludes } of roots) if (!found.has(visible(path))) found.set(visible(path), excludes)
  return found
}

/** Below roots that are not the same before and after; none within another. */
function rangesThatDiffer(old: readonly PolicyRoot[], next: readonly PolicyRoot[]): KeyRange[] {
  const [before, after] = [byPath(old), byPath(next)]
  const isOther = ({ path }: PolicyRoot) =>
    before.get(visible(path))?.join('\n') !== after.get(visible(path))?.join('\n')
  const places = [...old, ...next].filter(isOther).map(({ path }) => componentsOf(path))
  const outermost = new Map(places.map(place => [pathText(place), place]))
  for (const place of places) {
    for (let length = 1; length < place.length; length++) {
      if (outermost.has(pathText(place.slice(0, length)))) outermost.delete(pathText(place))
    }
  }
  return [...outermost.values()].map(place => subtreeRange(place))
}

/** Roots that are files themselves. */
async function rootEntries(pages: PageSource, { root }: Snapshot, roots: readonly PolicyRoot[]) {
  const found: { readonly key: Uint8Array; readonly entry: Entry }[] = []
  for (const [, { path }] of new Map(roots.map(one => [visible(one.path), one]))) {
    const key = keyOf(componentsOf(path))
    const entry = await lookup(pages, root, key)
    if (entry !== undefined && entry.kind !== 'folder') found.push({ key, entry })
  }
  return found
}

/** What the snapshot has and the words of the old policy do not name: behind a link, or of an older policy still. */
function unplacedRoots({ body }: Snapshot, was: Coverage): string[] {
  const unplaced = body.roots.filter(root => !was.covers(componentsOf(root), true))
  if (unplaced.length === 0) return []
  const shown = unplaced.slice(0, foldersMax).map(visible).join(', ')
  return [
    `its newest snapshot has roots that the policy of today does not name in these words, and they were not counted: ${shown}`,
  ]
}

function olderThan({ snapshots }: OpenedArchive, newest: Snapshot): Snapshot[] {
  const older = snapshots.filter(one => one.commit.complete && one.commit.sequence < newest.commit.sequence)
  const places = [0, Math.floor(older.length / 2), older.length - 1].slice(0, olderMax)
  return [...new Set(places)].flatMap(place => older[place] ?? [])
}

function budgeted(source: PageSource, total: PageBudget): PageSource {
  const own: PageBudget = { left: devicePagesMax }
  return {
    async *pages(tree, references) {
      for (const budget of [own, total]) {
        budget.left -= references.length
        if (budget.left < 0) throw new Failure(outOfBudget, 'that are enough pages for one question')
      }
      yield* source.pages(tree, references)
    },
  }
}

function foldersSum() {
  const folders = new Map<string, { files: number; bytes: number }>()
  return {
    add(folder: readonly Uint8Array[], entry: Entry): void {
      const text = pathText(folder)
      const sum = folders.get(text) ?? { files: 0, bytes: 0 }
      folders.set(text, sum)
      sum.files++
      sum.bytes += entry.size
    },
    amount(): Amount {
      let [files, bytes] = [0, 0]
      for (const one of folders.values()) {
        files += one.files
        bytes += one.bytes
      }
      return { files, bytes }
    },
    largest(most: number): FolderAmount[] {
      return [...folders]
        .map(([folder, amount]) => ({ folder, ...amount }))
        .sort((a, b) => b.bytes - a.bytes || b.files - a.files || (a.folder < b.folder ? -1 : 1))
        .slice(0, most)
    },
  }
}
