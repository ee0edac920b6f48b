/** Making, filling, naming and removing on Windows. */
import { type Bytes, equalBytes, viewOf } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import { errno } from './error-numbers.ts'
import { fromRoot, type Handle, type Writing } from './system.ts'
import { checked } from './system-error.ts'
import { attributeName } from './windows-attributes.ts'
import type { BasicInformation } from './windows-basic.ts'
import type { WindowsCalls } from './windows-calls.ts'
import { nameKind, nativePath } from './windows-names.ts'
import {
  access,
  attribute,
  control,
  disposal,
  disposition,
  fileInformation,
  option,
} from './windows-numbers.ts'
import type { Objects } from './windows-objects.ts'
import { symlinkData } from './windows-reparse.ts'
import { kindOf } from './windows-stat.ts'
import { errorOf } from './windows-status.ts'
import { setUnits } from './wtf8.ts'

const fileRights =
  access.read | access.write | access.readAttributes | access.writeAttributes | access.readDescriptor
/** FILE_RENAME_INFORMATION and FILE_LINK_INFORMATION: u8, the folder's handle at 8, length at 16, the name at 20. */
const naming = { folder: 8, nameBytes: 16, name: 20 } as const
const mayBeWritten = 0o200

export function windowsWriting(calls: WindowsCalls, objects: Objects, basic: BasicInformation): Writing {
  const position = new Uint8Array(8)
  const kept = new Uint8Array(8)
  const number = new Uint8Array(8)
  const tag = new Uint8Array(8)

  function set(handle: Handle, bytes: Bytes, what: number): number {
    return errorOf(calls.NtSetInformationFile(handle, objects.ioStatus, bytes, bytes.length, what))
  }

  /** Gives what `from` names another name, or a second one. */
  function name(fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes, what: number, rights: number): number {
    const wish = namingWish(toAt, to)
    if (typeof wish === 'number') return wish
    const handle = objects.open(fromAt, from, { access: rights, options: 0 })
    if (handle < 0) return handle
    try {
      return set(handle, wish, what)
    } finally {
      objects.close(handle)
    }
  }

  /** Deletes what a handle names, now and not when others have closed it, where the file system can. */
  function dispose(handle: Handle, attributes: number): number {
    viewOf(number).setUint32(0, disposal.delete | disposal.posix | disposal.ignoreReadOnly, true)
    const gone = set(handle, number.subarray(0, 4), fileInformation.dispositionExtended)
    if (gone !== -errno.EINVAL && gone !== -errno.ENOSYS && gone !== -errno.EOPNOTSUPP) return gone
    if ((attributes & attribute.readOnly) !== 0)
      basic.set(handle, { attributes: attributes & ~attribute.readOnly })
    return set(handle, Uint8Array.of(1), fileInformation.disposition)
  }

  function removed(at: Handle, entry: Bytes, folder: boolean): number {
    const rights = access.delete | access.readAttributes
    const handle = objects.open(at, entry, { access: rights, options: folder ? option.folder : 0 })
    if (handle < 0) return handle
    try {
      const { ioStatus } = objects
      const what = fileInformation.attributeTag
      const known = calls.NtQueryInformationFile(handle, ioStatus, tag, tag.length, what)
      if (known < 0) return errorOf(known)
      const attributes = viewOf(tag).getUint32(0, true)
      const isFolder = kindOf(attributes, viewOf(tag).getUint32(4, true)) === 'folder'
      if (isFolder !== folder) return folder ? -errno.ENOTDIR : -errno.EISDIR
      return dispose(handle, attributes)
    } finally {
      objects.close(handle)
    }
  }

  const system: Writing = {
    makeFolder: (at, entry, mode) => void checked(system.tryMakeFolder(at, entry, mode), 'make folder'),
    tryMakeFolder(at, entry) {
      const made = objects.open(at, entry, {
        access: access.readAttributes,
        ...{ options: option.folder, disposition: disposition.create },
      })
      if (made < 0) return made
      objects.close(made)
      return 0
    },
    makeSymlink(at, entry, target, attributes = []) {
      const { data, isFolder } = linkOf(target, attributes)
      if (data === undefined) checked(-errno.EINVAL, 'make symlink')
      const made = objects.open(at, entry, {
        access: access.writeAttributes | access.delete,
        options: isFolder ? option.folder : option.notFolder,
        disposition: disposition.create,
      })
      checked(made, 'make symlink')
      try {
        const { ioStatus } = objects
        const code = control.setReparsePoint
        const bytes = data ?? number
        const set = calls.NtFsControlFile(made, 0, null, null, ioStatus, code, bytes, bytes.length, null, 0)
        if (set < 0) dispose(made, 0)
        checked(errorOf(set), 'make symlink')
      } finally {
        objects.close(made)
      }
    },
    makeLink(fromAt, from, toAt, to) {
      const linked = name(fromAt, from, toAt, to, fileInformation.link, access.writeAttributes)
      checked(linked === -errno.EISDIR ? -errno.EPERM : linked, 'make link')
    },
    // A device node of another system would stand for nothing here.
    makeSpecial: () => void checked(-errno.EOPNOTSUPP, 'make special file'),
    createFile: (at, entry, mode) => checked(system.tryCreateFile(at, entry, mode), 'create'),
    tryCreateFile(at, entry, mode) {
      return objects.open(at, entry, {
        ...{ access: fileRights, options: option.notFolder, disposition: disposition.create },
        attributes: (mode & mayBeWritten) === 0 ? attribute.readOnly : attribute.normal,
      })
    },
    write(file, bytes, at) {
      if (bytes.length === 0) return
      const { ioStatus } = objects
      // A call with a position moves the handle's own: it is put back.
      if (at !== undefined) {
        calls.NtQueryInformationFile(file, ioStatus, kept, kept.length, fileInformation.position)
        viewOf(position).setBigUint64(0, BigInt(at), true)
      }
      const where = at === undefined ? null : position
      const written = calls.NtWriteFile(file, 0, null, null, ioStatus, bytes, bytes.length, where, null)
      if (at !== undefined) set(file, kept, fileInformation.position)
      checked(errorOf(written), 'write')
    },
    writeAround: (file, bytes, at) => system.write(file, bytes, at),
    resize(file, size, isSparse = false) {
      const { ioStatus } = objects
      // Where it cannot be marked it has zeros.
      if (isSparse) calls.NtFsControlFile(file, 0, null, null, ioStatus, control.setSparse, null, 0, null, 0)
      viewOf(number).setBigUint64(0, BigInt(size), true)
      checked(set(file, number, fileInformation.endOfFile), 'resize')
    },
    sync(handle) {
      const flushed = errorOf(calls.NtFlushBuffersFile(handle, objects.ioStatus))
      // A folder cannot be flushed and need not be: NTFS journals its names.
      if (flushed !== -errno.EACCES) checked(flushed, 'sync')
    },
    rename: (fromAt, from, toAt, to) => void checked(system.tryRename(fromAt, from, toAt, to), 'rename'),
    tryRename: (fromAt, from, toAt, to) =>
      name(fromAt, from, toAt, to, fileInformation.rename, access.delete),
    remove: (at, entry) => void checked(removed(at, entry, false), 'remove'),
    removeFolder: (at, entry) => void checked(removed(at, entry, true), 'remove folder'),
  }
  return system
}

