/**
 * The part of a snapshot that goes into a parcel: some paths, each with all below it, under the paths that they had. Of the folders
 * on the way the nearest that all of it lies in and those below that come along as they are, with nothing else in them.
 *
 *     /home/ada/papers, /home/ada/mail/2026   →   /home/ada, papers…, mail, 2026…
 */
import { type Bytes, compareBytes, concat, equalBytes, utf8 } from '@backstay/proto/bytes'
import { meantEntry } from '@backstay/proto/content/archive/meant-entry'
import { pathText } from '@backstay/proto/content/archive/shown-text'
import type { Reference } from '@backstay/proto/content/entry'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { type KeyRange, keyOf, type Path, subtreeRange, wholeMap } from '@backstay/proto/content/map/key'
import { type Measure, measureRange } from '@backstay/proto/content/map/measure'
import type { MapItem } from '@backstay/proto/content/map/page'
import { lookup, type OnLost, type PageSource, scanMap } from '@backstay/proto/content/map/read'
import { Failure } from '@backstay/proto/failure'

export interface Part {
  /** As the snapshot has them. */
  readonly paths: readonly Path[]
  /** What the receiver restores: one path, or the folder that all paths lie in. */
  readonly top: Path
  /** Apart from one another, in the order of the map. */
  readonly ranges: readonly KeyRange[]
}

/** Somebody typed them, or ticked them: more is a folder above. */
export const pathsMax = 64

/** As they were typed. Throws `bad_path`, `bad_root`, `too_many_paths`. */
export function pathsOf(texts: readonly string[]): readonly Path[] {
  if (texts.length > pathsMax)
    throw new Failure('too_many_paths', `a parcel holds at most ${pathsMax} paths, not ${texts.length}`, {
      hint: 'name a folder that holds them',
    })
  const paths = texts.map(text => componentsOf(utf8(text)))
  const [first] = paths
  if (first === undefined) throw new Failure('bad_path', 'say what the parcel is to hold')
  if (commonTop(paths).length === 0)
    throw new Failure('bad_path', 'these paths lie on several volumes', { hint: 'make a parcel of each' })
  return paths
}

/** Of what is meant by `typed`, without what lies in another of them. Throws `not_in_snapshot`. */
export async function partOf(pages: PageSource, root: Reference, typed: readonly Path[]): Promise<Part> {
  const meant: Path[] = []
  for (const path of typed) {
    const found = path.length > 1 ? await meantEntry(pages, root, path) : { path }
    if (found === undefined)
      throw new Failure('not_in_snapshot', `"${pathText(path)}" is not in this snapshot`, {
        hint: 'list what is there: backstay ls, or choose another moment with --at',
      })
    meant.push(found.path)
  }
  const paths = meant.filter((path, index) => !meant.some((other, at) => isCovered(path, index, other, at)))
  const common = commonTop(paths)
  // A folder that holds the roots of a policy may be none itself.
  const isThere = common.length > 1 && (await lookup(pages, root, keyOf(common))) !== undefined
  const top = isThere ? common : common.slice(0, 1)
  const onTheWay = new Map<string, Path>()
  for (const path of paths)
    for (let length = Math.max(2, top.length); length < path.length; length++) {
      const above = path.slice(0, length)
      onTheWay.set(keyOf(above).toHex(), above)
    }
  const ranges = [
    ...[...onTheWay.values()].map(entryRange),
    ...paths.flatMap(path => (path.length === 1 ? [wholeMap] : [entryRange(path), subtreeRange(path)])),
  ]
  return { paths, top, ranges: ranges.toSorted((a, b) => compareBytes(a.from, b.from)) }
}

/** Throws what a lost page throws. */
export async function amountOf(pages: PageSource, root: Reference, { ranges }: Part): Promise<Measure> {
  const sum = { entries: 0, bytes: 0 }
  for (const range of ranges) {
    const { entries, bytes } = await measureRange(pages, root, range)
    sum.entries += entries
    sum.bytes += bytes
  }
  return sum
}

/** In the order of the map. */
export async function* itemsOf(
  pages: PageSource,
  root: Reference,
  { ranges }: Part,
  onLost: OnLost,
): AsyncGenerator<MapItem> {
  for (const range of ranges) for await (const items of scanMap(pages, root, range, onLost)) yield* items
}

/** As a restore wishes for it. */
export function wishedPath([volume = new Uint8Array(), ...below]: Path): Bytes {
  const slash = utf8('/')
  const first = equalBytes(volume, slash) ? [] : [volume]
  if (below.length === 0) return concat(...first, slash)
  return concat(...first, ...below.flatMap(name => [slash, name]))
}

/** The one path itself, or the nearest folder of all. */
function commonTop([first = [], ...others]: readonly Path[]): Path {
  let length = first.length
  for (const path of others) {
    let same = 0
    while (same < length && isSame(first[same], path[same])) same++
    length = same
  }
  return first.slice(0, length)
}

function isCovered(path: Path, index: number, other: Path, at: number): boolean {
  const isBelow = other.length <= path.length && other.every((name, depth) => isSame(name, path[depth]))
  return at !== index && isBelow && (other.length < path.length || at < index)
}

const isSame = (a: Bytes | undefined, b: Bytes | undefined): boolean =>
  a !== undefined && b !== undefined && equalBytes(a, b)

/** The entry alone. */
function entryRange(path: Path): KeyRange {
  const from = keyOf(path)
  return { from, to: concat(from, Uint8Array.of(0)) }
}
