/**
 * Reads the truth from disk, in the order of the snapshot map: all direct children of a folder, sorted by bytes, then
 * its subfolders one after another. Symlinks are never followed and other file systems are walked like any folder,
 * but for those of the kernel itself.
 *
 * Folders are walked by handle, so a path may be of any length and cannot be led astray by a rename.
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { NodeKind, UnreadReason } from '@backstay/proto/content/entry'
import { childKey, childKeys, depthMax, keyBytesMax } from '@backstay/proto/content/map/key'
import { nameText } from '@backstay/proto/policy/excludes'
import {
  emptyStat,
  fromRoot,
  type Handle,
  nameBytesMax,
  type StatBuffer,
  type System,
} from '../system/system.ts'
import { errorName, isSystemError } from '../system/system-error.ts'
import {
  type Along,
  type FolderLister,
  type Listing,
  listOwn,
  type PackedListing,
  unpackListing,
} from './listing.ts'
import { listingAhead, type NextFolder } from './listing-ahead.ts'
import type { Root, RootNode, Visit } from './roots.ts'

export interface Found {
  readonly key: Bytes
  /** Open handle of the folder that `name` is in. */
  readonly folder: Handle
  readonly name: Bytes
  /** Valid until the next step. */
  readonly stat: StatBuffer
  /** Of a folder: whoever takes the step may say what to do in it. */
  readonly subfolder?: Subfolder
}

/** A folder that is to be visited. `as_found`: as who takes the step says, else not at all. */
export interface Subfolder extends NextFolder {
  readonly node: RootNode | undefined
  visit: Visit | 'as_found'
}

/**
 * Entries of a folder that follow. Whoever takes the step may pass over some that need no look of the walk's: files alone,
 * in their order, and says in `next` how far it came.
 */
export interface Run {
  readonly kind: 'run'
  readonly listing: Listing
  /** Of their keys, up to the name. */
  readonly prefix: Bytes
  next: number
  isExcluded(index: number): boolean
}

/** A folder is done with: to be closed by who takes the steps, as soon as it uses none before this one. */
export interface Left {
  readonly kind: 'left'
  readonly handle: Handle
}

export interface Refusal {
  readonly reason: UnreadReason
  /** An error name such as EACCES. */
  readonly detail: string
}

/** Take no further step before it resolves. */
export interface Wait {
  readonly kind: 'wait'
  readonly until: Promise<unknown>
}

export type Step =
  | ({ readonly kind: 'found' } & Found)
  /** A folder that cannot be walked: what an earlier snapshot has below `prefix` is not gone. */
  | ({ readonly kind: 'blocked'; readonly prefix: Bytes } & Found & Refusal)
  /** A name that is there but cannot be looked at. */
  | ({ readonly kind: 'unread'; readonly key: Bytes; readonly node: NodeKind | undefined } & Refusal)
  /** All that is directly in a folder follows; what does not is not there. */
  | { readonly kind: 'listed'; readonly prefix: Bytes }
  /** A folder found before failed while it was walked. */
  | ({ readonly kind: 'lost'; readonly prefix: Bytes } & Refusal)
  /** A root begins or ends whose files share no segment with others. */
  | { readonly kind: 'border' }
  /** A root that is not there. */
  | { readonly kind: 'missing_root'; readonly key: Bytes; readonly prefix: Bytes }

export interface WalkOptions {
  readonly system: System
  /** Volumes, sorted. */
  readonly roots: readonly RootNode[]
  /** A folder never walked: the agent's own state. */
  readonly skip?: { readonly inode: number; readonly deviceMajor: number; readonly deviceMinor: number }
  /** Without it the walk lists every folder itself, and waits for the disk each time. */
  readonly lister?: FolderLister
}

interface Frame {
  readonly handle: Handle
  /** Of keys of entries in subfolders; docs/format.md §8.1. */
  readonly prefix: Bytes
  readonly subfolders: readonly Subfolder[]
  next: number
  readonly scope: Scope | undefined
  readonly along: Along | undefined
  /** A root begins here whose files share no segment with others. */
  readonly apart: boolean
  readonly deviceMajor: number
  readonly deviceMinor: number
}

