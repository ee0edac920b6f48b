/** The last snapshot as the merge sees it: in order beside the walk, and by inode or content for what was moved or copied. */
import { type Bytes, compareBytes, equalBytes, startsWith, viewOf } from '@backstay/proto/bytes'
import type { Entry, Reference } from '@backstay/proto/content/entry'
import type { MapLeaf, Origin } from '@backstay/proto/content/map/build'
import { readSheet, type SheetReader, type SheetRow, type Trace } from '../memory/sheet.ts'

/** What the merge needs of the agent's memory. */
export interface RememberedLeaves {
  leaves(): Iterable<{ readonly reference: Reference; readonly sheet: Bytes }>
}

/** Where the last snapshot has an entry. */
export interface Place {
  readonly leaf: Reference
  readonly index: number
}

/** A leaf of the map together with what its sheet will remember. */
export interface TracedLeaf extends MapLeaf {
  readonly row: SheetRow
}

/** Stands at one remembered entry after another, in the order of the map. */
export interface Cursor {
  /** Behind the last entry; then nothing else may be asked. */
  readonly ended: boolean
  next(): void
  /** Changes with `next`. */
  readonly key: Bytes
  /** Whether nothing touched the file since, and the snapshot has it whole. */
  matches(trace: Trace): boolean
  place(): Place
  /** The current entry, to be taken over without decoding it; `key` is its key, to be kept. */
  asLeaf(key: Bytes): TracedLeaf
}

export function cursorOver(memory: RememberedLeaves): Cursor {
  const leaves = memory.leaves()[Symbol.iterator]()
  let reader: SheetReader | undefined
  let origin: Origin | undefined
  let ended = false
  advance()

  return {
    get ended() {
      return ended
    },
    next: advance,
    get key() {
      return here().reader.key
    },
    matches: trace => here().reader.matches(trace) && !here().reader.unread,
    place() {
      const { reader, origin } = here()
      return { leaf: origin.reference, index: reader.index }
    },
    asLeaf(key) {
      const { reader, origin } = here()
      const row = reader.row(key)
      const { pageSize, size, unread } = row
      return { key, entry: undefined, size: pageSize, bytes: size, unread, origin, index: reader.index, row }
    },
  }

  function here(): { readonly reader: SheetReader; readonly origin: Origin } {
    if (reader === undefined || origin === undefined || ended)
      throw new Error('assertion failed: the cursor is behind the last entry')
    return { reader, origin }
  }

  function advance(): void {
    while (reader === undefined || !reader.next()) {
      const next = leaves.next()
      if (next.done) {
        ended = true
        return
      }
      reader = readSheet(next.value.sheet)
      origin = { reference: next.value.reference, items: reader.rows }
    }
  }
}

export interface PreviousIndex {
  /** Where the last snapshot has a file that was not touched since, whatever its name was. */
  findUntouched(trace: Trace): Place | undefined
  /** False where `byContent` would find nothing. */
  mayHold(sha256: Bytes): boolean
  /** An entry of the last snapshot with this content. */
  byContent(sha256: Bytes, size: number): Promise<Entry | undefined>
}

/** Files that the index holds at most, 10 bytes each in two tables; what is beyond is read and known by its chunks. */
const filesMax = 4_000_000

