/** What lies where calls may never return is written by who can give them up: a thread that is held up would answer no more. */
import type { FarPlaces } from '../system/bounded-system.ts'
import type { Handle, System } from '../system/system.ts'
import type { FileWriter } from './target.ts'
import { writeBatch } from './write-batch.ts'

/** `files`: who writes all else. */
export function nearWriter(
  files: FileWriter,
  system: System,
  places: Pick<FarPlaces, 'mountOf'> | undefined,
): FileWriter {
  const isFar = (handle: Handle) => places?.mountOf(handle) !== undefined
  return {
    async writeFiles(batch, rules) {
      const { parts } = rules
      const far = batch.folders.some(isFar) || (parts !== undefined && isFar(parts))
      return far ? writeBatch(system, batch, rules) : files.writeFiles(batch, rules)
    },
    async writeRun(file, bytes, position) {
      if (isFar(file)) system.write(file, bytes, position)
      else await files.writeRun(file, bytes, position)
    },
  }
}
