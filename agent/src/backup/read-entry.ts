/** Turns one name on disk into an entry: its metadata, and its content by the cheapest way that is certain. */
import { createHash, createHmac, hash } from 'node:crypto'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import type { Chunker } from '@backstay/proto/content/chunker'
import type { Attribute, Content, Entry, Extent } from '@backstay/proto/content/entry'
import type { EpochKeys } from '@backstay/proto/content/keys'
import type { Memory, MemoryChange } from '../memory/memory.ts'
import type { Found, Refusal } from '../scan/walk.ts'
import { errno } from '../system/error-numbers.ts'
import { attributeBytesMax, emptyStat, type Handle, type StatBuffer, type System } from '../system/system.ts'
import { isSystemError, SystemError } from '../system/system-error.ts'
import {
  appendRun,
  type BlockHasher,
  blockBytesFor,
  blockFileBytesMin,
  blockHasher,
  changedRuns,
  patchExtents,
} from './blocks.ts'
import type { ContentIndex } from './content-index.ts'
import { contentPrefix, describe, unreadEntry } from './describe.ts'
import {
  hasHoles,
  holeBytesMin,
  inlineBytesMax,
  inOrder,
  largeFileBytesMin,
  type ReadContent,
  readLarge,
  readSmall,
} from './file-content.ts'
import type { LastSnapshot } from './last-snapshot.ts'
import { linkedInodes } from './linked-inodes.ts'
import type { ToRead } from './merge.ts'
import type { PreviousIndex } from './previous.ts'
import type { Segments } from './segments.ts'
import type { WornSegments } from './worn-segments.ts'

export interface EntryReaderOptions {
  readonly system: System
  readonly keys: EpochKeys
  readonly chunker: Chunker
  readonly segments: Segments
  readonly stored: ContentIndex
  readonly previous: PreviousIndex
  readonly memory: Memory
  readonly change: MemoryChange
  readonly last: LastSnapshot
  /** Nothing more is laid on these. */
  readonly worn: Pick<WornSegments, 'has'>
}

export interface EntryReader {
  /** Undefined when the file is gone. */
  read(found: ToRead): Promise<Entry | undefined>
  /** Of a file that was read ahead and of which the last snapshot knows nothing; undefined for all others. */
  readAtOnce(found: ToRead): Entry | undefined
  /** Whether the last snapshot has the content of this file under another name, so that nothing has to be read. */
  isUntouched(found: Found): boolean
}

type Earlier = () => Promise<Entry | undefined>

/** More than any file that somebody uses; half a day for the zeros of one hole, and a sparse file may claim a million times as much. */
const fileBytesMax = 2 ** 46
/** A file that changes while it is read is read again; after this many times it is kept as it was read, and reported. */
const attemptsMax = 3

