/**
 * What macOS would answer, played on Linux: its struct layouts, flags and names of attributes in front of real files. It shows that the
 * seam asks and reads as the headers say; that a Mac answers as they say, it cannot show.
 */
import { constants } from 'node:os'
import { type Bytes, concat, fromUtf8, utf8 } from '@backstay/proto/bytes'
import type { NodeKind } from '@backstay/proto/content/entry'
import { linuxSystem } from '../linux.ts'
import { loadLinuxCalls } from '../linux-calls.ts'
import { callNumber, open as linuxOpen } from '../linux-numbers.ts'
import type { MacosCalls } from '../macos-calls.ts'
import { dataless } from '../macos-flags.ts'
import { at as macAt, open as openFlag } from '../macos-numbers.ts'
import { typeNumber } from '../posix-kinds.ts'
import { setInt64 } from '../scratch.ts'
import { fromRoot, type Handle, type Stat } from '../system.ts'
import { isSystemError, SystemError } from '../system-error.ts'
import { type StandInOwn, standInOwn } from './macos-stand-in-own.ts'

export interface MacosStandIn {
  readonly calls: MacosCalls
  /** Inodes whose content lies in a cloud. */
  readonly inCloud: Set<number>
  /** Access control lists and flags. What is locked is neither changed, renamed nor removed: flags are to be cleared in the end. */
  readonly own: Pick<StandInOwn, 'flags' | 'listsHeld'>
  /** What was asked of setiopolicy_np. */
  readonly policies: (readonly number[])[]
}

/** Linux keeps attributes of people under a prefix, macOS has none. */
const prefix = utf8('user.')

