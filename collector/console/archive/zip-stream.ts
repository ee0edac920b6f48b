/**
 * Writes a zip while it is read: stored entries one after another, then the directory of them all (APPNOTE 6.3.10; zip64 where
 * sizes or counts need it). A file of known bytes has its sum in front, where every reader finds it; of others it follows.
 */
import { type Bytes, concat, utf8 } from '@backstay/proto/bytes'
import { crc32 } from '@backstay/proto/crc32'

export interface ZipInput {
  /** Parts joined by slashes; a folder's ends in one. */
  readonly name: string
  readonly lastModified: Date
  /** Permission bits. */
  readonly mode?: number
  /** Absent: a folder, or an empty file. */
  readonly input?: Bytes | AsyncIterable<Bytes>
  /** Of an input in pieces, which must be as long. */
  readonly size?: number
}

interface Written {
  readonly name: Bytes
  readonly flags: number
  readonly crc: number
  readonly size: number
  readonly offset: number
  readonly lastModified: Date
  readonly attributes: number
}

const signature = { local: 0x04034b50, descriptor: 0x08074b50, central: 0x02014b50 } as const
const endSignature = { end: 0x06054b50, end64: 0x06064b50, locator: 0x07064b50 } as const
const [max16, max32] = [0xffff, 0xffffffff]
/** Of the version that knows zip64; made by Unix, so that modes are read. */
const [versionNeeded, madeByUnix] = [45, (3 << 8) | 45]
const [sumFollows, namesAreUtf8] = [0x8, 0x800]
const [regularFile, folder] = [0o100000, 0o040000]
/** Of MS-DOS, for readers that know no modes. */
const folderOfDos = 0x10
const fileMode = 0o644
const folderMode = 0o755
const extra = { zip64: 0x0001, time: 0x5455 } as const

/** `sumOf`: another way to the same sum. */
export async function* zipStream(
  inputs: AsyncIterable<ZipInput>,
  sumOf: typeof crc32 = crc32,
): AsyncGenerator<Bytes> {
  const all: Written[] = []
  let offset = 0
  for await (const { name, lastModified, mode, input, size } of inputs) {
    const isFolder = name.endsWith('/')
    const permissions = mode ?? (isFolder ? folderMode : fileMode)
    const attributes =
      (((isFolder ? folder : regularFile) | permissions) << 16) | (isFolder ? folderOfDos : 0)
    const inPieces = input !== undefined && !(input instanceof Uint8Array)
    const whole = inPieces || input === undefined ? undefined : (input as Bytes)
    const entry: Written = {
      ...{ name: utf8(name), lastModified, attributes: attributes >>> 0, offset },
      flags: namesAreUtf8 | (inPieces ? sumFollows : 0),
      crc: whole === undefined ? 0 : sumOf(whole),
      size: whole?.length ?? (inPieces ? (size ?? 0) : 0),
    }
    const header = localHeader(entry)
    yield header
    offset += header.length
    let crc = entry.crc
    if (whole !== undefined) yield whole
    else if (inPieces) {
      let length = 0
      for await (const piece of input as AsyncIterable<Bytes>) {
        crc = sumOf(piece, crc)
        length += piece.length
        yield piece
      }
      if (length !== entry.size) throw new Error(`assertion failed: ${entry.size} bytes were announced`)
      const descriptor = descriptorOf(crc, entry.size)
      yield descriptor
      offset += descriptor.length
    }
    offset += entry.size
    all.push({ ...entry, crc })
  }
  const start = offset
  for (const entry of all) {
    const header = centralHeader(entry)
    yield header
    offset += header.length
  }
  yield endOf(all.length, start, offset - start)
}

function localHeader(entry: Written): Bytes {
  const { flags, crc, size, lastModified } = entry
  const follows = (flags & sumFollows) !== 0
  const isLarge = size >= max32
  const more = concat(...(isLarge ? [zip64(size, size)] : []), timeOf(lastModified))
  const header = numbers(30, at => {
    at.u32(signature.local)
    at.u16(versionNeeded, flags, 0, ...dosTime(lastModified))
    at.u32(follows ? 0 : crc)
    at.u32(...(isLarge ? [max32, max32] : follows ? [0, 0] : [size, size]))
    at.u16(entry.name.length, more.length)
  })
  return concat(header, entry.name, more)
}

