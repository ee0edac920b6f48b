/**
 * What only Windows knows of a file, as attributes. The names are those that ntfs-3g gives the same bytes on Linux, so that
 * a snapshot made here comes back whole there too, and the other way round:
 *
 *     system.ntfs_attrib_be      hidden, system, archive …: FILE_ATTRIBUTE bits, u32 big-endian; left out when usual
 *     system.ntfs_crtime_be      when it was made: FILETIME, u64 big-endian
 *     system.ntfs_acl            its security descriptor, self-relative
 *     system.ntfs_reparse_data   of a symlink or junction, as it lies on the disk
 *     user.NAME                  an alternate data stream
 */
import { type Bytes, compareBytes, concat, equalBytes, startsWith, utf8, viewOf } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import { errno } from './error-numbers.ts'
import { type Attributes, attributeBytesMax, type Handle } from './system.ts'
import { checked } from './system-error.ts'
import type { BasicInformation } from './windows-basic.ts'
import type { WindowsCalls } from './windows-calls.ts'
import { isDescriptor, toBeSet } from './windows-descriptor.ts'
import { access, attribute, control, security } from './windows-numbers.ts'
import type { Objects } from './windows-objects.ts'
import type { Held } from './windows-privileges.ts'
import { checkedReparseData } from './windows-reading.ts'
import { errorOf, status } from './windows-status.ts'
import { windowsStreams } from './windows-streams.ts'

export const attributeName = {
  descriptor: utf8('system.ntfs_acl'),
  bits: utf8('system.ntfs_attrib_be'),
  created: utf8('system.ntfs_crtime_be'),
  reparse: utf8('system.ntfs_reparse_data'),
} as const
const stream = utf8('user.')

/** Bits that somebody set, and whether it is a folder: a symlink to one is one itself. */
const kept =
  attribute.readOnly |
  attribute.hidden |
  attribute.system |
  attribute.folder |
  attribute.archive |
  attribute.temporary |
  attribute.compressed |
  attribute.notIndexed |
  attribute.encrypted
/** Those that can be set as they are; compressing and encrypting change how the content lies. */
const settable =
  attribute.hidden | attribute.system | attribute.archive | attribute.temporary | attribute.notIndexed

/** The largest that Windows makes: an ACL has at most 64 KiB, and there are two. */
const descriptorBytesMax = 160 * 1024

export interface AttributeParts {
  readonly calls: WindowsCalls
  readonly objects: Objects
  readonly basic: BasicInformation
  readonly held: Held
}

