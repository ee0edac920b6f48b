/** Writes the content of a file, its holes as holes. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Handle, System } from '../system/system.ts'

/** `zeros`: a hole of so many bytes. */
export type ContentRun = { readonly data: Bytes } | { readonly zeros: number }

/** Returns how many bytes the runs had, at most one run more than `size`: nobody fills the disk with what does not belong. */
export async function writeRuns(
  system: Pick<System, 'write' | 'resize'>,
  file: Handle,
  runs: AsyncIterable<ContentRun>,
  size: number,
): Promise<number> {
  let position = 0
  let written = 0
  for await (const run of runs) {
    const length = 'data' in run ? run.data.length : run.zeros
    if (!Number.isSafeInteger(length) || length < 0 || position + length > size) return position + length
    if ('data' in run) {
      system.write(file, run.data, position)
      written = position + length
    }
    position += length
  }
  if (written < position) system.resize(file, position)
  return position
}
