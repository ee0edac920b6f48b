/**
 * Pages: the nodes of the snapshot map and of extent trees. docs/format.md §8.3.
 *
 * A leaf carries entries or extents, an inner page the first key of each child with counts of what lies below. Keys
 * are front-coded: the prefix that all share stands once, and each key leaves out what it shares with the one before.
 */
import { type Bytes, compareBytes, concat, sharedLength, viewOf } from '../../bytes.ts'
import { Failure } from '../../failure.ts'
import { idToBytes, objectId } from '../../object/id.ts'
import { backstay } from '../content.pb.js'
import type { Entry, Extent, Reference } from '../entry.ts'
import {
  type ChildAt,
  type EntryMessage,
  eachReference,
  entryFromMessage,
  entryToMessage,
  extentFromMessage,
  extentToMessage,
  type IndexOf,
  wholeNumber,
} from './entry-codec.ts'

export interface MapItem {
  readonly key: Bytes
  readonly entry: Entry
}

export interface ExtentItem {
  /** Of the extent's first byte in the file. */
  readonly offset: number
  readonly extent: Extent
}

/** A subtree as its parent page names it. */
export interface Child {
  readonly firstKey: Bytes
  readonly reference: Reference
  /** Entries (or extents) below. */
  readonly entries: number
  /** Logical bytes below. */
  readonly bytes: number
  readonly unread: number
}

/** `map` and `extents` trees never mix: a page of one is damage in the other. */
export type Tree = 'map' | 'extents'
export const pageTypes = { map: 'page', extents: 'extents' } as const

export type Page =
  | { readonly kind: 'entries'; readonly items: readonly MapItem[] }
  | { readonly kind: 'extents'; readonly items: readonly ExtentItem[] }
  | { readonly kind: 'inner'; readonly level: number; readonly children: readonly Child[] }

/** What `sealObject` takes: the page's bytes and the ids for the header. */
export interface PlainPage {
  readonly bytes: Bytes
  readonly children: readonly Bytes[]
}

/** A tree of a hundred levels is damage: each level at least halves the pages. */
const levelMax = 64
/**
 * What all keys of one page may take when they are written out: 64 KiB of items, or two keys of 32 KiB, with room to
 * spare. Front-coded, a page of 8 MiB could otherwise open to a million keys of 32 KiB each.
 */
const keyBytesOnPageMax = 256 * 1024

export function encodeMapLeaf(items: readonly MapItem[]): PlainPage {
  const references = collect(visit => {
    for (const { entry } of items) eachReference(entry, visit)
  })
  const prefix = sharedPrefix(items[0]?.key, items.at(-1)?.key)
  let before = prefix
  const entries = items.map(({ key, entry }) => {
    const message = entryToMessage(entry, references.indexOf)
    const shared = sharedLength(before, key)
    message.shared = shared - prefix.length
    message.key = key.subarray(shared)
    before = key
    return message
  })
  return finish({ level: 0, prefix, entries }, references)
}

export function encodeExtentLeaf(items: readonly ExtentItem[]): PlainPage {
  const references = collect(visit => {
    for (const { extent } of items) if (extent.segment !== undefined) visit(extent.segment)
  })
  const extents = items.map(({ offset, extent }) => {
    return { ...extentToMessage(extent, references.indexOf), offset }
  })
  return finish({ level: 0, extents }, references)
}

export function encodeInner(level: number, children: readonly Child[]): PlainPage {
  const references = collect(visit => {
    for (const child of children) visit(child.reference)
  })
  const prefix = sharedPrefix(children[0]?.firstKey, children.at(-1)?.firstKey)
  const rows = children.map(({ firstKey, reference, entries, bytes, unread }) => {
    const key = firstKey.subarray(prefix.length)
    return { firstKey: key, child: references.indexOf(reference), entries, bytes, unread }
  })
  return finish({ level, prefix, children: rows }, references)
}

/** `children`: the ids in the object's header. Throws `bad_page`. */
export function decodePage(tree: Tree, bytes: Bytes, children: readonly Bytes[]): Page {
  const message = decodeMessage(bytes)
  const level = message.level
  if (level > levelMax) throw damaged(`level ${level} is too high`)
  if (message.keys.length !== 32 * children.length) throw damaged('its keys do not fit its children')
  const used = new Set<number>()
  const references = children.map((id, index) => {
    return { id: objectId(id), key: message.keys.subarray(32 * index, 32 * index + 32) }
  })
  const childAt: ChildAt = index => {
    const reference = references[index]
    if (reference === undefined) throw damaged(`it names child ${index} of ${children.length}`)
    used.add(index)
    return reference
  }
  const page = pageOf(tree, message, childAt)
  if (used.size !== children.length) throw damaged('its header names children that it does not use')
  return page
}

