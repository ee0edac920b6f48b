/** The calls that Linux and macOS have in common, by the shapes of POSIX, and what goes before and after each. */
import type { Bytes } from '@backstay/proto/bytes'
import { pathBuffer } from './scratch.ts'
import type { Handle } from './system.ts'

/** Each returns what libc returns: negative for a failure, whose number is in `errno`. */
export interface PosixCalls {
  errno(): number
  openat(at: number, path: Bytes, flags: number, mode: number): number
  close(handle: number): number
  readlinkat(at: number, path: Bytes, into: Bytes, length: number): number
  read(file: number, into: Bytes, length: number): number
  pread(file: number, into: Bytes, length: number, position: number): number
  write(file: number, bytes: Bytes, length: number): number
  pwrite(file: number, bytes: Bytes, length: number, position: number): number
  lseek(file: number, position: number, whence: number): number
  ftruncate(file: number, size: number): number
  mkdirat(at: number, path: Bytes, mode: number): number
  symlinkat(target: Bytes, at: number, path: Bytes): number
  linkat(fromAt: number, from: Bytes, toAt: number, to: Bytes, flags: number): number
  unlinkat(at: number, path: Bytes, flags: number): number
  fchown(handle: number, uid: number, gid: number): number
  fchownat(at: number, path: Bytes, uid: number, gid: number, flags: number): number
  fchmod(handle: number, mode: number): number
  futimens(handle: number, times: Bytes): number
  utimensat(at: number, path: Bytes, times: Bytes, flags: number): number
  getpwuid_r(uid: number, into: Bytes, text: Bytes, length: number, result: Bytes): number
  getgrgid_r(gid: number, into: Bytes, text: Bytes, length: number, result: Bytes): number
  /** Where the bytes lie in memory. */
  address(bytes: Bytes): bigint
}

/** What POSIX names and each system numbers. */
export interface PosixNumbers {
  /** A folder's handle as a call wants it. */
  readonly folderOf: (handle: Handle) => number
  /** Flags of openat that make a file which was not there. */
  readonly createFlags: number
  /** Flags of the …at calls. */
  readonly at: { readonly noFollow: number; readonly removeFolder: number }
  readonly seek: { readonly set: number; readonly data: number; readonly hole: number }
  /** In place of nanoseconds: leave this time as it is. */
  readonly timeOmit: number
}

export interface Naming {
  /** The result of a call, or the negative error number. */
  done(result: number): number
  /** Runs a call on a name that ends with a NUL. */
  named(name: Bytes, call: (path: Bytes) => number): number
  namedBoth(first: Bytes, second: Bytes, call: (first: Bytes, second: Bytes) => number): number
}

export function posixNaming(calls: Pick<PosixCalls, 'errno'>): Naming {
  const path = pathBuffer()
  const other = pathBuffer()
  const naming: Naming = {
    done: result => (result < 0 ? -calls.errno() : result),
    named(name, call) {
      const refused = path.set(name)
      return refused < 0 ? refused : naming.done(call(path.bytes))
    },
    namedBoth(first, second, call) {
      const refused = other.set(second)
      return refused < 0 ? refused : naming.named(first, path => call(path, other.bytes))
    },
  }
  return naming
}