/** The root that a folder lies in and its path below that root; undefined on the way to roots. */
interface Scope {
  readonly root: Root
  readonly path: string
}

/** Below a folder with a longer prefix, a name might make a key that is too long. */
const prefixBytesMax = keyBytesMax - nameBytesMax - 1
const noBytes: Bytes = new Uint8Array()

export function* walk(options: WalkOptions): Generator<Step | Run | Left | Wait> {
  const { system, roots } = options
  const context = { ...options, stat: emptyStat() }
  const stack: Frame[] = []
  const ahead = options.lister && listingAhead(options.lister, stack)
  try {
    const there: RootNode[] = []
    for (const volume of roots) if (yield* volumeItself(volume, system)) there.push(volume)
    for (const node of there) {
      const volume: Subfolder = { name: node.name, node, visit: node.visit }
      yield* enter(fromRoot, node.name, noBytes, volume, undefined, stack, context)
      for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
        ahead?.entered()
        const subfolder = frame.subfolders[frame.next++]
        if (subfolder === undefined) {
          stack.pop()
          yield { kind: 'left', handle: frame.handle }
          if (frame.apart) yield { kind: 'border' }
        } else if (mayEnter(subfolder)) {
          yield* enter(frame.handle, subfolder.name, frame.prefix, subfolder, frame, stack, context)
        }
      }
    }
  } finally {
    ahead?.end()
    for (const frame of stack) system.close(frame.handle)
  }
}

/** Opens a folder, yields its direct children and pushes it, so that its subfolders follow. */
function* enter(
  at: Handle,
  name: Bytes,
  parentPrefix: Bytes,
  subfolder: Subfolder,
  parent: Frame | undefined,
  stack: Frame[],
  options: Context,
): Generator<Step | Run | Left | Wait> {
  const { system } = options
  const prefix = prefixBelow(parentPrefix, name)
  const handle = system.tryOpenFolder(at, name)
  if (handle < 0) {
    yield { kind: 'lost', prefix, ...refusalOf(handle) }
    return
  }
  const stat = emptyStat()
  system.tryStat(handle, stat)
  if (mustSkip(system, handle, stat, parent, options.skip)) {
    system.close(handle)
    return
  }
  const { node } = subfolder
  const visit = visitOf(subfolder)
  const subfolders: Subfolder[] = []
  const { deviceMajor, deviceMinor } = stat
  const scope = scopeOf(subfolder, parent)
  const apart = node?.root?.apart ?? false
  const along = scope && { excludes: scope.root.excludes, path: scope.path }
  stack.push({ handle, prefix, subfolders, next: 0, scope, along, apart, deviceMajor, deviceMinor })
  if (apart) yield { kind: 'border' }
  const folder = {
    system,
    handle,
    prefix,
    subfolders,
    stat: options.stat,
    depth: stack.length,
    visit,
    node,
    scope,
  }
  if (visit === 'follow') yield* namesToFollow(folder)
  else yield* allChildren(folder, yield* listingOf(subfolder, stat))
}

function visitAtFirst({ visit, scope }: Folder, node: RootNode | undefined): Subfolder['visit'] {
  if (visit === 'all' || node?.visit === 'all') return 'all'
  const isAboveRoots = node !== undefined && scope === undefined && node.root === undefined
  return isAboveRoots ? 'follow' : 'as_found'
}

const mayEnter = (subfolder: Subfolder) => visitOf(subfolder) !== 'none'

/** What was found to be new is walked as a whole; else where the way leads on, it is followed. */
function visitOf({ visit, node }: Subfolder): Visit {
  if (visit === 'all' || node === undefined) return visit === 'as_found' ? 'none' : visit
  return visit === 'children' ? 'children' : node.visit
}