function pageOf(tree: Tree, message: backstay.content.Page, childAt: ChildAt): Page {
  const { level, entries, extents, children } = message
  const strays =
    (level > 0 || tree !== 'map' ? entries.length : 0) +
    (level > 0 || tree !== 'extents' ? extents.length : 0)
  if (strays > 0 || (level === 0 && children.length > 0)) throw damaged('it mixes kinds of content')
  if (level > 0) return { kind: 'inner', level, children: readChildren(message, childAt) }
  if (tree === 'map') return { kind: 'entries', items: readEntries(message, childAt) }
  return { kind: 'extents', items: readExtents(extents, childAt) }
}

function readEntries(message: backstay.content.Page, childAt: ChildAt): MapItem[] {
  const items: MapItem[] = []
  const { prefix } = message
  const room = keyRoom()
  let before: Bytes | undefined
  for (const row of message.entries as EntryMessage[]) {
    const shared = row.shared ?? 0
    const rest = row.key ?? new Uint8Array()
    const base = before ?? prefix
    if (prefix.length + shared > base.length) throw damaged('a key shares more than there is')
    room.take(prefix.length + shared + rest.length)
    const key = concat(base.subarray(0, prefix.length + shared), rest)
    if (before !== undefined && compareBytes(before, key) >= 0) throw damaged('its keys are not sorted')
    items.push({ key, entry: entryFromMessage(row, childAt) })
    before = key
  }
  return items
}

function readExtents(rows: readonly backstay.content.Extent.$Properties[], childAt: ChildAt): ExtentItem[] {
  const items: ExtentItem[] = []
  for (const row of rows) {
    const item = { offset: wholeNumber(row.offset ?? 0), extent: extentFromMessage(row, childAt) }
    wholeNumber(item.offset + item.extent.length)
    const before = items.at(-1)
    const expected = before === undefined ? item.offset : before.offset + before.extent.length
    if (item.offset !== expected || item.extent.length === 0)
      throw damaged('its extents do not follow one another')
    items.push(item)
  }
  return items
}

function readChildren(message: backstay.content.Page, childAt: ChildAt): Child[] {
  const children: Child[] = []
  const room = keyRoom()
  for (const row of message.children) {
    const rest = row.firstKey ?? new Uint8Array()
    room.take(message.prefix.length + rest.length)
    const firstKey = concat(message.prefix, rest)
    const before = children.at(-1)
    if (before !== undefined && compareBytes(before.firstKey, firstKey) >= 0)
      throw damaged('its keys are not sorted')
    children.push({
      firstKey,
      reference: childAt(row.child ?? 0),
      entries: wholeNumber(row.entries ?? 0),
      bytes: wholeNumber(row.bytes ?? 0),
      unread: wholeNumber(row.unread ?? 0),
    })
  }
  if (children.length === 0) throw damaged('an inner page has no children')
  return children
}

/** Extent trees are keyed by offset: 8 bytes, most significant first, so that keys sort as numbers do. */
export function offsetKey(offset: number): Bytes {
  const key = new Uint8Array(8)
  viewOf(key).setBigUint64(0, BigInt(offset))
  return key
}

interface References {
  readonly indexOf: IndexOf
  readonly sorted: readonly Reference[]
}

function collect(each: (visit: (reference: Reference) => void) => void): References {
  const byId = new Map<string, Reference>()
  each(reference => byId.set(reference.id, reference))
  // Ids are hexadecimal of equal length, so text order is byte order.
  const sorted = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const index = new Map(sorted.map((reference, position) => [reference.id as string, position]))
  return { sorted, indexOf: reference => index.get(reference.id) as number }
}

function finish(page: backstay.content.Page.$Properties, references: References): PlainPage {
  page.keys = concat(...references.sorted.map(reference => reference.key))
  const bytes = backstay.content.Page.encode(page).finish()
  return { bytes, children: references.sorted.map(reference => idToBytes(reference.id)) }
}

function decodeMessage(bytes: Bytes): backstay.content.Page {
  try {
    return backstay.content.Page.decode(bytes)
  } catch (cause) {
    throw new Failure('bad_page', 'a page cannot be decoded', { remedy: 'repair', cause })
  }
}

/** Counts key bytes before they are written out. */
function keyRoom(): { take(bytes: number): void } {
  let left = keyBytesOnPageMax
  return {
    take(bytes) {
      left -= bytes
      if (left < 0) throw damaged('its keys are too long')
    },
  }
}

function sharedPrefix(first: Bytes | undefined, last: Bytes | undefined): Bytes {
  if (first === undefined || last === undefined) return new Uint8Array()
  return first.subarray(0, sharedLength(first, last))
}

function damaged(why: string): Failure {
  return new Failure('bad_page', `a page is damaged: ${why}`, { remedy: 'repair' })
}
