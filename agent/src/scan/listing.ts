/** What is in a folder, sorted by bytes, and how a thread hands it over: all stats in one array, all names in another. */
import type { Bytes } from '@backstay/proto/bytes'
import type { NodeKind } from '@backstay/proto/content/entry'
import { type Excludes, nameText } from '@backstay/proto/policy/excludes'
import { emptyStat, type Handle, type StatBuffer, type System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'
import { fewNamesIn, type Names, namesIn } from './folder-names.ts'

export interface Listing {
  readonly count: number
  name(index: number): Bytes
  /** Whether its name is what `key` has from `at` on. */
  isNamed(index: number, key: Bytes, at: number): boolean
  /** 0, or the negative number of the error. */
  stat(index: number, into: StatBuffer): number
  /** A subfolder that was listed along. */
  below(index: number): PackedListing | undefined
}

/** A folder listed by a thread. */
export interface PackedListing {
  /** Of the folder itself: whoever uses the listing compares it with what it opened. */
  readonly inode: number
  readonly deviceMajor: number
  readonly deviceMinor: number
  /** Each ended by a NUL. */
  readonly names: Bytes
  /** `statNumbers` of each entry. */
  readonly stats: Float64Array<ArrayBuffer>
  /** By index: subfolders that were listed along. */
  readonly below: ReadonlyMap<number, PackedListing>
  /** In it and in what was listed along. */
  readonly entries: number
}

/** Whose subfolders are listed along: those that a walk comes to. */
export interface Along {
  readonly excludes: Excludes | undefined
  /** Below the root of the excludes, of the folder that is listed; with a slash at its end unless empty. */
  readonly path: string
}

/** Lists folders ahead of a walk, in threads. */
export interface FolderLister {
  /**
   * In the order of `names`, which are in `folder`; undefined where the caller must look itself: a folder that cannot be
   * listed or is too large. With `along` some of what lies in them is listed too. `folder` stays open until then.
   */
  list(
    folder: Handle,
    names: readonly Bytes[],
    along: Along | undefined,
  ): Promise<readonly (PackedListing | undefined)[]>
}

/** Larger folders are listed by the walk itself, a name at a time. */
const entriesMax = 1024
const kinds: readonly NodeKind[] = [
  'file',
  'folder',
  'symlink',
  'fifo',
  'socket',
  'character_device',
  'block_device',
]
const statNumbers = 18
/** Subfolders are listed along until there are so many entries in one answer. */
const alongMax = 2048
/** Each level is an open folder. */
const depthMax = 16

/** Throws SystemError. Each entry is looked at when it is asked for. */
export function listOwn(system: System, folder: Handle): Listing {
  return listingOf(system, folder, namesIn(system, folder))
}

function listingOf(system: System, folder: Handle, names: Names): Listing {
  return {
    count: names.count,
    name: names.at,
    isNamed(index, key, at) {
      const name = names.at(index)
      return isTail(name, 0, name.length, key, at)
    },
    stat: (index, into) => system.tryStatAt(folder, names.at(index), into),
    below: () => undefined,
  }
}

/** What `FolderLister.list` answers. */
export function packListings(
  system: System,
  at: Handle,
  names: readonly Bytes[],
  along: Along | undefined,
): (PackedListing | undefined)[] {
  let entries = 0
  return names.map(name => pack(at, name, along, 0))

  function pack(at: Handle, name: Bytes, along: Along | undefined, depth: number): PackedListing | undefined {
    const folder = system.tryOpenFolder(at, name)
    if (folder < 0) return undefined
    try {
      const itself = emptyStat()
      system.tryStat(folder, itself)
      const few = fewNamesIn(system, folder, entriesMax)
      if (few === undefined) return undefined
      const listing = listingOf(system, folder, few)
      const before = entries
      entries += listing.count
      const { stats, folders } = packStats(listing, itself)
      const inside = depth < depthMax && along ? { ...along, path: pathBelow(along, name) } : undefined
      const below = inside ? packBelow(folder, listing, folders, inside, depth + 1) : noneBelow
      const { inode, deviceMajor, deviceMinor } = itself
      const names = joinNames(Array.from({ length: listing.count }, (_, index) => listing.name(index)))
      return { inode, deviceMajor, deviceMinor, names, stats, below, entries: entries - before }
    } catch (error) {
      if (!isSystemError(error)) throw error
      return undefined
    } finally {
      system.close(folder)
    }
  }

  function packBelow(
    folder: Handle,
    listing: Listing,
    folders: readonly number[],
    along: Along,
    depth: number,
  ): Map<number, PackedListing> {
    const below = new Map<number, PackedListing>()
    for (const index of folders) {
      if (entries >= alongMax) break
      const name = listing.name(index)
      if (along.excludes?.excluded(along.path + nameText(name), true)) continue
      const listed = pack(folder, name, along, depth)
      if (listed !== undefined) below.set(index, listed)
    }
    return below
  }
}

const noneBelow: ReadonlyMap<number, PackedListing> = new Map()

/** Of all that is listed; and which of it are folders that no mount hides: where a network may be asked, the walk asks itself. */
function packStats(listing: Listing, parent: StatBuffer) {
  const stats = new Float64Array(listing.count * statNumbers)
  const folders: number[] = []
  const stat = emptyStat()
  for (let index = 0; index < listing.count; index++) {
    const failed = listing.stat(index, stat)
    packStat(stats, index * statNumbers, failed, stat)
    if (failed === 0 && stat.kind === 'folder' && isOneMount(stat, parent)) folders.push(index)
  }
  return { stats, folders }
}

/** Kernels before Linux 5.8 and other systems do not tell mounts: there the devices do. */
const isOneMount = (one: StatBuffer, other: StatBuffer) =>
  one.mount === other.mount && one.deviceMajor === other.deviceMajor && one.deviceMinor === other.deviceMinor

/** Without patterns nobody asks for it. */
const pathBelow = ({ excludes, path }: Along, name: Bytes) =>
  excludes === undefined ? '' : `${path}${nameText(name)}/`

export function unpackListing({ names, stats, below }: PackedListing): Listing {
  const count = stats.length / statNumbers
  const ends = new Uint32Array(count)
  for (let index = 0, end = -1; index < count; index++) ends[index] = end = names.indexOf(0, end + 1)
  const start = (index: number) => (index === 0 ? 0 : (ends[index - 1] as number) + 1)
  return {
    count,
    name: index => names.subarray(start(index), ends[index]),
    isNamed: (index, key, at) => isTail(names, start(index), ends[index] as number, key, at),
    stat: (index, into) => unpackStat(stats, index * statNumbers, into),
    below: index => below.get(index),
  }
}

export function joinNames(names: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(names.reduce((length, name) => length + name.length + 1, 0))
  let at = 0
  for (const name of names) {
    joined.set(name, at)
    at += name.length + 1
  }
  return joined
}

export function splitNames(joined: Bytes): Bytes[] {
  const names: Bytes[] = []
  for (let start = 0; start < joined.length; ) {
    const end = joined.indexOf(0, start)
    names.push(joined.subarray(start, end))
    start = end + 1
  }
  return names
}

/** Whether `bytes` from `start` to `end` are what `key` has from `at` on. */
function isTail(bytes: Bytes, start: number, end: number, key: Bytes, at: number): boolean {
  if (key.length - at !== end - start) return false
  // Most names of a folder differ at their ends.
  for (let index = end - 1; index >= start; index--)
    if (bytes[index] !== key[at + index - start]) return false
  return true
}

function packStat(into: Float64Array, at: number, failed: number, stat: StatBuffer): void {
  into[at] = failed
  into[at + 1] = kinds.indexOf(stat.kind)
  into[at + 2] = stat.mode
  into[at + 3] = stat.uid
  into[at + 4] = stat.gid
  into[at + 5] = stat.size
  into[at + 6] = stat.blocks
  into[at + 7] = stat.links
  into[at + 8] = stat.inode
  into[at + 9] = stat.deviceMajor
  into[at + 10] = stat.deviceMinor
  into[at + 11] = stat.nodeMajor
  into[at + 12] = stat.nodeMinor
  into[at + 13] = stat.mtimeS
  into[at + 14] = stat.mtimeNs
  into[at + 15] = stat.ctimeS
  into[at + 16] = stat.ctimeNs
  into[at + 17] = stat.mount
}

function unpackStat(from: Float64Array, at: number, stat: StatBuffer): number {
  stat.kind = kinds[from[at + 1] as number] as NodeKind
  stat.mode = from[at + 2] as number
  stat.uid = from[at + 3] as number
  stat.gid = from[at + 4] as number
  stat.size = from[at + 5] as number
  stat.blocks = from[at + 6] as number
  stat.links = from[at + 7] as number
  stat.inode = from[at + 8] as number
  stat.deviceMajor = from[at + 9] as number
  stat.deviceMinor = from[at + 10] as number
  stat.nodeMajor = from[at + 11] as number
  stat.nodeMinor = from[at + 12] as number
  stat.mtimeS = from[at + 13] as number
  stat.mtimeNs = from[at + 14] as number
  stat.ctimeS = from[at + 15] as number
  stat.ctimeNs = from[at + 16] as number
  stat.mount = from[at + 17] as number
  return from[at] as number
}
