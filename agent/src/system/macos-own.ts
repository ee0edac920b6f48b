/**
 * What macOS keeps of a file beside its extended attributes, under names of our own:
 *
 *     system.macos_acl           the access control list: macos-acl.ts
 *     system.macos_flags         flags that the owner sets: macos-flags.ts; left out when there are none
 *     system.macos_super_flags   flags that only the super-user sets
 */
import { type Bytes, equalBytes, startsWith, utf8 } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import { errno } from './error-numbers.ts'
import { macosAcls } from './macos-acl.ts'
import type { MacosCalls } from './macos-calls.ts'
import { flagsValue, flagsWith, ownersFlags, superFlags } from './macos-flags.ts'
import type { MacosStat } from './macos-stat.ts'
import { posixNaming } from './posix-calls.ts'
import { emptyStat, type Handle } from './system.ts'
import { checked } from './system-error.ts'

const prefix = utf8('system.macos_')
const aclName = utf8('system.macos_acl')
const flagNames: readonly { readonly name: Bytes; readonly whose: number }[] = [
  { name: utf8('system.macos_flags'), whose: ownersFlags },
  { name: utf8('system.macos_super_flags'), whose: superFlags },
]
const noFlags = new Uint8Array(4)

/** Nobody's list of rights is taken from an extended attribute of this name, which anyone may write. */
export const isOwn = (name: Bytes): boolean => startsWith(name, prefix)

export interface MacosOwn {
  /** Sorted by name. */
  read(handle: Handle): Attribute[]
  /** Return 0 or a negative error number. */
  set(handle: Handle, name: Bytes, value: Bytes): number
  remove(handle: Handle, name: Bytes): number
}

export function macosOwn(calls: MacosCalls, stats: Pick<MacosStat, 'tryStat' | 'flags'>): MacosOwn {
  const { done } = posixNaming(calls)
  const acls = macosAcls(calls)
  const stat = emptyStat()

  function flagsOf(handle: Handle): number {
    checked(stats.tryStat(handle, stat), 'flags')
    return stats.flags()
  }

  const own: MacosOwn = {
    read(handle) {
      const found: Attribute[] = []
      const acl = acls.read(handle)
      if (acl !== undefined) found.push({ name: aclName, value: acl })
      const flags = flagsOf(handle)
      for (const { name, whose } of flagNames) {
        const value = flagsValue(flags, whose)
        if (value !== undefined) found.push({ name, value })
      }
      return found
    },
    set(handle, name, value) {
      if (equalBytes(name, aclName)) return acls.set(handle, value)
      const part = flagNames.find(one => equalBytes(one.name, name))
      if (part === undefined) return -errno.EOPNOTSUPP
      const before = flagsOf(handle)
      const after = flagsWith(before, part.whose, value)
      if (after === undefined) return -errno.EINVAL
      return after === before ? 0 : done(calls.fchflags(handle, after))
    },
    remove: (handle, name) =>
      equalBytes(name, aclName) ? acls.remove(handle) : own.set(handle, name, noFlags),
  }
  return own
}