export async function macosStandIn(): Promise<MacosStandIn> {
  const linux = await loadLinuxCalls()
  const system = linuxSystem(linux)
  const inCloud = new Set<number>()
  const policies: (readonly number[])[] = []
  let errno = 0

  const from = (at: number): Handle => (at === macAt.workingFolder ? fromRoot : at)
  const name = (path: Bytes): Bytes => path.subarray(0, path.indexOf(0))
  const raw = (result: number): number => {
    if (result < 0) errno = linux.errno()
    return result
  }
  const refuse = (number: number): -1 => {
    errno = number
    return -1
  }
  const own = standInOwn(handle => system.stat(handle).inode, refuse)
  const attempt = (work: () => number | undefined): number => {
    try {
      return work() ?? 0
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      return refuse(error.errno)
    }
  }

  function fill(into: Bytes, stat: Stat): number {
    const words = new Uint32Array(into.buffer, into.byteOffset, 36)
    words.fill(0)
    words[0] = ((stat.deviceMajor & 0xff) << 24) | (stat.deviceMinor & 0xff_ffff)
    words[1] = ((typeNumber[stat.kind] << 12) | stat.mode | (stat.links << 16)) >>> 0
    setInt64(words, 2, stat.inode)
    words[4] = stat.uid
    words[5] = stat.gid
    words[6] = (stat.nodeMajor << 24) | stat.nodeMinor
    setInt64(words, 12, stat.mtimeS)
    setInt64(words, 14, stat.mtimeNs)
    setInt64(words, 16, stat.ctimeS)
    setInt64(words, 18, stat.ctimeNs)
    setInt64(words, 24, stat.size)
    setInt64(words, 26, stat.blocks)
    words[29] = (own.flags.get(stat.inode) ?? 0) | (inCloud.has(stat.inode) ? dataless : 0)
    return 0
  }

  /** Records of Linux as macOS lays them out, a little longer each. */
  function direntsOf(batch: Bytes, into: Bytes): number {
    const view = new DataView(batch.buffer, batch.byteOffset)
    const out = new DataView(into.buffer, into.byteOffset)
    let end = 0
    for (let start = 0; start < batch.length; start += view.getUint16(start + 16, true)) {
      const text = batch.subarray(start + 19, batch.indexOf(0, start + 19))
      const length = (21 + text.length + 1 + 7) & ~7
      into.fill(0, end, end + length)
      into.set(batch.subarray(start, start + 16), end)
      out.setUint16(end + 16, length, true)
      out.setUint16(end + 18, text.length, true)
      into[end + 20] = batch[start + 18] as number
      into.set(text, end + 21)
      end += length
    }
    return end
  }

  const attributeName = (given: Bytes): Bytes => concat(prefix, name(given), Uint8Array.of(0))
  const kindOf = (mode: number) =>
    (Object.keys(typeNumber) as NodeKind[]).find(kind => typeNumber[kind] === mode >>> 12)

  /** EPERM of what is locked, before a deed is done to it; a folder's handle stands for what is made or removed in it. */
  const unlocked = (inode: number | undefined, deed: () => number): number =>
    inode !== undefined && own.isLocked(inode) ? refuse(constants.errno.EPERM) : deed()
  const inodeAt = (at: number, path: Bytes): number | undefined => {
    try {
      return system.statAt(from(at), name(path)).inode
    } catch (error) {
      if (!isSystemError(error)) throw error
      return undefined
    }
  }
  const inFolder = (at: number, deed: () => number): number =>
    unlocked(at === macAt.workingFolder ? undefined : system.stat(at).inode, deed)
  const inheritIn = (at: number, made: number, kind: 'file' | 'folder'): void => {
    if (at !== macAt.workingFolder) own.inherit(system.stat(at).inode, made, kind)
  }
  const onHandle = (handle: number, deed: () => number): number => unlocked(system.stat(handle).inode, deed)
  const onName = (at: number, path: Bytes, deed: () => number): number => unlocked(inodeAt(at, path), deed)

  const calls: MacosCalls = {
    ...own.calls,
    errno: () => errno,
    openat(at, path, flags, mode) {
      const has = (flag: number, linuxFlag: number) => ((flags & flag) === 0 ? 0 : linuxFlag)
      const asked =
        (flags & 3) |
        has(openFlag.nonBlock, 0o4000) |
        has(openFlag.noFollow, linuxOpen.noFollow) |
        has(openFlag.create, 0o100) |
        has(openFlag.exclusive, 0o200) |
        has(openFlag.folder, linuxOpen.folder) |
        has(openFlag.symlink, linuxOpen.pathOnly | linuxOpen.noFollow) |
        has(openFlag.closeOnExec, linuxOpen.closeOnExec)
      const open = () => raw(linux.openat(from(at), path, asked, mode))
      if ((flags & openFlag.create) === 0) return open()
      const made = inFolder(at, open)
      if (made >= 0) inheritIn(at, system.stat(made).inode, 'file')
      return made
    },
    close: handle => raw(linux.close(handle)),
    fstat: (handle, into) => attempt(() => fill(into, system.stat(handle))),
    fstatat: (at, path, into) => attempt(() => fill(into, system.statAt(from(at), name(path)))),
    getdirentries(folder, into, length) {
      const batch = new Uint8Array(length / 2)
      const filled = raw(linux.getdents64(callNumber.getdents64, folder, batch, batch.length))
      return filled <= 0 ? filled : direntsOf(batch.subarray(0, filled), into)
    },
    readlinkat: (at, path, into, length) => raw(linux.readlinkat(from(at), path, into, length)),
    read: (file, into, length) => raw(linux.read(file, into, length)),
    pread: (file, into, length, position) => raw(linux.pread(file, into, length, position)),
    write: (file, bytes, length) => raw(linux.write(file, bytes, length)),
    pwrite: (file, bytes, length, position) => raw(linux.pwrite(file, bytes, length, position)),
    // Data and hole have each other's numbers there.
    lseek: (file, position, whence) => raw(linux.lseek(file, position, [0, 1, 2, 4, 3][whence] as number)),
    ftruncate: (file, size) => raw(linux.ftruncate(file, size)),
    fcntl: handle => raw(linux.fsync(handle)),
    flistxattr(handle, into, length) {
      const all = new Uint8Array(65_536)
      const filled = linux.flistxattr(handle, all, all.length)
      // A symlink that is held itself has none.
      if (filled < 0) return linux.errno() === 9 ? 0 : raw(filled)
      const own = fromUtf8(all.subarray(0, filled))
        .split('\0')
        .filter(one => one.startsWith('user.'))
        .map(one => `${one.slice(5)}\0`)
      const listed = utf8(own.join(''))
      if (into === null) return listed.length
      into.set(listed.subarray(0, length))
      return listed.length
    },
    fgetxattr(handle, given, into, length) {
      const nothing = new Uint8Array(65_536)
      const read = raw(linux.fgetxattr(handle, attributeName(given), nothing, nothing.length))
      if (read > 0 && into !== null) into.set(nothing.subarray(0, Math.min(read, length)))
      return read
    },
    fsetxattr: (handle, given, value, length) =>
      onHandle(handle, () => raw(linux.fsetxattr(handle, attributeName(given), value, length, 0))),
    fremovexattr: (handle, given) => raw(linux.fremovexattr(handle, attributeName(given))),
    mkdirat(at, path, mode) {
      const made = inFolder(at, () => raw(linux.mkdirat(from(at), path, mode)))
      if (made === 0) inheritIn(at, inodeAt(at, path) ?? 0, 'folder')
      return made
    },
    mknodat(at, path, mode, device) {
      const kind = kindOf(mode)
      if (kind === undefined || kind === 'file' || kind === 'folder' || kind === 'symlink')
        throw new Error(String(mode))
      const number = { major: device >>> 24, minor: device & 0xff_ffff }
      return attempt(() => void system.makeSpecial(from(at), name(path), kind, mode & 0o7777, number))
    },
    symlinkat: (target, at, path) => raw(linux.symlinkat(target, from(at), path)),
    linkat: (fromAt, one, toAt, to, flags) =>
      onName(fromAt, one, () => raw(linux.linkat(from(fromAt), one, from(toAt), to, flags))),
    unlinkat: (at, path, flags) =>
      inFolder(at, () =>
        onName(at, path, () => {
          const inode = inodeAt(at, path)
          const isLast = inode !== undefined && system.statAt(from(at), name(path)).links < 2
          const gone = raw(linux.unlinkat(from(at), path, flags === macAt.removeFolder ? 0x200 : 0))
          if (gone === 0 && inode !== undefined && (isLast || flags === macAt.removeFolder)) own.forget(inode)
          return gone
        }),
      ),
    renameatx: (fromAt, one, toAt, to) =>
      onName(fromAt, one, () =>
        raw(linux.renameat2(callNumber.renameat2, from(fromAt), one, from(toAt), to, 1)),
      ),
    fchown: (handle, uid, gid) => onHandle(handle, () => raw(linux.fchown(handle, uid, gid))),
    fchownat: (at, path, uid, gid) =>
      onName(at, path, () => raw(linux.fchownat(from(at), path, uid, gid, 0x100))),
    fchmod: (handle, mode) => onHandle(handle, () => raw(linux.fchmod(handle, mode))),
    fchmodat: (at, path, mode) => attempt(() => void system.setModeAt(from(at), name(path), mode)),
    futimens: (handle, times) =>
      onHandle(handle, () => attempt(() => void system.setTime(handle, ...modified(times)))),
    utimensat: (at, path, times) =>
      onName(at, path, () => attempt(() => void system.setTimeAt(from(at), name(path), ...modified(times)))),
    getpwuid_r: (uid, into, text, length, result) => linux.getpwuid_r(uid, into, text, length, result),
    getgrgid_r: (gid, into, text, length, result) => linux.getgrgid_r(gid, into, text, length, result),
    setiopolicy(...asked) {
      policies.push(asked)
      return 0
    },
    address: bytes => linux.address(bytes),
  }
  return { calls, inCloud, own, policies }
}

function modified(times: Bytes): [seconds: number, nanoseconds: number] {
  const view = new DataView(times.buffer, times.byteOffset)
  // The first of the two is left as it is: UTIME_OMIT, -2.
  if (view.getBigInt64(8, true) !== -2n) throw new Error('the access time is touched')
  return [Number(view.getBigInt64(16, true)), Number(view.getBigInt64(24, true))]
}