/** What a thread has listed, unless that was another folder of the same name. */
function* listingOf(subfolder: Subfolder, folder: StatBuffer): Generator<Wait, Listing | undefined> {
  if (subfolder.listing instanceof Promise) yield { kind: 'wait', until: subfolder.listing }
  const { listing } = subfolder
  // Its parent is on the way for long yet, and listings are large.
  subfolder.listing = undefined
  if (listing === undefined || listing === 'own' || listing instanceof Promise) return undefined
  const { inode, deviceMajor, deviceMinor } = listing
  const same = inode === folder.inode && deviceMajor === folder.deviceMajor
  return same && deviceMinor === folder.deviceMinor ? unpackListing(listing) : undefined
}

interface Context extends WalkOptions {
  /** Filled anew for every child. */
  readonly stat: StatBuffer
}

/** A folder whose children are being listed. */
interface Folder {
  readonly system: System
  readonly handle: Handle
  readonly prefix: Bytes
  readonly subfolders: Subfolder[]
  readonly depth: number
  readonly stat: StatBuffer
  readonly visit: Visit
  readonly node: RootNode | undefined
  readonly scope: Scope | undefined
}

/** Whether it is there: a drive may be pulled out. */
function* volumeItself({ name }: RootNode, system: System): Generator<Step, boolean> {
  const key = childKey(noBytes, name)
  const stat = emptyStat()
  const failed = system.tryStatAt(fromRoot, name, stat)
  stat.size = 0
  if (failed === 0) yield { kind: 'found', key, folder: fromRoot, name, stat }
  else yield { kind: 'missing_root', key, prefix: prefixBelow(noBytes, name) }
  return failed === 0
}

/** On the way to roots, and to folders below them, only the names that lead on are looked at. */
function* namesToFollow(folder: Folder): Generator<Step> {
  const { stat } = folder
  for (const next of folder.node?.below ?? []) {
    const failed = folder.system.tryStatAt(folder.handle, next.name, stat)
    const key = childKey(folder.prefix, next.name)
    if (failed === 0 && isExcluded(folder, next.name)) continue
    if (failed === 0) yield found(folder, { key, name: next.name, stat, node: next, listed: undefined })
    else if (refusalOf(failed).reason !== 'vanished')
      yield { kind: 'unread', key, node: undefined, ...refusalOf(failed) }
    // What is gone below a root is told of by the folder that it was in.
    else if (folder.scope === undefined)
      yield { kind: 'missing_root', key, prefix: prefixBelow(folder.prefix, next.name) }
  }
}

/** The folder whose stat was taken last. */
function isExcluded({ scope, stat }: Folder, name: Bytes): boolean {
  return scope?.root.excludes?.excluded(joined(scope, name), stat.kind === 'folder') === true
}

function* allChildren(folder: Folder, listed: Listing | undefined): Generator<Step | Run> {
  const { system, handle, prefix, stat, scope } = folder
  let listing: Listing
  try {
    listing = listed ?? listOwn(system, handle)
  } catch (error) {
    if (!isSystemError(error)) throw error
    yield { kind: 'lost', prefix, reason: 'io', detail: error.code }
    return
  }
  yield { kind: 'listed', prefix }
  const excludes = scope?.root.excludes
  const keyOf = childKeys(prefix)
  const below = new Map(folder.node?.below.map(node => [hex(node.name), node]))
  const run = runOf(folder, listing)
  for (let index = 0; index < listing.count; index++) {
    if (below.size === 0) {
      run.next = index
      yield run
      index = run.next
      if (index === listing.count) return
    }
    const name = listing.name(index)
    const failed = listing.stat(index, stat)
    if (excludes?.excluded(joined(scope, name), failed === 0 && stat.kind === 'folder')) continue
    const key = keyOf(name)
    if (failed < 0) {
      const refusal = refusalOf(failed)
      // What is gone since the listing was deleted, not missed.
      if (refusal.reason !== 'vanished') yield { kind: 'unread', key, node: undefined, ...refusal }
    } else {
      const node = below.size === 0 ? undefined : below.get(hex(name))
      yield found(folder, { key, name, stat, node, listed: listing.below(index) })
    }
  }
}

