/** What a folder's list is made of, on Linux and macOS: records that the kernel writes into a buffer, one buffer after another. */
import type { Bytes } from '@backstay/proto/bytes'
import type { PosixCalls, PosixNumbers } from './posix-calls.ts'
import type { Handle } from './system.ts'
import { checked } from './system-error.ts'

/** What libc uses; larger ones gained nothing on folders of 100,000 entries. */
const bufferBytes = 32 * 1024

/** `next` fills the buffer and returns how far, 0 at the end, or a negative number. */
export function folderBatches(
  calls: Pick<PosixCalls, 'lseek' | 'errno'>,
  { seek }: Pick<PosixNumbers, 'seek'>,
  next: (folder: Handle, buffer: Bytes) => number,
): (folder: Handle) => Generator<Bytes> {
  const buffer = new Uint8Array(bufferBytes)
  return function* batches(folder) {
    checked(calls.lseek(folder, 0, seek.set) < 0 ? -calls.errno() : 0, 'list folder')
    while (true) {
      const filled = next(folder, buffer)
      checked(filled < 0 ? -calls.errno() : 0, 'list folder')
      if (filled === 0) return
      // A copy: the caller may list another folder before it takes the next name of this one.
      yield buffer.slice(0, filled)
    }
  }
}
