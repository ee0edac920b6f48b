/** Reads a zip whose files are stored, by its central directory, zip64 fields and all; for tests. */
import { crc32 } from '@backstay/proto/crc32'

export interface Zipped {
  readonly name: string
  readonly bytes: Buffer
  /** Permission bits. */
  readonly mode: number
}

export function readZip(zip: Buffer): Zipped[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0) throw new Error('no end of a central directory')
  let [count, at] = [zip.readUInt16LE(end + 10), zip.readUInt32LE(end + 16)]
  const locator = end - 20
  if (locator >= 0 && zip.toString('latin1', locator, locator + 4) === 'PK\x06\x07') {
    const end64 = Number(zip.readBigUInt64LE(locator + 8))
    count = Number(zip.readBigUInt64LE(end64 + 32))
    at = Number(zip.readBigUInt64LE(end64 + 48))
  }
  const files: Zipped[] = []
  for (let file = 0; file < count; file++) {
    if (zip.toString('latin1', at, at + 4) !== 'PK\x01\x02') throw new Error('the central directory is wrong')
    if (zip.readUInt16LE(at + 10) !== 0) throw new Error('a file is not stored')
    const checksum = zip.readUInt32LE(at + 16)
    let size = zip.readUInt32LE(at + 24)
    const [nameBytes, extraBytes] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30)]
    const commentBytes = zip.readUInt16LE(at + 32)
    let offset = zip.readUInt32LE(at + 42)
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes)
    const extra = zip.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes)
    for (let field = 0; field + 4 <= extra.length; field += 4 + extra.readUInt16LE(field + 2)) {
      if (extra.readUInt16LE(field) !== 1) continue
      let place = field + 4
      if (size === 0xffff_ffff) {
        size = Number(extra.readBigUInt64LE(place))
        place += 16
      }
      if (offset === 0xffff_ffff) offset = Number(extra.readBigUInt64LE(place))
    }
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28)
    const bytes = zip.subarray(start, start + size)
    if (crc32(bytes) !== checksum) throw new Error(`the checksum of ${name} is wrong`)
    files.push({ name, bytes, mode: (zip.readUInt32LE(at + 38) >>> 16) & 0o777 })
    at += 46 + nameBytes + extraBytes + commentBytes
  }
  return files
}
