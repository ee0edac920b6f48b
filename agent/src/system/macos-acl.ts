/**
 * Access control lists of macOS as acl_copy_ext(3) lays them out: struct kauth_filesec of sys/kauth.h, its numbers big-endian. Magic
 * u32, owner and group (16 bytes each, not used), count u32, flags u32; then for each entry whom it is for (a UUID of 16
 * bytes), flags u32 and rights u32.
 */
import { type Bytes, viewOf } from '@backstay/proto/bytes'
import { errno } from './error-numbers.ts'
import type { MacosCalls } from './macos-calls.ts'
import type { Handle } from './system.ts'
import { checked } from './system-error.ts'

const magic = 0x012c_c16d
const headBytes = 44
const entryBytes = 24
const field = { count: 36, flags: 40 } as const
/** KAUTH_ACL_MAX_ENTRIES. */
const entriesMax = 128
const listBytesMax = headBytes + entriesMax * entryBytes
/** ACL_TYPE_EXTENDED: the only one there is. */
const extended = 0x100

/** Whether it is whole: acl_copy_int believes the count in it, and a snapshot may be forged by who held the device. */
export function isAcl(bytes: Bytes): boolean {
  if (bytes.length < headBytes || bytes.length > listBytesMax) return false
  const view = viewOf(bytes)
  const count = view.getUint32(field.count)
  return view.getUint32(0) === magic && bytes.length === headBytes + count * entryBytes
}

export type AclCalls = Pick<
  MacosCalls,
  | 'acl_get_fd_np'
  | 'acl_set_fd_np'
  | 'acl_size'
  | 'acl_copy_ext'
  | 'acl_copy_int'
  | 'acl_init'
  | 'acl_free'
  | 'errno'
>

export interface MacosAcls {
  /** Undefined when there is none, or it says nothing. */
  read(handle: Handle): Bytes | undefined
  /** Returns 0 or a negative error number. */
  set(handle: Handle, acl: Bytes): number
  remove(handle: Handle): number
}

export function macosAcls(calls: AclCalls): MacosAcls {
  /** Does a deed with a list of libSystem's, and gives it back. */
  function using(list: number, deed: (list: number) => number): number {
    if (list === 0) return -calls.errno()
    try {
      const result = deed(list)
      return result < 0 ? -calls.errno() : result
    } finally {
      calls.acl_free(list)
    }
  }

  return {
    read(handle) {
      const bytes = new Uint8Array(listBytesMax)
      const length = using(calls.acl_get_fd_np(handle, extended), list => {
        const size = calls.acl_size(list)
        return size < 0 ? size : calls.acl_copy_ext(bytes, list, bytes.length)
      })
      // ENOENT: no list. The others: a file system without them.
      if (length === -errno.ENOENT || length === -errno.ENOTSUP || length === -errno.EOPNOTSUPP)
        return undefined
      const acl = bytes.slice(0, checked(length, 'get access control list'))
      const view = viewOf(acl)
      return view.getUint32(field.count) === 0 && view.getUint32(field.flags) === 0 ? undefined : acl
    },
    set(handle, acl) {
      if (!isAcl(acl)) return -errno.EINVAL
      return using(calls.acl_copy_int(acl), list => calls.acl_set_fd_np(handle, list, extended))
    },
    remove: handle => using(calls.acl_init(0), list => calls.acl_set_fd_np(handle, list, extended)),
  }
}
