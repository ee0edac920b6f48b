/** Reads the files of a batch, where their names still stand for what was found. */
import { hash } from 'node:crypto'
import type { Attribute } from '@backstay/proto/content/entry'
import { emptyStat, type System } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'
import type { Batch, Wanted } from './batch.ts'

/** Of a large file; whoever reads it asks for the rest. */
const fetchedBytesMax = 8 * 1024 * 1024

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

export function readBatch(system: System, batch: Batch): AttributesOfBatch {
  const found: { index: number; attributes: readonly Attribute[] }[] = []
  for (let index = 0; index < batch.files; index++) {
    const attributes = readOne(system, batch.wanted(index))
    if (attributes === undefined) continue
    batch.setRead(index)
    if (attributes.length > 0) found.push({ index, attributes })
  }
  return found
}

/** Its attributes, or undefined when it must be looked at with more care: by the main thread, which says what is wrong. */
function readOne(
  system: System,
  { folder, name, trace, content, sha256 }: Wanted,
): readonly Attribute[] | undefined {
  const file = system.tryOpenFile(folder, name)
  if (file < 0) return undefined
  try {
    if (content.length < trace.size) {
      system.advise(file, 0, fetchedBytesMax, 'soon')
      return undefined
    }
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
  } finally {
    system.close(file)
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