export function windowsAttributes({ calls, objects, basic, held }: AttributeParts): Attributes {
  const streams = windowsStreams(calls, objects)
  const descriptor = new Uint8Array(descriptorBytesMax)
  const needed = new Uint8Array(4)
  const usual = security.owner | security.group | security.dacl

  function descriptorOf(handle: Handle): Attribute | undefined {
    const query = (what: number) =>
      calls.NtQuerySecurityObject(handle, what, descriptor, descriptor.length, needed)
    let read = query(held.security ? usual | security.sacl : usual)
    // A handle that was opened without the right to see what is audited.
    if (read === status.accessDenied && held.security) read = query(usual)
    if (read < 0) {
      // FAT has none.
      const error = errorOf(read)
      if (error !== -errno.EOPNOTSUPP && error !== -errno.ENOSYS) checked(error, 'security descriptor')
      return undefined
    }
    const length = viewOf(needed).getUint32(0, true)
    return { name: attributeName.descriptor, value: descriptor.slice(0, length) }
  }

  const system: Attributes = {
    attributes(handle) {
      const known = basic.read(handle)
      if (typeof known === 'number') {
        checked(known, 'attributes')
        return []
      }
      const found: Attribute[] = []
      const acl = descriptorOf(handle)
      if (acl !== undefined) found.push(acl)
      const bits = bitsOf(known.attributes)
      if (bits !== undefined) found.push({ name: attributeName.bits, value: bits })
      found.push({ name: attributeName.created, value: bigEndian(known.created) })
      if (isLink(known.attributes, handle))
        found.push({ name: attributeName.reparse, value: checkedReparseData(calls, objects, handle) })
      let left = attributeBytesMax
      for (const { name, size } of streams.list(handle)) {
        // One byte more than an entry may have says that there is more.
        const value = streams.read(handle, name, Math.min(size, left + 1))
        found.push({ name: concat(stream, name), value })
        left -= value.length
        if (left < 0) break
      }
      return found.sort((a, b) => compareBytes(a.name, b.name))
    },
    attributesAt(at, name) {
      const rights = access.readAttributes | access.readDescriptor
      const wish = { access: held.security ? rights | access.auditDescriptor : rights, options: 0 }
      const handle = checked(objects.open(at, name, wish), 'attributes')
      try {
        return system.attributes(handle)
      } finally {
        objects.close(handle)
      }
    },
    setAttribute(handle, name, value) {
      checked(set(handle, name, value), 'set attribute')
    },
    setAttributeAt(at, entry, name, value) {
      const wish = { access: access.readAttributes, options: 0 }
      const handle = checked(objects.open(at, entry, wish), 'set attribute')
      try {
        system.setAttribute(handle, name, value)
      } finally {
        objects.close(handle)
      }
    },
    removeAttribute(handle, name) {
      if (!startsWith(name, stream)) checked(-errno.EOPNOTSUPP, 'remove attribute')
      streams.remove(handle, name.subarray(stream.length))
    },
  }
  return system

  function isLink(attributes: number, handle: Handle): boolean {
    if ((attributes & attribute.reparsePoint) === 0) return false
    // Others are files whose bytes are kept; how they lay on the disk is not.
    const data = checkedReparseData(calls, objects, handle)
    return (viewOf(data).getUint32(0, true) & 0x2000_0000) !== 0
  }

  function set(handle: Handle, name: Bytes, value: Bytes): number {
    if (equalBytes(name, attributeName.descriptor)) return setDescriptor(handle, value)
    if (equalBytes(name, attributeName.bits)) return setBits(handle, value)
    if (equalBytes(name, attributeName.created)) {
      const created = value.length === 8 ? viewOf(value).getBigInt64(0) : 0n
      return created <= 0n ? -errno.EINVAL : basic.set(handle, { created })
    }
    if (equalBytes(name, attributeName.reparse)) return setReparse(handle, value)
    // Namespaces of other systems stand for what Windows does not have.
    if (!startsWith(name, stream)) return -errno.EOPNOTSUPP
    streams.write(handle, name.subarray(stream.length), value)
    return 0
  }

  function setDescriptor(handle: Handle, value: Bytes): number {
    if (!isDescriptor(value)) return -errno.EINVAL
    const { descriptor, what } = toBeSet(value, { owners: held.restore, audit: held.security })
    const rights =
      access.writeDacl |
      (what & (security.owner | security.group) ? access.writeOwner : 0) |
      (what & security.sacl ? access.auditDescriptor : 0)
    return objects.with(handle, rights, again => errorOf(calls.NtSetSecurityObject(again, what, descriptor)))
  }

  function setBits(handle: Handle, value: Bytes): number {
    const known = basic.read(handle)
    if (typeof known === 'number') return known
    if (value.length !== 4) return -errno.EINVAL
    const wished = viewOf(value).getUint32(0) & settable
    // Of a file `setMode` says whether it may be written, when all else is set.
    const isFolder = (known.attributes & attribute.folder) !== 0
    const readOnly = isFolder ? viewOf(value).getUint32(0) & attribute.readOnly : 0
    return basic.set(handle, { attributes: (known.attributes & ~settable) | wished | readOnly })
  }

  function setReparse(handle: Handle, value: Bytes): number {
    return objects.with(handle, access.writeAttributes, again => {
      const { ioStatus } = objects
      const code = control.setReparsePoint
      const set = calls.NtFsControlFile(again, 0, null, null, ioStatus, code, value, value.length, null, 0)
      return errorOf(set)
    })
  }
}

/** Undefined of what every new file and folder has. */
function bitsOf(attributes: number): Bytes | undefined {
  const bits = attributes & kept
  if (bits === attribute.archive || bits === attribute.folder) return undefined
  const bytes = new Uint8Array(4)
  viewOf(bytes).setUint32(0, bits)
  return bytes
}

function bigEndian(value: bigint): Bytes {
  const bytes = new Uint8Array(8)
  viewOf(bytes).setBigInt64(0, value)
  return bytes
}
