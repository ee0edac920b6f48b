/**
 * Extended attributes of macOS, among them Finder's information and the resource fork (com.apple.ResourceFork), which may be
 * megabytes long and is read and written in one piece up to the limit of an entry; and what is the system's own (macos-own.ts). There
 * is no call by folder and name: what is no file or folder is opened itself, by its link where it is one.
 */
import { constants } from 'node:os'
import { type Bytes, compareBytes } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import type { MacosCalls } from './macos-calls.ts'
import { atOf, open } from './macos-numbers.ts'
import { isOwn, macosOwn } from './macos-own.ts'
import type { MacosStat } from './macos-stat.ts'
import { posixNaming } from './posix-calls.ts'
import { pathBuffer } from './scratch.ts'
import { type Attributes, attributeBytesMax, emptyStat, type Handle } from './system.ts'
import { checked } from './system-error.ts'

/** XATTR_MAXNAMELEN. */
const nameBytesMax = 127
const none: readonly Attribute[] = []
/** Where a name is gone since it was listed, as macOS numbers it; other systems have no such number. */
const noAttribute: number = (constants.errno as { ENOATTR?: number }).ENOATTR ?? constants.errno.ENODATA ?? 93
const { ENOTSUP, EOPNOTSUPP, EPERM, EACCES, ELOOP, ERANGE } = constants.errno

export function macosAttributes(calls: MacosCalls, stats: MacosStat): Attributes {
  const { done } = posixNaming(calls)
  const path = pathBuffer()
  const attribute = pathBuffer()
  const stat = emptyStat()
  const own = macosOwn(calls, stats)

  function named(name: Bytes): Bytes {
    if (name.length > nameBytesMax) checked(-ERANGE, 'attribute')
    checked(attribute.set(name), 'attribute')
    return attribute.bytes
  }

  function listed(handle: Handle): Bytes {
    const length = done(calls.flistxattr(handle, null, 0, 0))
    if (length === 0 || length === -ENOTSUP || length === -EOPNOTSUPP || length === -EPERM)
      return new Uint8Array()
    const names = new Uint8Array(checked(length, 'list attributes') + nameBytesMax + 1)
    return names.subarray(
      0,
      checked(done(calls.flistxattr(handle, names, names.length, 0)), 'list attributes'),
    )
  }

  /** Undefined: gone since it was listed. */
  function valueIn(handle: Handle, name: Bytes, left: number): Bytes | undefined {
    const length = done(calls.fgetxattr(handle, named(name), null, 0, 0, 0))
    if (length === -noAttribute) return undefined
    // One byte more than an entry may have says that there is more.
    if (length > left) return new Uint8Array(left + 1)
    const value = new Uint8Array(checked(length, 'get attribute'))
    const read = done(calls.fgetxattr(handle, named(name), value, value.length, 0, 0))
    // It grew or went meanwhile: the file has changed, and is looked at once more anyway.
    if (read === -noAttribute || read === -ERANGE) return undefined
    return value.subarray(0, checked(read, 'get attribute'))
  }

  function attributes(handle: Handle): readonly Attribute[] {
    const names = listed(handle)
    const found = own.read(handle)
    if (names.length === 0 && found.length === 0) return none
    let left = attributeBytesMax
    for (let start = 0; start < names.length; ) {
      const end = names.indexOf(0, start)
      const name = names.slice(start, end)
      start = end + 1
      if (isOwn(name)) continue
      const value = valueIn(handle, name, left)
      if (value === undefined) continue
      left -= value.length
      found.push({ name, value })
      if (left < 0) break
    }
    return found.sort((a, b) => compareBytes(a.name, b.name))
  }

  /** Undefined for what has none that could be reached: sockets and device nodes are not opened. */
  function held<T>(at: Handle, name: Bytes, work: (handle: Handle) => T): T | undefined {
    checked(stats.tryStatAt(at, name, stat), 'attributes')
    if (stat.kind === 'socket' || stat.kind === 'character_device' || stat.kind === 'block_device')
      return undefined
    checked(path.set(name), 'attributes')
    const itself = stat.kind === 'symlink' ? open.symlink : open.noFollow
    const flags = open.read | open.nonBlock | open.closeOnExec | itself
    const handle = done(calls.openat(atOf(at), path.bytes, flags, 0))
    if (handle === -EACCES || handle === -ELOOP) return undefined
    checked(handle, 'attributes')
    try {
      return work(handle)
    } finally {
      calls.close(handle)
    }
  }

  const system: Attributes = {
    attributes,
    attributesAt: (at, name) => held(at, name, attributes) ?? none,
    setAttribute(handle, name, value) {
      const set = isOwn(name)
        ? own.set(handle, name, value)
        : done(calls.fsetxattr(handle, named(name), value, value.length, 0, 0))
      checked(set, 'set attribute')
    },
    setAttributeAt(at, entry, name, value) {
      const isSet = held(at, entry, handle => {
        system.setAttribute(handle, name, value)
        return true
      })
      if (isSet === undefined) checked(-ENOTSUP, 'set attribute')
    },
    removeAttribute(handle, name) {
      const removed = isOwn(name)
        ? own.remove(handle, name)
        : done(calls.fremovexattr(handle, named(name), 0))
      checked(removed, 'remove attribute')
    },
  }
  return system
}