/** Built when first asked, by one pass over the sheets; a run that finds nothing new never pays for it. */
export function previousIndex(
  memory: RememberedLeaves,
  load: (place: Place) => Promise<Entry | undefined>,
): PreviousIndex {
  let tables:
    | { readonly leaves: readonly LeafOfIndex[]; readonly inodes: Places; readonly contents: Places }
    | undefined

  return {
    findUntouched(trace) {
      const { leaves, inodes } = built()
      if (leaves.length === 0) return undefined
      for (const { leaf, index } of inodes.at(inodeHash(trace.inode))) {
        const { sheet, reference } = leaves[leaf] as LeafOfIndex
        const reader = readSheet(sheet)
        for (let at = 0; at <= index; at++) reader.next()
        if (reader.matches(trace) && !reader.unread) return { leaf: reference, index }
      }
      return undefined
    },
    mayHold(sha256) {
      const { leaves, contents } = built()
      return leaves.length > 0 && !contents.at(contentHash(sha256)).next().done
    },
    async byContent(sha256, size) {
      const { leaves, contents } = built()
      for (const { leaf, index } of contents.at(contentHash(sha256))) {
        const entry = await load({ leaf: (leaves[leaf] as LeafOfIndex).reference, index })
        if (entry?.sha256 !== undefined && equalBytes(entry.sha256, sha256) && entry.size === size)
          return entry
      }
      return undefined
    },
  }

  function built() {
    if (tables !== undefined) return tables
    const leaves: LeafOfIndex[] = []
    let files = 0
    for (const { reference, sheet } of memory.leaves()) {
      files += readSheet(sheet).rows
      leaves.push({ reference, sheet })
      if (files >= filesMax) break
    }
    const [inodes, contents] = [places(files), places(files)]
    for (const [leaf, { sheet }] of leaves.entries()) {
      const reader = readSheet(sheet)
      while (reader.next()) {
        const { inode, content } = reader.row(reader.key)
        if (inode !== 0) inodes.add(inodeHash(inode), leaf, reader.index)
        if (content !== '') contents.add(Number.parseInt(content.slice(0, 8), 16), leaf, reader.index)
      }
    }
    tables = { leaves, inodes, contents }
    return tables
  }
}

interface LeafOfIndex {
  readonly reference: Reference
  readonly sheet: Bytes
}

interface Places {
  add(hash: number, leaf: number, index: number): void
  /** Numbers of leaves and indexes with this hash, and by chance a few others. */
  at(hash: number): Generator<{ readonly leaf: number; readonly index: number }>
}

/** Open addressing in flat arrays: leaf + 1 and index of each entry, found by a 32-bit hash that is not stored. */
function places(count: number): Places {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(16, count * 1.5)))
  const leaves = new Uint32Array(slots)
  const indexes = new Uint16Array(slots)
  const tags = new Uint8Array(slots)
  return {
    add(hash, leaf, index) {
      let slot = hash & (slots - 1)
      // Thousands of equal files: what nobody would be given is not put in, and not passed again and again.
      for (let same = 0; leaves[slot] !== 0; slot = (slot + 1) & (slots - 1))
        if (tags[slot] === hash >>> 24 && ++same >= candidatesMax) return
      leaves[slot] = leaf + 1
      indexes[slot] = index
      tags[slot] = hash >>> 24
    },
    *at(hash) {
      let found = 0
      for (let slot = hash & (slots - 1); leaves[slot] !== 0; slot = (slot + 1) & (slots - 1)) {
        if (tags[slot] !== hash >>> 24) continue
        yield { leaf: (leaves[slot] as number) - 1, index: indexes[slot] as number }
        if (++found >= candidatesMax) return
      }
    },
  }
}

const candidatesMax = 16

/** Spreads consecutive inode numbers; the constant is 2^32 divided by the golden ratio. */
function inodeHash(inode: number): number {
  return Math.imul((inode % 2 ** 32) ^ Math.floor(inode / 2 ** 32), 0x9e3779b1) >>> 0
}

function contentHash(sha256: Bytes): number {
  return viewOf(sha256).getUint32(0)
}

/** Subtrees of the last snapshot that could not be looked at this time: what stood there is kept, not forgotten. */
export interface KeptSubtrees {
  add(prefix: Bytes): void
  covers(key: Bytes): boolean
}

export function keptSubtrees(): KeptSubtrees {
  const prefixes: Bytes[] = []
  return {
    add(prefix) {
      const at = prefixes.findIndex(other => compareBytes(other, prefix) > 0)
      prefixes.splice(at < 0 ? prefixes.length : at, 0, prefix)
    },
    covers(key) {
      // The walk moves on in order: prefixes that end before this key are not asked for again.
      while (
        prefixes[0] !== undefined &&
        compareBytes(prefixes[0], key) < 0 &&
        !startsWith(key, prefixes[0])
      ) {
        prefixes.shift()
      }
      return prefixes[0] !== undefined && startsWith(key, prefixes[0])
    },
  }
}
