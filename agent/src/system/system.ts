/**
 * The system calls that Node lacks, or offers without handles, bytes or nanoseconds. One implementation a platform.
 *
 * Names are bytes without a NUL, never assumed to be UTF-8; those of Windows are WTF-8. A name is looked up in the folder of a handle, so that
 * paths of any length can be walked and nobody can swap a folder for a symlink below us:
 *
 *     const home = system.openFolder(fromRoot, utf8('/home'))
 *     for (const { name } of system.listFolder(home)) console.log(system.statAt(home, name).size)
 *     system.close(home)
 *
 * No call follows a symlink in the last component. Every call is synchronous and throws SystemError; a `try…` call
 * returns the negative error number instead, for loops in which failing is common.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Attribute, NodeKind } from '@backstay/proto/content/entry'

/** An open file or folder, to be closed by who opened it. Not a resource of the garbage collector. */
export type Handle = number

/**
 * Instead of a folder's handle: the name is an absolute path, at most 4,095 bytes long; on Windows one with a drive or a
 * share, at most 32,767 units.
 */
export const fromRoot: Handle = -100

/** No name is longer on any file system of this platform: Windows counts 255 units, each of up to three bytes. */
export const nameBytesMax = process.platform === 'win32' ? 765 : 255

/** Of one entry, names and values: a page must hold them, and no object may be longer than 8 MiB. */
export const attributeBytesMax = 4 * 1024 * 1024

/** Permission, set-user-id, set-group-id and sticky bits. */
export const modeMask = 0o7777

export interface DeviceNumber {
  readonly major: number
  readonly minor: number
}

export interface Stat {
  readonly kind: NodeKind
  /** Permission, set-id and sticky bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Allocated, in units of 512 bytes. */
  readonly blocks: number
  readonly links: number
  /** The inode number; of one above 2^53 the upper 11 bits are folded into the 21 below them by exclusive or. */
  readonly inode: number
  readonly deviceMajor: number
  readonly deviceMinor: number
  /** The device that a device node stands for, else 0. */
  readonly nodeMajor: number
  readonly nodeMinor: number
  /** Seconds since 1970, negative before, and nanoseconds 0–999,999,999 to add. */
  readonly mtimeS: number
  readonly mtimeNs: number
  readonly ctimeS: number
  readonly ctimeNs: number
  /** Tells two mounts of one device apart; 0 when the kernel does not say. */
  readonly mount: number
}

/** A Stat to be filled again and again. */
export type StatBuffer = { -readonly [Field in keyof Stat]: Stat[Field] }

export interface FolderEntry {
  readonly name: Bytes
  /** Undefined when the file system does not say. */
  readonly kind: NodeKind | undefined
  /** As in Stat. */
  readonly inode: number
}

/** What is only a placeholder here, its content in a cloud, is refused with EREMOTE: nothing is fetched by looking. */
export interface Opening {
  /** Opens a folder for listing and for looking up names; ENOTDIR or ELOOP when it is not a folder. */
  openFolder(at: Handle, name: Bytes): Handle
  tryOpenFolder(at: Handle, name: Bytes): Handle
  /**
   * Opens for reading, without touching the access time where that is allowed. Never waits, so a FIFO opens too: who
   * wants a regular file asks `stat` of the handle. Not to be tried on device nodes: opening some moves things.
   */
  openFile(at: Handle, name: Bytes): Handle
  tryOpenFile(at: Handle, name: Bytes): Handle
  close(handle: Handle): void
}

export interface Reading {
  /** All entries but `.` and `..`, in no order, from the start, a few hundred at a time. */
  listFolder(folder: Handle): Iterable<FolderEntry>
  stat(handle: Handle): Stat
  statAt(at: Handle, name: Bytes): Stat
  /** Fills `into` and returns 0, or returns the negative error number. */
  tryStat(handle: Handle, into: StatBuffer): number
  tryStatAt(at: Handle, name: Bytes, into: StatBuffer): number
  readLink(at: Handle, name: Bytes): Bytes
  /** Reads up to `into.length` bytes, at the handle's own position when none is given. 0 at the end. */
  read(file: Handle, into: Bytes, position?: number): number
  tryRead(file: Handle, into: Bytes, position?: number): number
  /**
   * The first position from `from` on that holds data; Infinity when only a hole follows, undefined when the file
   * system does not say.
   */
  seekData(file: Handle, from: number): number | undefined
  /** The first position from `from` on that lies in a hole; the end of the file counts as one. */
  seekHole(file: Handle, from: number): number | undefined
  /** Tells the kernel how a range will be read; a length of 0 means to the end. Never fails. */
  advise(file: Handle, start: number, length: number, advice: Advice): void
  /** Of the file system that a folder lies on; `network` when that cannot be told. */
  fileSystemKind(folder: Handle): FileSystemKind
}