/** With "replace" left at 0; or the negative error number for what is no name. */
function namingWish(toAt: Handle, to: Bytes): Bytes | number {
  const known = toAt === fromRoot ? nativePath(to) : to
  if (known === undefined || (toAt !== fromRoot && nameKind(to) !== 'name')) return -errno.EINVAL
  const units = new Uint16Array(known.length)
  const count = setUnits(units, 0, known)
  if (count < 0) return -errno.EINVAL
  // The whole struct at least, with its padding.
  const wish = new Uint8Array(Math.max(24, naming.name + count * 2))
  const view = viewOf(wish)
  view.setBigUint64(naming.folder, toAt === fromRoot ? 0n : BigInt(toAt), true)
  view.setUint32(naming.nameBytes, count * 2, true)
  wish.set(new Uint8Array(units.buffer, 0, count * 2), naming.name)
  return wish
}

/** A symlink as it was on Windows when that is known, junctions among them; else one to a file. */
function linkOf(
  target: Bytes,
  attributes: readonly Attribute[],
): { readonly data: Bytes | undefined; readonly isFolder: boolean } {
  const found = (name: Bytes) => attributes.find(one => equalBytes(one.name, name))?.value
  const bits = found(attributeName.bits)
  const isFolder = bits?.length === 4 && (viewOf(bits).getUint32(0) & attribute.folder) !== 0
  return { data: found(attributeName.reparse) ?? symlinkData(target), isFolder }
}
