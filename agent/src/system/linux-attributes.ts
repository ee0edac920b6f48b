/**
 * Extended attributes and, in the same calls, POSIX ACLs (system.posix_acl_access and _default).
 *
 * There is no *xattrat before Linux 6.13: an entry that cannot be opened (a symlink, a FIFO) is reached through
 * /proc/self/fd/N/name with the l*xattr calls. The folder is held by its handle and the last component is not followed, so
 * nothing can be swapped below us; /proc must be mounted.
 */

import { constants } from 'node:os'
import { type Bytes, compareBytes, utf8 } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import type { LinuxCalls } from './linux-calls.ts'
import { posixNaming } from './posix-calls.ts'
import { pathBuffer } from './scratch.ts'
import type { Attributes, Handle } from './system.ts'
import { checked } from './system-error.ts'

/** The kernel's own limits: XATTR_LIST_MAX and XATTR_SIZE_MAX. */
const listBytesMax = 65_536
const valueBytesMax = 65_536
const attributeNameMax = 255
const none: readonly Attribute[] = []
const { EOPNOTSUPP, ENODATA } = constants.errno

export function linuxAttributes(calls: LinuxCalls): Attributes {
  const { done } = posixNaming(calls)
  const path = pathBuffer()
  const attribute = pathBuffer()
  // As large as anything can be, so that there is no ERANGE to grow after.
  const list = new Uint8Array(listBytesMax)
  const value = new Uint8Array(valueBytesMax)
  const prefixes = new Map<Handle, Bytes>()

  function entryPath(at: Handle, name: Bytes): void {
    if (at < 0) return void checked(path.set(name), 'attributes')
    const prefix = prefixes.get(at) ?? utf8(`/proc/self/fd/${at}/`)
    prefixes.set(at, prefix)
    path.bytes.set(prefix)
    checked(path.set(name, prefix.length), 'attributes')
  }

  function read(listed: number, get: (name: Bytes) => number): readonly Attribute[] {
    if (listed === 0 || listed === -EOPNOTSUPP) return none
    const names = list.slice(0, checked(listed, 'list attributes'))
    const attributes: Attribute[] = []
    for (let start = 0; start < names.length; ) {
      const end = names.indexOf(0, start)
      const name = names.subarray(start, end)
      start = end + 1
      checked(attribute.set(name), 'get attribute')
      const length = get(attribute.bytes)
      // Gone since it was listed.
      if (length === -ENODATA) continue
      attributes.push({ name, value: value.slice(0, checked(length, 'get attribute')) })
    }
    return attributes.sort((a, b) => compareBytes(a.name, b.name))
  }

  function named(name: Bytes): Bytes {
    if (name.length > attributeNameMax) checked(-constants.errno.ERANGE, 'set attribute')
    checked(attribute.set(name), 'set attribute')
    return attribute.bytes
  }

  return {
    attributes(handle) {
      const listed = done(calls.flistxattr(handle, list, listBytesMax))
      return read(listed, name => done(calls.fgetxattr(handle, name, value, valueBytesMax)))
    },
    attributesAt(at, name) {
      entryPath(at, name)
      const listed = done(calls.llistxattr(path.bytes, list, listBytesMax))
      return read(listed, name => done(calls.lgetxattr(path.bytes, name, value, valueBytesMax)))
    },
    setAttribute(handle, name, bytes) {
      checked(done(calls.fsetxattr(handle, named(name), bytes, bytes.length, 0)), 'set attribute')
    },
    setAttributeAt(at, entry, name, bytes) {
      entryPath(at, entry)
      checked(done(calls.lsetxattr(path.bytes, named(name), bytes, bytes.length, 0)), 'set attribute')
    },
    removeAttribute(handle, name) {
      checked(done(calls.fremovexattr(handle, named(name))), 'remove attribute')
    },
  }
}