function runOf({ prefix, scope }: Folder, listing: Listing): Run {
  const excludes = scope?.root.excludes
  return {
    ...{ kind: 'run', listing, prefix: childKey(prefix, noBytes), next: 0 },
    isExcluded: index => excludes?.excluded(joined(scope, listing.name(index)), false) === true,
  }
}

interface Child {
  readonly key: Bytes
  readonly name: Bytes
  readonly stat: StatBuffer
  readonly node: RootNode | undefined
  readonly listed: PackedListing | undefined
}

/** Notes a folder to be walked; whether it can be is tried now, while its entry can still say so. */
function found(folder: Folder, child: Child): Step {
  const { key, name, stat, node, listed } = child
  const here = { key, folder: folder.handle, name, stat }
  forgetSize(stat)
  if (stat.kind !== 'folder') return { kind: 'found', ...here }
  const prefix = prefixBelow(folder.prefix, name)
  if (folder.depth >= depthMax) return { kind: 'blocked', prefix, reason: 'too_deep', detail: '', ...here }
  if (prefix.length > prefixBytesMax)
    return { kind: 'blocked', prefix, reason: 'too_long', detail: '', ...here }
  // Whoever listed it has opened it.
  if (listed === undefined) {
    const handle = folder.system.tryOpenFolder(folder.handle, name)
    if (handle < 0) return { kind: 'blocked', prefix, ...refusalOf(handle), ...here }
    folder.system.close(handle)
  }
  const visit = visitAtFirst(folder, node)
  const subfolder: Subfolder = { name, node, visit, ...(listed && { listing: listed }) }
  folder.subfolders.push(subfolder)
  return { kind: 'found', ...here, subfolder }
}

/** Only a file's size means something; a folder's depends on the file system. */
export function forgetSize(stat: StatBuffer): void {
  if (stat.kind !== 'file') stat.size = 0
}

function prefixBelow(prefix: Bytes, name: Bytes): Bytes {
  const below = new Uint8Array(prefix.length + name.length + 1)
  below.set(prefix)
  below.set(name, prefix.length)
  return below
}

function scopeOf(subfolder: Subfolder, parent: Frame | undefined): Scope | undefined {
  if (subfolder.node?.root !== undefined) return { root: subfolder.node.root, path: '' }
  if (parent?.scope === undefined) return undefined
  // Without patterns nobody asks for the path.
  if (parent.scope.root.excludes === undefined) return parent.scope
  return { root: parent.scope.root, path: `${joined(parent.scope, subfolder.name)}/` }
}

function joined(scope: Scope | undefined, name: Bytes): string {
  return `${scope?.path ?? ''}${nameText(name)}`
}

function mustSkip(
  system: System,
  handle: Handle,
  stat: StatBuffer,
  parent: Frame | undefined,
  skip: WalkOptions['skip'],
): boolean {
  if (skip !== undefined && stat.inode === skip.inode) {
    if (stat.deviceMajor === skip.deviceMajor && stat.deviceMinor === skip.deviceMinor) return true
  }
  const crossed =
    parent !== undefined &&
    (parent.deviceMajor !== stat.deviceMajor || parent.deviceMinor !== stat.deviceMinor)
  return crossed && system.fileSystemKind(handle) === 'kernel'
}

function refusalOf(failed: number): Refusal {
  const detail = errorName(-failed)
  return { reason: reasons[detail] ?? 'io', detail }
}

const reasons: Readonly<Record<string, UnreadReason>> = {
  ENOENT: 'vanished',
  ENOTDIR: 'vanished',
  ELOOP: 'vanished',
  EACCES: 'denied',
  EPERM: 'denied',
  ENAMETOOLONG: 'too_long',
  EREMOTE: 'cloud_only',
}
