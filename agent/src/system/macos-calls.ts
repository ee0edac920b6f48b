/**
 * The bindings of macOS: what is called in libSystem, and nothing else. Shapes and numbers are those of the SDK's headers; none of it
 * has run on a Mac yet (README, "Where what was seen").
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { PosixCalls } from './posix-calls.ts'

/** Each returns what libc returns: negative for a failure, whose number is in `errno`. */
export interface MacosCalls extends PosixCalls {
  fstat(handle: number, into: Bytes): number
  fstatat(at: number, path: Bytes, into: Bytes, flags: number): number
  getdirentries(folder: number, into: Bytes, length: number, position: Bytes): number
  /** fcntl with a number, or with nothing, as the command wants it. */
  fcntl(handle: number, command: number, value: number): number
  flistxattr(handle: number, into: Bytes | null, length: number, options: number): number
  fgetxattr(
    handle: number,
    name: Bytes,
    into: Bytes | null,
    length: number,
    at: number,
    options: number,
  ): number
  fsetxattr(handle: number, name: Bytes, value: Bytes, length: number, at: number, options: number): number
  fremovexattr(handle: number, name: Bytes, options: number): number
  mknodat(at: number, path: Bytes, mode: number, device: number): number
  renameatx(fromAt: number, from: Bytes, toAt: number, to: Bytes, flags: number): number
  fchmodat(at: number, path: Bytes, mode: number, flags: number): number
  setiopolicy(type: number, scope: number, policy: number): number
  fchflags(handle: number, flags: number): number
  /** A list of libSystem's, to be given to `acl_free`; 0 for a failure. */
  acl_get_fd_np(handle: number, type: number): number
  acl_set_fd_np(handle: number, list: number, type: number): number
  acl_size(list: number): number
  acl_copy_ext(into: Bytes, list: number, length: number): number
  /** As `acl_get_fd_np`. Reads as far as the count in the bytes says. */
  acl_copy_int(bytes: Bytes): number
  acl_init(entries: number): number
  acl_free(list: number): number
}

type Types = readonly [result: string, ...parameters: string[]]

/** By the name in libSystem. On Intel, stat with 64-bit inodes has a name of its own. */
const inode64 = process.arch === 'x64' ? '$INODE64' : ''
const symbols: Readonly<
  Record<Exclude<keyof MacosCalls, 'errno' | 'address' | 'openat' | 'fcntl'>, readonly [string, Types]>
> = {
  close: ['close', ['int', 'int']],
  fstat: [`fstat${inode64}`, ['int', 'int', 'void *']],
  fstatat: [`fstatat${inode64}`, ['int', 'int', 'void *', 'void *', 'int']],
  getdirentries: ['__getdirentries64', ['int64', 'int', 'void *', 'size_t', 'void *']],
  readlinkat: ['readlinkat', ['int64', 'int', 'void *', 'void *', 'size_t']],
  read: ['read', ['int64', 'int', 'void *', 'size_t']],
  pread: ['pread', ['int64', 'int', 'void *', 'size_t', 'int64']],
  write: ['write', ['int64', 'int', 'void *', 'size_t']],
  pwrite: ['pwrite', ['int64', 'int', 'void *', 'size_t', 'int64']],
  lseek: ['lseek', ['int64', 'int', 'int64', 'int']],
  ftruncate: ['ftruncate', ['int', 'int', 'int64']],
  flistxattr: ['flistxattr', ['int64', 'int', 'void *', 'size_t', 'int']],
  fgetxattr: ['fgetxattr', ['int64', 'int', 'void *', 'void *', 'size_t', 'uint32', 'int']],
  fsetxattr: ['fsetxattr', ['int', 'int', 'void *', 'void *', 'size_t', 'uint32', 'int']],
  fremovexattr: ['fremovexattr', ['int', 'int', 'void *', 'int']],
  mkdirat: ['mkdirat', ['int', 'int', 'void *', 'uint16']],
  mknodat: ['mknodat', ['int', 'int', 'void *', 'uint16', 'int32']],
  symlinkat: ['symlinkat', ['int', 'void *', 'int', 'void *']],
  linkat: ['linkat', ['int', 'int', 'void *', 'int', 'void *', 'int']],
  unlinkat: ['unlinkat', ['int', 'int', 'void *', 'int']],
  renameatx: ['renameatx_np', ['int', 'int', 'void *', 'int', 'void *', 'uint']],
  fchown: ['fchown', ['int', 'int', 'uint', 'uint']],
  fchownat: ['fchownat', ['int', 'int', 'void *', 'uint', 'uint', 'int']],
  fchmod: ['fchmod', ['int', 'int', 'uint16']],
  fchmodat: ['fchmodat', ['int', 'int', 'void *', 'uint16', 'int']],
  futimens: ['futimens', ['int', 'int', 'void *']],
  utimensat: ['utimensat', ['int', 'int', 'void *', 'void *', 'int']],
  getpwuid_r: ['getpwuid_r', ['int', 'uint', 'void *', 'void *', 'size_t', 'void *']],
  getgrgid_r: ['getgrgid_r', ['int', 'uint', 'void *', 'void *', 'size_t', 'void *']],
  setiopolicy: ['setiopolicy_np', ['int', 'int', 'int', 'int']],
  fchflags: ['fchflags', ['int', 'int', 'uint']],
  // Addresses as numbers: we hand them back and look at none.
  acl_get_fd_np: ['acl_get_fd_np', ['uint64', 'int', 'int']],
  acl_set_fd_np: ['acl_set_fd_np', ['int', 'int', 'uint64', 'int']],
  acl_size: ['acl_size', ['int64', 'uint64']],
  acl_copy_ext: ['acl_copy_ext', ['int64', 'void *', 'uint64', 'int64']],
  acl_copy_int: ['acl_copy_int', ['uint64', 'void *']],
  acl_init: ['acl_init', ['uint64', 'int']],
  acl_free: ['acl_free', ['int', 'uint64']],
}

/** The part of koffi that we use. */
interface Koffi {
  load(path: null): {
    func(
      name: string,
      result: string,
      parameters: readonly string[],
    ): (...values: readonly unknown[]) => number
  }
  errno(): number
  address(bytes: Bytes): bigint
}

/** Throws `no_system_calls` when koffi or a symbol cannot be loaded. */
export async function loadMacosCalls(): Promise<MacosCalls> {
  try {
    const koffi = (await import('koffi')).default as unknown as Koffi
    const system = koffi.load(null)
    const calls = Object.entries(symbols).map(([key, [name, [result, ...parameters]]]) => [
      key,
      system.func(name, result, parameters),
    ])
    // What follows the dots goes another way on Apple processors: koffi must know where they begin.
    const openat = system.func('openat', 'int', ['int', 'void *', 'int', '...'])
    const fcntl = system.func('fcntl', 'int', ['int', 'int', '...'])
    return {
      ...Object.fromEntries(calls),
      openat: (at: number, path: Bytes, flags: number, mode: number) => openat(at, path, flags, 'int', mode),
      fcntl: (handle: number, command: number, value: number) => fcntl(handle, command, 'int', value),
      ...{ errno: koffi.errno, address: koffi.address },
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(
      'no_system_calls',
      `the system calls that a backup needs cannot be loaded through koffi: ${why}`,
      {
        hint: 'macOS 13 or newer has them; install the koffi package of this platform and start again',
        cause,
      },
    )
  }
}