export function entryReader(options: EntryReaderOptions): EntryReader {
  const { system, keys, segments, stored, previous, last, worn } = options
  const scratch = new Uint8Array(largeFileBytesMin + 1)
  const [opened, after] = [emptyStat(), emptyStat()]
  const links = linkedInodes()
  /** Of those whose content lies in several pieces, each of which takes more than this. */
  const pieced = new Map<string, ReadContent>()

  return {
    isUntouched: ({ stat }) => stat.size > inlineBytesMax && previous.findUntouched(stat) !== undefined,
    readAtOnce({ stat, early, before }) {
      if (early === undefined || before !== undefined || previous.mayHold(early.sha256)) return undefined
      const { bytes, sha256, attributes } = early
      return limited(
        describedWith(stat, attributes, known(bytes, sha256) ?? append(bytes, sha256), undefined),
      )
    },
    async read(found) {
      const { stat, early, before } = found
      const earlier = async () => (before === undefined ? undefined : last.entry(before))
      try {
        if (early !== undefined) {
          const read = await storeSmall(early.bytes, early.sha256, earlier)
          return limited(describedWith(stat, early.attributes, read, undefined))
        }
        return limited(found.stat.kind === 'file' ? await readFile(found, earlier) : readNode(found))
      } catch (error) {
        if (!isSystemError(error)) throw error
        // Deleted since it was listed: it is not part of this snapshot.
        if (error.code === 'ENOENT' || error.code === 'ESTALE') return undefined
        return unreadEntry(system, found, refusalOf(error), await earlier())
      }
    },
  }

  function readNode({ key, folder, name, stat }: Found): Entry {
    const entry = {
      ...describe(system, stat, system.attributesAt(folder, name)),
      linkGroup: nodeGroup(key, stat),
    }
    return stat.kind === 'symlink' ? { ...entry, target: system.readLink(folder, name) } : entry
  }

  /** Symlinks and special files have hard links too. */
  function nodeGroup(key: Bytes, stat: StatBuffer): Bytes | undefined {
    if (stat.kind === 'folder' || stat.links < 2) return undefined
    const known = links.group(stat)
    if (known !== undefined) return known
    const group = groupOf(key)
    links.set(stat, group, undefined)
    return group
  }

  function describedWith(
    stat: StatBuffer,
    attributes: readonly Attribute[],
    { size, sha256, content, sparse }: ReadContent,
    linkGroup: Bytes | undefined,
  ): Entry {
    const entry = describe(system, stat, attributes)
    return { ...entry, size, sha256, content, sparse, linkGroup }
  }

  async function readFile(found: Found, earlier: Earlier): Promise<Entry> {
    const linked = found.stat.links > 1 ? linkedContent(found.stat) : undefined
    const file = system.openFile(found.folder, found.name)
    try {
      system.tryStat(file, opened)
      if (opened.kind !== 'file') return describe(system, opened, system.attributes(file))
      const attributes = system.attributes(file)
      const read = linked ?? (await unmoved(found)) ?? (await readBytes(file, earlier))
      const group = opened.links > 1 ? (links.group(opened) ?? groupOf(found.key)) : undefined
      if (group !== undefined && linked === undefined)
        rememberLink(opened, group, 'changed' in read ? undefined : read)
      // Described last: a file that changed while it was read is described as it was in the end.
      const whole = describedWith(opened, attributes, read, group)
      if (!('changed' in read)) return whole
      return { ...whole, kind: 'unread', unread: { kind: 'file', reason: 'changed', detail: '' } }
    } finally {
      system.close(file)
    }
  }

  /** What was read under another name. */
  function linkedContent(stat: StatBuffer): ReadContent | undefined {
    const sha256 = links.sha256(stat)
    const extent = sha256 && stored.find(sha256)
    if (extent?.length !== stat.size) return pieced.get(linkName(stat))
    return made(sha256 as Bytes, stat.size, { form: 'extents', extents: [extent] })
  }

  /** A tiny file is read again, and one that could not be read as a whole is tried again. */
  function rememberLink(stat: StatBuffer, group: Bytes, read: ReadContent | undefined): void {
    links.set(stat, group, read?.sha256)
    if (read === undefined || read.content.form === 'inline') return
    const { content, sha256, sparse } = read
    const [first, ...others] = content.form === 'extents' ? content.extents : []
    if (first?.segment === undefined || others.length > 0 || sparse) pieced.set(linkName(stat), read)
    else if (stored.find(sha256) === undefined) stored.add(sha256, first)
  }

  /** Content of a file that was moved: same inode, and not touched since. A rename of the file itself moves its ctime. */
  async function unmoved({ stat }: Found): Promise<ReadContent | undefined> {
    if (stat.size <= inlineBytesMax) return undefined
    const place = previous.findUntouched(stat)
    const entry = place && (await last.entry(place))
    return entry === undefined ? undefined : reusable(entry)
  }

  async function readBytes(
    file: Handle,
    earlier: Earlier,
  ): Promise<ReadContent & { readonly changed?: true }> {
    for (let attempt = 1; ; attempt++) {
      const read = await readOnce(file, earlier, attempt)
      system.tryStat(file, after)
      const same = after.size === opened.size && sameTimes(after, opened) && read.size === opened.size
      if (same) return read
      if (attempt === attemptsMax) return { ...read, changed: true }
      Object.assign(opened, after)
    }
  }

  async function readOnce(file: Handle, earlier: Earlier, attempt: number): Promise<ReadContent> {
    if (opened.size > fileBytesMax) throw new SystemError(errno.EFBIG, 'read')
    if (opened.size <= largeFileBytesMin && !hasHoles(opened) && attempt === 1) {
      const bytes = readSmall(system, file, scratch, opened.size)
      if (bytes !== undefined)
        return storeSmall(bytes, new Uint8Array(hash('sha256', bytes, 'buffer')), earlier)
    }
    const before = opened.size >= blockFileBytesMin ? await earlier() : undefined
    const patched = before === undefined ? undefined : await patch(file, before)
    return patched ?? (await cut(file, before))
  }

  /** Content that takes no room: tiny, or stored by this run. */
  function known(bytes: Bytes, sha256: Bytes): ReadContent | undefined {
    const size = bytes.length
    if (size <= inlineBytesMax) return made(sha256, size, { form: 'inline', bytes: bytes.slice() })
    const again = stored.find(sha256)
    return again?.length === size ? made(sha256, size, { form: 'extents', extents: [again] }) : undefined
  }

  function append(bytes: Bytes, sha256: Bytes): ReadContent {
    const extents = segments.append(bytes)
    if (extents.length === 1) stored.add(sha256, extents[0] as Extent)
    return made(sha256, bytes.length, { form: 'extents', extents })
  }

  async function storeSmall(bytes: Bytes, sha256: Bytes, earlier: Earlier): Promise<ReadContent> {
    const here = known(bytes, sha256)
    if (here !== undefined) return here
    const size = bytes.length
    const before = await earlier()
    if (before?.sha256 !== undefined && equalBytes(before.sha256, sha256) && before.size === size) {
      const same = reusable(before)
      if (same !== undefined) return same
    }
    const copy = await previous.byContent(sha256, size)
    const copied = copy === undefined ? undefined : reusable(copy)
    if (copied !== undefined) return copied
    return append(bytes, sha256)
  }

  /** Undefined: its bytes must be laid anew. */
  function reusable({ sha256, content, size, sparse }: Entry): ReadContent | undefined {
    if (sha256 === undefined || content === undefined) return undefined
    const isWorn =
      content.form === 'extents' && content.extents.some(({ segment }) => segment && worn.has(segment.id))
    return isWorn ? undefined : { sha256, content, size, sparse }
  }

  async function cut(file: Handle, before: Entry | undefined): Promise<ReadContent> {
    const { chunker } = options
    const isPatched = opened.size >= blockFileBytesMin
    const blocks = isPatched ? blockHasher(keys.linkKey, opened.size) : undefined
    const sharedBytesMin = isPatched ? holeBytesMin : undefined
    const read = await readLarge(file, opened, { system, chunker, segments, blocks, sharedBytesMin })
    remember(read.sha256, blocks)
    // Chunks would be the same again; what lies in shared segments would not.
    const isSame = before?.sha256 !== undefined && equalBytes(before.sha256, read.sha256)
    const kept = isSame ? reusable(before) : undefined
    return kept === undefined ? read : { ...kept, sparse: read.sparse }
  }

  /** The new version of a large file over the segments of the old one, or undefined when it must be cut again. */
  async function patch(file: Handle, before: Entry): Promise<ReadContent | undefined> {
    if (before.sha256 === undefined || before.content === undefined) return undefined
    const blockBytes = blockBytesFor(opened.size)
    if (blockBytesFor(before.size) !== blockBytes) return undefined
    const known = options.memory.blocks(contentPrefix(before.sha256))
    if (known === undefined || !equalBytes(known.subarray(0, 32), before.sha256)) return undefined
    const blocks = blockHasher(keys.linkKey, opened.size)
    const { size, sha256 } = await readThrough(file, blocks)
    const hashes = blocks.digest()
    const runs = changedRuns(known.subarray(32), hashes, size, blockBytes)
    if (runs === undefined) return undefined
    let complete = true
    const extents = await patchExtents(last.extents(before), runs, size, async run => {
      const added = await appendRun(system, file, run, segments, scratch)
      complete &&= added.complete
      return added.extents
    })
    if (extents === undefined || !complete) return undefined
    options.change.blocks(contentPrefix(sha256), concatBlocks(sha256, hashes))
    return { size, sha256, content: { form: 'extents', extents }, sparse: hasHoles(opened) }
  }

  async function readThrough(file: Handle, blocks: BlockHasher) {
    const hasher = createHash('sha256')
    const piece = scratch.subarray(0, 1024 * 1024)
    const at = inOrder(system, file, 0)
    let size = 0
    for (;;) {
      at(size)
      const count = system.read(file, piece, size)
      if (count === 0) return { size, sha256: new Uint8Array(hasher.digest()) }
      const bytes = piece.subarray(0, count)
      hasher.update(bytes)
      blocks.update(bytes)
      size += count
      if (size % (16 * piece.length) === 0) await new Promise(resolve => setImmediate(resolve))
    }
  }

  function remember(sha256: Bytes, blocks: BlockHasher | undefined): void {
    if (blocks !== undefined)
      options.change.blocks(contentPrefix(sha256), concatBlocks(sha256, blocks.digest()))
  }

  function groupOf(key: Bytes): Bytes {
    return new Uint8Array(createHmac('sha256', keys.linkKey).update(key).digest().subarray(0, 16))
  }
}

