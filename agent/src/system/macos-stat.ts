/** struct stat with 64-bit inodes, of sys/stat.h: 144 bytes, the same on both processors. */
import type { MacosCalls } from './macos-calls.ts'
import { at as atFlag, atOf } from './macos-numbers.ts'
import { kindOfType } from './posix-kinds.ts'
import { foldInode, int64, pathBuffer } from './scratch.ts'
import { type Handle, modeMask, type StatBuffer } from './system.ts'
import { type Stats, thrownStat } from './thrown-stat.ts'

export const statBytes = 144

/** Offsets in 32-bit words; mode and links share one. Seconds and nanoseconds have 64 bits each. */
const word = {
  device: 0,
  modeAndLinks: 1,
  inode: 2,
  uid: 4,
  gid: 5,
  node: 6,
  mtime: 12,
  ctime: 16,
  size: 24,
  blocks: 26,
  flags: 29,
} as const

export interface MacosStat extends Stats {
  /** st_flags of what was looked at last. */
  readonly flags: () => number
}

export function macosStat(calls: Pick<MacosCalls, 'fstat' | 'fstatat' | 'errno'>): MacosStat {
  const path = pathBuffer()
  const bytes = new Uint8Array(statBytes)
  const words = new Uint32Array(bytes.buffer)

  function filled(result: number, into: StatBuffer): number {
    if (result < 0) return -calls.errno()
    fill(into, words)
    return 0
  }

  const stats = thrownStat({
    tryStat: (handle: Handle, into) => filled(calls.fstat(handle, bytes), into),
    tryStatAt(at, name, into) {
      const refused = path.set(name)
      return refused < 0 ? refused : filled(calls.fstatat(atOf(at), path.bytes, bytes, atFlag.noFollow), into)
    },
  })
  return { ...stats, flags: () => words[word.flags] as number }
}

function fill(into: StatBuffer, words: Uint32Array): void {
  const at = (index: number) => words[index] as number
  const mode = at(word.modeAndLinks) & 0xffff
  into.kind = kindOfType[mode >>> 12] ?? 'file'
  into.mode = mode & modeMask
  into.links = at(word.modeAndLinks) >>> 16
  into.uid = at(word.uid)
  into.gid = at(word.gid)
  into.size = int64(words, word.size)
  into.blocks = int64(words, word.blocks)
  into.inode = foldInode(at(word.inode), at(word.inode + 1))
  into.deviceMajor = at(word.device) >>> 24
  into.deviceMinor = at(word.device) & 0xff_ffff
  const isNode = into.kind === 'character_device' || into.kind === 'block_device'
  into.nodeMajor = isNode ? at(word.node) >>> 24 : 0
  into.nodeMinor = isNode ? at(word.node) & 0xff_ffff : 0
  into.mtimeS = int64(words, word.mtime)
  into.mtimeNs = at(word.mtime + 2)
  into.ctimeS = int64(words, word.ctime)
  into.ctimeNs = at(word.ctime + 2)
  into.mount = 0
}
