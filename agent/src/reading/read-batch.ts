/** Reads the files of a batch, where their names still stand for what was found. */
import { hash } from 'node:crypto'
import type { Attribute } from '@backstay/proto/content/entry'
import { emptyStat, type Handle, type System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'
import type { Batch, Wanted } from './batch.ts'

/** Of a large file; whoever reads it asks for the rest. */
const fetchedBytesMax = 1024 * 1024

/** Extended attributes of those files that have any. */
export type AttributesOfBatch = readonly {
  readonly index: number
  readonly attributes: readonly Attribute[]
}[]

/** Reads small files ahead of their turn. What it cannot read, the backup reads itself. */
export interface FileReader {
  /** Reads all files of the batch, which nobody else touches until then. */
  read(batch: Batch): Promise<AttributesOfBatch>
}

const stat = emptyStat()

/**
 * The disk is asked for all of them before the first is read: it then answers many requests at once, in its own order, where one
 * file after another would wait for it each time.
 */
export function readBatch(system: System, batch: Batch): AttributesOfBatch {
  const found: { index: number; attributes: readonly Attribute[] }[] = []
  const opened = Array.from({ length: batch.files }, (_, index) => openSoon(system, batch.wanted(index)))
  try {
    for (const [index, one] of opened.entries()) {
      if (one === undefined) continue
      const attributes = readOne(system, one)
      system.close(one.file)
      opened[index] = undefined
      if (attributes === undefined) continue
      batch.setRead(index)
      if (attributes.length > 0) found.push({ index, attributes })
    }
    return found
  } finally {
    for (const one of opened) if (one !== undefined) system.close(one.file)
  }
}

interface Opened {
  readonly wanted: Wanted
  readonly file: Handle
}

/** Undefined when it cannot be opened, or is a large one that is only to be fetched. */
function openSoon(system: System, wanted: Wanted): Opened | undefined {
  const file = system.tryOpenFile(wanted.folder, wanted.name)
  if (file < 0) return undefined
  const isRead = wanted.content.length === wanted.trace.size
  system.advise(file, 0, isRead ? wanted.content.length : fetchedBytesMax, 'soon')
  if (isRead) return { wanted, file }
  system.close(file)
  return undefined
}

/** Its attributes, or undefined when it must be looked at with more care: by the main thread, which says what is wrong. */
function readOne(
  system: System,
  { wanted: { trace, content, sha256 }, file }: Opened,
): readonly Attribute[] | undefined {
  try {
    const attributes = system.attributes(file)
    let length = 0
    while (length < content.length) {
      const count = system.read(file, content.subarray(length), length)
      if (count === 0) return undefined
      length += count
    }
    sha256.set(hash('sha256', content, 'buffer'))
    // Only now: one look before the file was opened and one after it was read say that nothing changed between.
    if (system.tryStat(file, stat) < 0 || stat.kind !== 'file' || stat.links !== 1) return undefined
    return same(stat, trace) ? attributes : undefined
  } catch (error) {
    if (!isSystemError(error)) throw error
    return undefined
  }
}

function same(stat: Wanted['trace'], trace: Wanted['trace']): boolean {
  return (
    stat.inode === trace.inode &&
    stat.size === trace.size &&
    stat.mtimeS === trace.mtimeS &&
    stat.mtimeNs === trace.mtimeNs &&
    stat.ctimeS === trace.ctimeS &&
    stat.ctimeNs === trace.ctimeNs &&
    stat.deviceMajor === trace.deviceMajor &&
    stat.deviceMinor === trace.deviceMinor
  )
}