function refusalOf({ code }: SystemError): Refusal {
  if (code === 'EREMOTE') return { reason: 'cloud_only', detail: code }
  if (code === 'EFBIG') return { reason: 'unsupported', detail: code }
  return { reason: code === 'EACCES' || code === 'EPERM' ? 'denied' : 'io', detail: code }
}

/** An entry with more attributes than a page can hold is kept without them, and reported. */
export function limited(entry: Entry): Entry {
  let bytes = 0
  for (const { name, value } of entry.attributes) bytes += name.length + value.length
  if (bytes <= attributeBytesMax) return entry
  const kind = entry.kind === 'unread' ? entry.unread?.kind : entry.kind
  const unread = { kind, reason: 'unsupported', detail: 'attributes' } as const
  return { ...entry, kind: 'unread', attributes: [], unread }
}

function made(sha256: Bytes, size: number, content: Content): ReadContent {
  return { sha256, size, content, sparse: false }
}

function sameTimes(a: StatBuffer, b: StatBuffer): boolean {
  return a.mtimeS === b.mtimeS && a.mtimeNs === b.mtimeNs && a.ctimeS === b.ctimeS && a.ctimeNs === b.ctimeNs
}

function linkName(stat: StatBuffer): string {
  return `${stat.deviceMajor}:${stat.deviceMinor}:${stat.inode}`
}

function concatBlocks(sha256: Bytes, hashes: Bytes): Bytes {
  const row = new Uint8Array(32 + hashes.length)
  row.set(sha256)
  row.set(hashes, 32)
  return row
}
