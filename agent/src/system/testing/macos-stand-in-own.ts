/** Access control lists and flags of the stand-in for macOS, by inode, and the refusals that locked files meet there. */
import { type Bytes, viewOf } from '@backstay/proto/bytes'
import { errno as numbers } from '../error-numbers.ts'
import type { AclCalls } from '../macos-acl.ts'
import type { MacosCalls } from '../macos-calls.ts'
import { locking } from '../macos-flags.ts'

interface Entry {
  readonly whom: Bytes
  readonly flags: number
  readonly rights: number
}

interface List {
  readonly flags: number
  readonly entries: readonly Entry[]
}

export type OwnCalls = Omit<AclCalls, 'errno'> & Pick<MacosCalls, 'fchflags'>

export interface StandInOwn {
  readonly calls: OwnCalls
  /** st_flags by inode. */
  readonly flags: Map<number, number>
  /** Lists that nobody gave back. */
  readonly listsHeld: () => number
  isLocked(inode: number): boolean
  /** What is made in a folder gets those entries of its list that are to be inherited. */
  inherit(folder: number, made: number, kind: 'file' | 'folder'): void
  /** What had it is gone: the number will stand for something else. */
  forget(inode: number): void
}

/** Of sys/kauth.h: KAUTH_ACE_INHERITED, _FILE_INHERIT and _DIRECTORY_INHERIT. */
const inherited = 0x10
const inherits = { file: 0x20, folder: 0x40 } as const

/** `refuse` notes an error number and returns -1. */
export function standInOwn(inodeOf: (handle: number) => number, refuse: (errno: number) => -1): StandInOwn {
  const flags = new Map<number, number>()
  const kept = new Map<number, List>()
  const lists = new Map<number, List>()
  // Such as addresses are: beyond 32 bits, within 53.
  let next = 0x6000_0000_0000

  function lend(list: List): number {
    next += 16
    lists.set(next, list)
    return next
  }
  function lent(list: number): List {
    const found = lists.get(list)
    if (found === undefined) throw new Error(`no list is lent at ${list}`)
    return found
  }
  const bytesOf = ({ entries }: List): number => 44 + 24 * entries.length

  const calls: OwnCalls = {
    fchflags(handle, wished) {
      flags.set(inodeOf(handle), wished)
      return 0
    },
    acl_get_fd_np(handle, type) {
      const list = kept.get(inodeOf(handle))
      if (type === 0x100 && list !== undefined) return lend(list)
      refuse(type === 0x100 ? numbers.ENOENT : numbers.EINVAL)
      return 0
    },
    acl_set_fd_np(handle, list, type) {
      if (type !== 0x100) return refuse(numbers.EINVAL)
      const inode = inodeOf(handle)
      if (((flags.get(inode) ?? 0) & locking) !== 0) return refuse(numbers.EPERM)
      kept.set(inode, lent(list))
      return 0
    },
    acl_size: list => bytesOf(lent(list)),
    acl_copy_ext(into, given, length) {
      const list = lent(given)
      if (length < bytesOf(list)) return refuse(numbers.ERANGE)
      const view = viewOf(into)
      view.setUint32(0, 0x012c_c16d)
      view.setUint32(36, list.entries.length)
      view.setUint32(40, list.flags)
      list.entries.forEach(({ whom, flags, rights }, index) => {
        into.set(whom, 44 + index * 24)
        view.setUint32(60 + index * 24, flags)
        view.setUint32(64 + index * 24, rights)
      })
      return bytesOf(list)
    },
    acl_copy_int(bytes) {
      const view = viewOf(bytes)
      const entries = Array.from({ length: view.getUint32(36) }, (_, index) => ({
        whom: bytes.slice(44 + index * 24, 60 + index * 24),
        flags: view.getUint32(60 + index * 24),
        rights: view.getUint32(64 + index * 24),
      }))
      return lend({ flags: view.getUint32(40), entries })
    },
    acl_init: () => lend({ flags: 0, entries: [] }),
    acl_free(list) {
      lent(list)
      lists.delete(list)
      return 0
    },
  }
  return {
    ...{ calls, flags },
    listsHeld: () => lists.size,
    isLocked: inode => ((flags.get(inode) ?? 0) & locking) !== 0,
    inherit(folder, made, kind) {
      const entries = (kept.get(folder)?.entries ?? []).filter(({ flags }) => (flags & inherits[kind]) !== 0)
      if (entries.length === 0) return
      const own = kind === 'folder' ? 0xffff_ffff : ~(inherits.file | inherits.folder)
      kept.set(made, {
        flags: 0,
        entries: entries.map(one => ({ ...one, flags: ((one.flags & own) | inherited) >>> 0 })),
      })
    },
    forget(inode) {
      flags.delete(inode)
      kept.delete(inode)
    },
  }
}