function descriptorOf(crc: number, size: number): Bytes {
  const isLarge = size >= max32
  return numbers(isLarge ? 24 : 16, at => {
    at.u32(signature.descriptor, crc)
    if (isLarge) at.u64(size, size)
    else at.u32(size, size)
  })
}

function centralHeader({ name, flags, crc, size, offset, lastModified, attributes }: Written): Bytes {
  const large = [...(size >= max32 ? [size, size] : []), ...(offset >= max32 ? [offset] : [])]
  const more = concat(...(large.length > 0 ? [zip64(...large)] : []), timeOf(lastModified))
  const [size32, offset32] = [Math.min(size, max32), Math.min(offset, max32)]
  const header = numbers(46, at => {
    at.u32(signature.central)
    at.u16(madeByUnix, versionNeeded, flags, 0, ...dosTime(lastModified))
    at.u32(crc, size32, size32)
    // No comment, on disk 0, nothing known of the content.
    at.u16(name.length, more.length, 0, 0, 0)
    at.u32(attributes, offset32)
  })
  return concat(header, name, more)
}

function endOf(entries: number, start: number, length: number): Bytes {
  const [entries16, length32, start32] = [
    Math.min(entries, max16),
    Math.min(length, max32),
    Math.min(start, max32),
  ]
  const end = numbers(22, at => {
    at.u32(endSignature.end)
    at.u16(0, 0, entries16, entries16)
    at.u32(length32, start32)
    at.u16(0)
  })
  if (entries < max16 && length < max32 && start < max32) return end
  const end64 = numbers(56, at => {
    at.u32(endSignature.end64)
    at.u64(44)
    at.u16(madeByUnix, versionNeeded)
    at.u32(0, 0)
    at.u64(entries, entries, length, start)
  })
  const locator = numbers(20, at => {
    at.u32(endSignature.locator, 0)
    at.u64(start + length)
    at.u32(1)
  })
  return concat(end64, locator, end)
}

function zip64(...values: readonly number[]): Bytes {
  return numbers(4 + 8 * values.length, at => {
    at.u16(extra.zip64, 8 * values.length)
    at.u64(...values)
  })
}

/** The time without a time zone, for readers that know it; nothing where it does not fit. */
function timeOf(date: Date): Bytes {
  const seconds = Math.floor(date.getTime() / 1000)
  if (seconds < 0 || seconds > 0x7fffffff) return new Uint8Array()
  return numbers(9, at => {
    at.u16(extra.time, 5)
    at.u8(1)
    at.u32(seconds)
  })
}

/** Local time, as zip has it: the years 1980 to 2107, in steps of two seconds. */
function dosTime(date: Date): [number, number] {
  const time = (date.getSeconds() >> 1) | (date.getMinutes() << 5) | (date.getHours() << 11)
  const day = date.getDate() | ((date.getMonth() + 1) << 5) | ((date.getFullYear() - 1980) << 9)
  return [time, day]
}

interface Numbers {
  u8(...values: readonly number[]): void
  u16(...values: readonly number[]): void
  u32(...values: readonly number[]): void
  u64(...values: readonly number[]): void
}

function numbers(length: number, write: (at: Numbers) => void): Bytes {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  let at = 0
  const put =
    (width: number, set: (value: number) => void) =>
    (...values: readonly number[]) => {
      for (const value of values) {
        set(value)
        at += width
      }
    }
  write({
    u8: put(1, value => view.setUint8(at, value)),
    u16: put(2, value => view.setUint16(at, value, true)),
    u32: put(4, value => view.setUint32(at, value, true)),
    u64: put(8, value => view.setBigUint64(at, BigInt(value), true)),
  })
  if (at !== length) throw new Error(`assertion failed: ${at} of ${length} bytes were written`)
  return bytes
}
