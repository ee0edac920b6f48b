/**
 * The bindings of Linux: what is called in libc, and nothing else. Calls that came to glibc after 2.28 go through
 * syscall(2) by number, so that older systems load too. All numbers are of 64-bit Linux.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { PosixCalls } from './posix-calls.ts'

/** Each returns what libc returns: negative for a failure, whose number is in `errno`. */
export interface LinuxCalls extends PosixCalls {
  statx(at: number, path: Bytes, flags: number, mask: number, into: Bytes): number
  getdents64(number: number, folder: number, into: Bytes, length: number): number
  fsync(handle: number): number
  posix_fadvise(file: number, start: number, length: number, advice: number): number
  flistxattr(handle: number, into: Bytes, length: number): number
  llistxattr(path: Bytes, into: Bytes, length: number): number
  fgetxattr(handle: number, name: Bytes, into: Bytes, length: number): number
  lgetxattr(path: Bytes, name: Bytes, into: Bytes, length: number): number
  fsetxattr(handle: number, name: Bytes, value: Bytes, length: number, flags: number): number
  lsetxattr(path: Bytes, name: Bytes, value: Bytes, length: number, flags: number): number
  fremovexattr(handle: number, name: Bytes): number
  mknodat(number: number, at: number, path: Bytes, mode: number, device: number): number
  renameat2(number: number, fromAt: number, from: Bytes, toAt: number, to: Bytes, flags: number): number
  fchmodat2(number: number, at: number, path: Bytes, mode: number, flags: number): number
  chmod(path: Bytes, mode: number): number
  inotify_init1(flags: number): number
  inotify_add_watch(notices: number, path: Bytes, mask: number): number
  inotify_rm_watch(notices: number, watch: number): number
  fcntl(handle: number, command: number, value: number): number
  ioctl(handle: number, request: number, into: Bytes): number
  ioprio_set(number: number, which: number, who: number, priority: number): number
  malloc_trim(kept: number): number
  mallopt(option: number, value: number): number
  madvise(start: bigint, length: number, advice: number): number
  _exit(code: number): never
}

const symbols: Record<Exclude<keyof LinuxCalls, 'errno' | 'address'>, string> = {
  openat: 'int openat(int, void *, int, uint)',
  close: 'int close(int)',
  statx: 'int statx(int, void *, int, uint, void *)',
  getdents64: 'int64 syscall(int64, int, void *, size_t)',
  readlinkat: 'int64 readlinkat(int, void *, void *, size_t)',
  read: 'int64 read(int, void *, size_t)',
  pread: 'int64 pread(int, void *, size_t, int64)',
  write: 'int64 write(int, void *, size_t)',
  pwrite: 'int64 pwrite(int, void *, size_t, int64)',
  lseek: 'int64 lseek(int, int64, int)',
  ftruncate: 'int ftruncate(int, int64)',
  fsync: 'int fsync(int)',
  posix_fadvise: 'int posix_fadvise(int, int64, int64, int)',
  flistxattr: 'int64 flistxattr(int, void *, size_t)',
  llistxattr: 'int64 llistxattr(void *, void *, size_t)',
  fgetxattr: 'int64 fgetxattr(int, void *, void *, size_t)',
  lgetxattr: 'int64 lgetxattr(void *, void *, void *, size_t)',
  fsetxattr: 'int fsetxattr(int, void *, void *, size_t, int)',
  lsetxattr: 'int lsetxattr(void *, void *, void *, size_t, int)',
  fremovexattr: 'int fremovexattr(int, void *)',
  mkdirat: 'int mkdirat(int, void *, uint)',
  mknodat: 'int64 syscall(int64, int, void *, uint, uint)',
  symlinkat: 'int symlinkat(void *, int, void *)',
  linkat: 'int linkat(int, void *, int, void *, int)',
  unlinkat: 'int unlinkat(int, void *, int)',
  renameat2: 'int64 syscall(int64, int, void *, int, void *, uint)',
  fchown: 'int fchown(int, uint, uint)',
  fchownat: 'int fchownat(int, void *, uint, uint, int)',
  fchmod: 'int fchmod(int, uint)',
  fchmodat2: 'int64 syscall(int64, int, void *, uint, uint)',
  chmod: 'int chmod(void *, uint)',
  futimens: 'int futimens(int, void *)',
  utimensat: 'int utimensat(int, void *, void *, int)',
  getpwuid_r: 'int getpwuid_r(uint, void *, void *, size_t, void *)',
  getgrgid_r: 'int getgrgid_r(uint, void *, void *, size_t, void *)',
  inotify_init1: 'int inotify_init1(int)',
  inotify_add_watch: 'int inotify_add_watch(int, void *, uint)',
  inotify_rm_watch: 'int inotify_rm_watch(int, int)',
  fcntl: 'int fcntl(int, int, int64)',
  ioctl: 'int ioctl(int, uint64, void *)',
  ioprio_set: 'int64 syscall(int64, int, int, int)',
  malloc_trim: 'int malloc_trim(size_t)',
  mallopt: 'int mallopt(int, int)',
  madvise: 'int madvise(uint64, size_t, int)',
  _exit: 'void _exit(int)',
}

/** The part of koffi that we use. */
export interface Koffi {
  load(path: null): { func(definition: string): (...values: readonly never[]) => number }
  errno(): number
  address(bytes: Bytes): bigint
}

/** Throws `no_system_calls` when koffi or a symbol of libc cannot be loaded. */
export async function loadLinuxCalls(importKoffi = defaultKoffi): Promise<LinuxCalls> {
  try {
    const koffi = await importKoffi()
    const libc = koffi.load(null)
    const calls = Object.entries(symbols).map(([name, definition]) => [name, libc.func(definition)])
    return { ...Object.fromEntries(calls), errno: koffi.errno, address: koffi.address }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(
      'no_system_calls',
      `the system calls that a backup needs cannot be loaded through koffi: ${why}`,
      {
        hint: 'install the koffi package of this platform (run: npm ci) and start again',
        cause,
      },
    )
  }
}

async function defaultKoffi(): Promise<Koffi> {
  return (await import('koffi')).default
}
