/** statx(2): everything about one inode in one call, times in nanoseconds. */
import type { Bytes } from '@backstay/proto/bytes'
import type { LinuxCalls } from './linux-calls.ts'
import { at as atFlag } from './linux-numbers.ts'
import { kindOfType } from './posix-kinds.ts'
import { foldInode, int64, pathBuffer } from './scratch.ts'
import { modeMask, type StatBuffer } from './system.ts'
import { type Stats, thrownStat } from './thrown-stat.ts'

/** STATX_BASIC_STATS without the access time, and STATX_MNT_ID. */
const basicMask = 0x7df
const mountMask = 0x1000
const emptyPath = new Uint8Array(1)

/** Offsets in struct statx, in 32-bit words, from include/uapi/linux/stat.h. */
const word = {
  mask: 0,
  links: 4,
  uid: 5,
  gid: 6,
  mode: 7,
  inode: 8,
  size: 10,
  blocks: 12,
  ctime: 24,
  mtime: 28,
  nodeMajor: 32,
  nodeMinor: 33,
  deviceMajor: 34,
  deviceMinor: 35,
  mount: 36,
} as const

export function linuxStat(calls: LinuxCalls): Stats {
  const path = pathBuffer()
  const bytes = new Uint8Array(256)
  const words = new Uint32Array(bytes.buffer)

  function call(at: number, name: Bytes, flags: number, into: StatBuffer): number {
    if (calls.statx(at, name, flags, basicMask | mountMask, bytes) < 0) return -calls.errno()
    fill(into, words)
    return 0
  }

  return thrownStat({
    tryStat: (handle, into) => call(handle, emptyPath, atFlag.emptyPath, into),
    tryStatAt(at, name, into) {
      const refused = path.set(name)
      return refused < 0 ? refused : call(at, path.bytes, atFlag.noFollow | atFlag.noAutomount, into)
    },
  })
}

function fill(into: StatBuffer, words: Uint32Array): void {
  const mode = (words[word.mode] as number) & 0xffff
  into.kind = kindOfType[mode >>> 12] ?? 'file'
  into.mode = mode & modeMask
  into.uid = words[word.uid] as number
  into.gid = words[word.gid] as number
  into.size = int64(words, word.size)
  into.blocks = int64(words, word.blocks)
  into.links = words[word.links] as number
  into.inode = foldInode(words[word.inode] as number, words[word.inode + 1] as number)
  into.deviceMajor = words[word.deviceMajor] as number
  into.deviceMinor = words[word.deviceMinor] as number
  into.nodeMajor = words[word.nodeMajor] as number
  into.nodeMinor = words[word.nodeMinor] as number
  into.mtimeS = int64(words, word.mtime)
  into.mtimeNs = words[word.mtime + 2] as number
  into.ctimeS = int64(words, word.ctime)
  into.ctimeNs = words[word.ctime + 2] as number
  into.mount = (words[word.mask] as number) & mountMask ? int64(words, word.mount) : 0
}
