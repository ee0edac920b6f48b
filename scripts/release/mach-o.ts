/**
 * An ad-hoc code signature for a 64-bit Mach-O file, without which a Mac with an Apple processor starts nothing: SHA-256 of every
 * page of 4 KiB, as `codesign --sign -` writes it. It names nobody: a release for others is signed again on a Mac.
 * Shapes: cs_blobs.h and loader.h of Apple's xnu and cctools.
 */
import { createHash } from 'node:crypto'

const machO64 = 0xfeedfacf
const segmentCommand = 0x19
const signatureCommand = 0x1d
const pageBytes = 4096

interface Segment {
  readonly at: number
  readonly name: string
  readonly memoryBytes: bigint
  readonly fileStart: number
  readonly fileBytes: number
}

interface MachO {
  readonly commands: number
  readonly commandBytes: number
  readonly segments: readonly Segment[]
  readonly signature: { readonly start: number; readonly length: number } | undefined
  /** Where the first section's bytes begin: load commands end before. */
  readonly firstSection: number
}

const headerBytes = 32

export function readMachO(file: Buffer): MachO {
  if (file.length < headerBytes || file.readUInt32LE(0) !== machO64)
    throw new Error('not a 64-bit Mach-O file')
  const commands = file.readUInt32LE(16)
  const segments: Segment[] = []
  let signature: MachO['signature']
  let firstSection = file.length
  let at = headerBytes
  for (let command = 0; command < commands; command++) {
    const kind = file.readUInt32LE(at)
    if (kind === signatureCommand)
      signature = { start: file.readUInt32LE(at + 8), length: file.readUInt32LE(at + 12) }
    if (kind === segmentCommand) {
      segments.push({
        at,
        name: file.toString('latin1', at + 8, at + 24).replace(/\0+$/, ''),
        memoryBytes: file.readBigUInt64LE(at + 32),
        fileStart: Number(file.readBigUInt64LE(at + 40)),
        fileBytes: Number(file.readBigUInt64LE(at + 48)),
      })
      for (let section = 0; section < file.readUInt32LE(at + 64); section++) {
        const start = file.readUInt32LE(at + 72 + 80 * section + 48)
        if (start > 0) firstSection = Math.min(firstSection, start)
      }
    }
    at += file.readUInt32LE(at + 4)
  }
  return { commands, commandBytes: at - headerBytes, segments, signature, firstSection }
}

export function signMachO(file: Buffer, identifier: string): Buffer {
  const { commands, commandBytes, segments, signature, firstSection } = readMachO(file)
  const end = headerBytes + commandBytes
  const link = segments.find(({ name }) => name === '__LINKEDIT')
  const text = segments.find(({ name }) => name === '__TEXT')
  if (signature !== undefined) throw new Error('this file is signed already')
  if (link === undefined || text === undefined) throw new Error('no __LINKEDIT or __TEXT segment')
  if (firstSection - end < 16) throw new Error('no room for the load command of a signature')

  const signed = align(link.fileStart + link.fileBytes, 16)
  const requirements = words(0xfade0c01, 12, 0)
  const directoryBytes = directoryLength(signed, identifier)
  const signatureBytes = align(28 + directoryBytes + requirements.length, 16)
  const out = Buffer.alloc(signed + signatureBytes)
  file.copy(out, 0, 0, Math.min(file.length, signed))
  out.writeUInt32LE(commands + 1, 16)
  out.writeUInt32LE(commandBytes + 16, 20)
  for (const [index, word] of [signatureCommand, 16, signed, signatureBytes].entries())
    out.writeUInt32LE(word, end + 4 * index)
  const linkBytes = BigInt(out.length - link.fileStart)
  out.writeBigUInt64LE(linkBytes, link.at + 48)
  const memoryBytes = BigInt(align(Number(linkBytes), 0x4000))
  if (memoryBytes > link.memoryBytes) out.writeBigUInt64LE(memoryBytes, link.at + 32)

  const directory = codeDirectory(out.subarray(0, signed), identifier, requirements, text)
  const index = words(
    0xfade0cc0,
    28 + directory.length + requirements.length,
    2,
    0,
    28,
    2,
    28 + directory.length,
  )
  Buffer.concat([index, directory, requirements]).copy(out, signed)
  return out
}

/** What is wrong with a signature; undefined: every page has the hash that it names. */
export function machOFault(file: Buffer): string | undefined {
  const { signature } = readMachO(file)
  if (signature === undefined) return 'there is no signature'
  const blob = file.subarray(signature.start, signature.start + signature.length)
  const directory = blob.subarray(blob.readUInt32BE(16))
  if (directory.readUInt32BE(0) !== 0xfade0c02) return 'the signature holds no code directory'
  const [hashesAt, pages, end] = [16, 28, 32].map(at => directory.readUInt32BE(at)) as [
    number,
    number,
    number,
  ]
  if (pages !== Math.ceil(end / pageBytes)) return 'the signature covers another length'
  for (let page = 0; page < pages; page++) {
    const found = hashOf(file.subarray(page * pageBytes, Math.min((page + 1) * pageBytes, end)))
    if (!found.equals(directory.subarray(hashesAt + 32 * page, hashesAt + 32 * page + 32)))
      return `page ${page} differs`
  }
  return undefined
}

const directoryHeader = 88
/** Slots before the pages: requirements, and a property list that there is none of. */
const specialSlots = 2

function directoryLength(signed: number, identifier: string): number {
  return directoryHeader + identifier.length + 1 + 32 * (specialSlots + Math.ceil(signed / pageBytes))
}

function codeDirectory(code: Buffer, identifier: string, requirements: Buffer, text: Segment): Buffer {
  const directory = Buffer.alloc(directoryLength(code.length, identifier))
  const hashesAt = directoryHeader + identifier.length + 1 + 32 * specialSlots
  const pages = Math.ceil(code.length / pageBytes)
  // Version with the executable segment; flag: ad hoc.
  words(
    0xfade0c02,
    directory.length,
    0x20400,
    0x2,
    hashesAt,
    directoryHeader,
    specialSlots,
    pages,
    code.length,
  ).copy(directory)
  // Bytes of a hash, SHA-256, no platform, pages of 2^12.
  directory.set([32, 2, 0, 12], 36)
  directory.writeBigUInt64BE(BigInt(text.fileStart), 64)
  directory.writeBigUInt64BE(BigInt(text.fileBytes), 72)
  directory.writeBigUInt64BE(1n, 80)
  directory.write(identifier, directoryHeader, 'latin1')
  hashOf(requirements).copy(directory, hashesAt - 64)
  for (let page = 0; page < pages; page++)
    hashOf(code.subarray(page * pageBytes, (page + 1) * pageBytes)).copy(directory, hashesAt + 32 * page)
  return directory
}

function words(...values: number[]): Buffer {
  const out = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) out.writeUInt32BE(value, 4 * index)
  return out
}

function hashOf(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to
}
