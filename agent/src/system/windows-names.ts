/** What a name or path of ours is to the native interface of Windows. */
import { type Bytes, concat, startsWith, utf8 } from '@backstay/proto/bytes'

const slash = 0x2f
const backslash = 0x5c
const colon = 0x3a
const dot = 0x2e

const root = utf8('\\??\\')
const share = utf8('\\??\\UNC\\')
const verbatim = utf8('\\\\?\\')
const verbatimShare = utf8('\\\\?\\UNC\\')
const doubled = utf8('\\\\')
const globalRoot = utf8('GLOBALROOT\\Device\\')

/** `itself` and `above` are `.` and `..`, which Windows knows in paths only; undefined: no name at all. */
export function nameKind(name: Bytes): 'name' | 'itself' | 'above' | undefined {
  if (name.length === 1 && name[0] === dot) return 'itself'
  if (name.length === 2 && name[0] === dot && name[1] === dot) return 'above'
  // Behind a colon begins the name of a stream.
  const isBad = name.some(byte => byte === slash || byte === backslash || byte === colon || byte === 0)
  return name.length === 0 || isBad ? undefined : 'name'
}

/**
 * `C:\Users\ada`, `C:/Users/ada`, `C:`, `\\server\share\x` and both with `\\?\` before them; undefined for all that is no
 * absolute path. Nothing is taken off or filled in, so that `CON` and `notes.` are names like others.
 */
export function nativePath(path: Bytes): Bytes | undefined {
  if (path.includes(0)) return undefined
  const turned = path.map(byte => (byte === slash ? backslash : byte))
  if (startsWith(turned, verbatimShare)) return concat(share, turned.subarray(verbatimShare.length))
  const plain = startsWith(turned, verbatim) ? turned.subarray(verbatim.length) : turned
  if (startsWith(plain, doubled)) return concat(share, plain.subarray(doubled.length))
  // What lies on no drive: a shadow copy.
  if (startsWith(turned, verbatim) && startsWith(plain, globalRoot)) return concat(root, plain)
  const hasDrive = isLetter(plain[0]) && plain[1] === colon
  if (!hasDrive || (plain.length > 2 && plain[2] !== backslash)) return undefined
  if (plain.length <= 3) return concat(root, plain.subarray(0, 2), Uint8Array.of(backslash))
  return concat(root, plain.at(-1) === backslash ? plain.subarray(0, -1) : plain)
}

/** The folder that a native path lies in, with a backslash behind it; undefined of a volume. */
export function nativeFolder(path: Uint16Array): Uint16Array | undefined {
  const end = path.at(-1) === backslash ? path.length - 1 : path.length
  const last = path.lastIndexOf(backslash, end - 1)
  // `\Device\HarddiskVolume3\x` and `\??\C:\x` have three of them.
  const isVolume = path.subarray(0, Math.max(last, 0)).filter(unit => unit === backslash).length < 2
  return last < 0 || isVolume ? undefined : path.subarray(0, last + 1)
}

function isLetter(byte = 0): boolean {
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x7a
}
