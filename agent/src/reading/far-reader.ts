/** Reads batches of files that lie where calls may never return, each batch as one call that can be given up. */
import type { FarPlaces } from '../system/bounded-system.ts'
import { isSystemError } from '../system/system-error.ts'
import type { AttributesOfBatch, FileReader } from './read-batch.ts'

const nothingRead: AttributesOfBatch = []

/** `near`: who reads all else. */
export function farReader(
  near: FileReader,
  { mountOf, ask }: Pick<FarPlaces, 'mountOf' | 'ask'>,
): FileReader {
  return {
    async read(batch) {
      const folders = Array.from({ length: batch.files }, (_, index) => batch.wanted(index).folder)
      const mounts = new Set(folders.map(mountOf).filter(mount => mount !== undefined))
      const [mount] = mounts
      if (mount === undefined) return near.read(batch)
      // One that hangs is told by its name.
      if (mounts.size > 1) return nothingRead
      // A thread that is held up may write into it whenever it comes back.
      const theirs = new SharedArrayBuffer(batch.memory.byteLength)
      const bytes = new Uint8Array(theirs)
      bytes.set(new Uint8Array(batch.memory))
      try {
        const attributes = ask(mount, { name: 'readBatch', words: [theirs, batch.files] })
        new Uint8Array(batch.memory).set(bytes)
        return attributes as AttributesOfBatch
      } catch (error) {
        if (!isSystemError(error)) throw error
        return nothingRead
      }
    },
  }
}