/** `kernel`: it holds nobody's files. `network`: others may change files there unheard. */
export type FileSystemKind = 'local' | 'network' | 'kernel'

export type Advice = 'sequential' | 'soon' | 'done'

export interface Attributes {
  /**
   * Extended attributes and ACLs, on Windows what windows-attributes.ts says, sorted by name; none when the file system
   * has none. More than `attributeBytesMax` need not be whole.
   */
  attributes(handle: Handle): readonly Attribute[]
  /** Also of symlinks and special files, without opening them. */
  attributesAt(at: Handle, name: Bytes): readonly Attribute[]
  setAttribute(handle: Handle, name: Bytes, value: Bytes): void
  setAttributeAt(at: Handle, entry: Bytes, name: Bytes, value: Bytes): void
  removeAttribute(handle: Handle, name: Bytes): void
}

export type SpecialKind = 'fifo' | 'socket' | 'character_device' | 'block_device'

export interface Writing {
  makeFolder(at: Handle, name: Bytes, mode: number): void
  tryMakeFolder(at: Handle, name: Bytes, mode: number): number
  /** `attributes`: of a symlink as it was. Windows tells links to folders, and junctions, from others. */
  makeSymlink(at: Handle, name: Bytes, target: Bytes, attributes?: readonly Attribute[]): void
  /** A second name for what `from` names; a symlink gets one itself, not its target. */
  makeLink(fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes): void
  makeSpecial(at: Handle, name: Bytes, kind: SpecialKind, mode: number, device?: DeviceNumber): void
  /** Makes a file that was not there and opens it for writing. */
  createFile(at: Handle, name: Bytes, mode: number): Handle
  tryCreateFile(at: Handle, name: Bytes, mode: number): Handle
  /** Writes all bytes, at the handle's own position when none is given. */
  write(file: Handle, bytes: Bytes, position?: number): void
  /**
   * As `write`, for large pieces that nobody will read soon: where the system can, they take no room among what it keeps in
   * memory. One thread at a time for one file.
   */
  writeAround(file: Handle, bytes: Bytes, position: number): void
  /** Cuts off, or adds a hole: on Windows zeros, unless the file is to be `sparse` from now on. */
  resize(file: Handle, size: number, sparse?: boolean): void
  sync(handle: Handle): void
  /** Never replaces: EEXIST when `to` exists. */
  rename(fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes): void
  tryRename(fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes): number
  /** Removes a name that is not a folder's. */
  remove(at: Handle, name: Bytes): void
  removeFolder(at: Handle, name: Bytes): void
}

export interface Describing {
  setOwner(handle: Handle, uid: number, gid: number): void
  setOwnerAt(at: Handle, name: Bytes, uid: number, gid: number): void
  setMode(handle: Handle, mode: number): void
  /** Of anything but a symlink, which has no mode: ENOTSUP. */
  setModeAt(at: Handle, name: Bytes, mode: number): void
  /**
   * Sets when the content changed; leaves the access time. A file system clamps what it cannot hold (ext4: 1901 to
   * 2446), in silence: who must know asks `stat`.
   */
  setTime(handle: Handle, mtimeS: number, mtimeNs: number): void
  setTimeAt(at: Handle, name: Bytes, mtimeS: number, mtimeNs: number): void
}

export interface Owners {
  /** Empty when the id has no name. Remembered for the life of the process. */
  userName(uid: number): Bytes
  groupName(gid: number): Bytes
  /** 0 is root. */
  effectiveUser(): number
  /** Whether numbers say whose something is; where they do not, all of them are 0. */
  readonly numbersOwners: boolean
}

/** A file that is run, the folder in which it lies, or a folder above that one: there others may add names, not exchange ours. */
export type Guarded = 'program' | 'folder' | 'above'

export interface Guarding {
  /** Whether nobody may change it but root; on Windows, but the system and its administrators. */
  isGuarded(at: Handle, name: Bytes, as: Guarded): boolean
}

export interface System extends Opening, Reading, Attributes, Writing, Describing, Owners, Guarding {}

export function emptyStat(): StatBuffer {
  return {
    kind: 'file',
    mode: 0,
    uid: 0,
    gid: 0,
    size: 0,
    blocks: 0,
    links: 0,
    inode: 0,
    deviceMajor: 0,
    deviceMinor: 0,
    nodeMajor: 0,
    nodeMinor: 0,
    mtimeS: 0,
    mtimeNs: 0,
    ctimeS: 0,
    ctimeNs: 0,
    mount: 0,
  }
}
