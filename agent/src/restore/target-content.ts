/** Writes the content of a file, its holes as holes. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Handle, System } from '../system/system.ts'

/** `zeros`: a hole of so many bytes. */
export type ContentRun = { readonly data: Bytes } | { readonly zeros: number }

/** Whoever writes runs: this thread, or several others. */
export interface RunWriter {
  /** All bytes, at a position; throws SystemError. They are not to be touched until they are written. */
  writeRun(file: Handle, bytes: Bytes, position: number): Promise<void>
}

export const runLength = (run: ContentRun): number => ('data' in run ? run.data.length : run.zeros)

/**
 * A run is written while the next one is asked for; the last of a whole file is written before it asks again. Returns how
 * many bytes the runs had, at most one run more than its size: nobody fills the disk with what does not belong.
 */
export async function writeRuns(
  system: Pick<System, 'resize'>,
  writer: RunWriter,
  file: Handle,
  runs: AsyncIterable<ContentRun>,
  { size, sparse }: { readonly size: number; readonly sparse: boolean },
): Promise<number> {
  // First, so that a size that no file can have is refused before anybody reads so many zeros.
  system.resize(file, size, sparse)
  let position = 0
  let writing: Promise<void> | undefined
  try {
    for await (const run of runs) {
      const length = runLength(run)
      if (!Number.isSafeInteger(length) || length < 0 || position + length > size) return position + length
      await writing
      writing = 'data' in run ? writer.writeRun(file, run.data, position) : undefined
      // Whoever makes the next run may fail while this one is written.
      writing?.catch(() => undefined)
      position += length
      if (position === size) await writing
    }
  } finally {
    // The file is not closed under it. It is thrown away: its last run was not the end.
    await writing
  }
  return position
}
