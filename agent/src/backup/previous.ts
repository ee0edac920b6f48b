/** The last snapshot as the merge sees it: in order beside the walk, and by inode or content for what was moved or copied. */
import { type Bytes, equalBytes, viewOf } from '@backstay/proto/bytes'
import type { Entry, Reference } from '@backstay/proto/content/entry'
import type { EarlierLeaf, MapLeaf, Origin } from '@backstay/proto/content/map/build'
import type { LeafOfMemory, Memory } from '../memory/memory.ts'
import { eachTrace, readSheet, type SheetReader, type SheetRow, type Trace } from '../memory/sheet.ts'
import type { WornSegments } from './worn-segments.ts'

/** What the merge needs of the agent's memory. */
export type RememberedLeaves = Pick<Memory, 'leaves'>

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
  /** The leaf page that the current entry stands on, and the first key of the next page; undefined: it is the last. */
  readonly page: RememberedPage
  readonly pageEnd: Bytes | undefined
  /** Place of the current entry on its page, 0 at its beginning. */
  readonly index: number
  next(): void
  nextPage(): void
  /** Changes with `next`. */
  readonly key: Bytes
  /** 0: unknown. */
  readonly inode: number
  /** It has content; folders have none. */
  readonly isFile: boolean
  /** Whether nothing touched the file since, and the snapshot has it whole. */
  matches(trace: Trace): boolean
  /** It lies on a segment that is to be emptied. */
  readonly isWorn: boolean
  place(): Place
  /** The current entry, to be taken over without decoding it; `key` is its key, to be kept. */
  asLeaf(key: Bytes): TracedLeaf
}

export interface CursorOptions {
  /** Most pages will be passed by `nextPage`; then their sheets are not read. */
  readonly wholePages: boolean
  readonly worn: Pick<WornSegments, 'holds'>
}

export function cursorOver(memory: RememberedLeaves, { wholePages, worn }: CursorOptions): Cursor {
  const leaves = memory.leaves(!wholePages)[Symbol.iterator]()
  let coming = leaves.next()
  let number = -1
  let page: RememberedPage | undefined
  let sheet: SheetReader | undefined
  nextPage()

  return {
    get ended() {
      return page === undefined
    },
    get page() {
      return here()
    },
    get pageEnd() {
      return coming.done ? undefined : coming.value.child.firstKey
    },
    get index() {
      return sheet?.index ?? 0
    },
    nextPage,
    next() {
      if (!opened().next()) nextPage()
    },
    get key() {
      return sheet === undefined ? here().child.firstKey : sheet.key
    },
    get inode() {
      return opened().inode
    },
    get isFile() {
      return opened().isFile
    },
    matches: trace => opened().matches(trace) && !opened().unread,
    get isWorn() {
      return worn.holds(here().child.reference.id, opened().index)
    },
    place: () => ({ leaf: here().child.reference, index: opened().index }),
    asLeaf: key => leafOf(opened(), key, here().origin),
  }

  function nextPage(): void {
    sheet = undefined
    const leaf = coming.done ? undefined : coming.value
    coming = leaves.next()
    page = leaf && pageOf(leaf, ++number, coming.done === true)
  }

  function here(): RememberedPage {
    if (page === undefined) throw new Error('assertion failed: the cursor is behind the last entry')
    return page
  }

  function opened(): SheetReader {
    if (sheet !== undefined) return sheet
    sheet = readSheet(here().sheet())
    sheet.next()
    return sheet
  }
}

/** A leaf page of the last snapshot. */
export interface RememberedPage extends EarlierLeaf {
  readonly origin: Origin
  sheet(): Bytes
  items(): readonly TracedLeaf[]
}

function pageOf({ child, sheet }: LeafOfMemory, number: number, isLast: boolean): RememberedPage {
  const origin = { reference: child.reference, items: child.entries }
  return {
    ...{ child, number, sheet, origin, isLast },
    items() {
      const reader = readSheet(sheet())
      const items: TracedLeaf[] = []
      while (reader.next()) items.push(leafOf(reader, reader.key.slice(), origin))
      return items
    },
  }
}

function leafOf(reader: SheetReader, key: Bytes, origin: Origin): TracedLeaf {
  const row = reader.row(key)
  const { pageSize, size, unread } = row
  return { key, entry: undefined, size: pageSize, bytes: size, unread, origin, index: reader.index, row }
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
    for (const { child, sheet } of memory.leaves(true)) {
      files += child.entries
      leaves.push({ reference: child.reference, sheet: sheet() })
      if (files >= filesMax) break
    }
    const [inodes, contents] = [places(files), places(files)]
    for (const [leaf, { sheet }] of leaves.entries()) {
      eachTrace(sheet, (inode, content, index) => {
        if (inode !== 0) inodes.add(inodeHash(inode), leaf, index)
        if (content !== 0) contents.add(content, leaf, index)
      })
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
