/** Reading bytes, links and holes on Linux and macOS. */
import { constants } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import { type PosixCalls, type PosixNumbers, posixNaming } from './posix-calls.ts'
import type { Reading } from './system.ts'
import { checked } from './system-error.ts'

/** A target has at most 4,095 bytes on Linux, 1,023 on macOS. */
const targetBytesMax = 4096
/** Who does not know holes, or is no regular file, says one of these. */
const { ENXIO, EINVAL, ENOTTY, EOPNOTSUPP, ENOTSUP, ESPIPE } = constants.errno
const holeless: readonly number[] = [EINVAL, ENOTTY, EOPNOTSUPP, ENOTSUP, ESPIPE]

export function posixReading(
  calls: PosixCalls,
  { folderOf, seek }: PosixNumbers,
): Pick<Reading, 'readLink' | 'read' | 'tryRead' | 'seekData' | 'seekHole'> {
  const { done, named } = posixNaming(calls)
  const target = new Uint8Array(targetBytesMax)

  function seekTo(file: number, from: number, whence: number): number | undefined {
    const found = calls.lseek(file, from, whence)
    if (found >= 0) return found
    const errno = calls.errno()
    if (errno === ENXIO) return Number.POSITIVE_INFINITY
    if (!holeless.includes(errno)) checked(-errno, 'seek')
    return undefined
  }

  function tryRead(file: number, into: Bytes, position?: number): number {
    return done(
      position === undefined
        ? calls.read(file, into, into.length)
        : calls.pread(file, into, into.length, position),
    )
  }

  return {
    readLink(at, name) {
      const length = named(name, path => calls.readlinkat(folderOf(at), path, target, targetBytesMax))
      return target.slice(0, checked(length, 'read link'))
    },
    read: (file, into, position) => checked(tryRead(file, into, position), 'read'),
    tryRead,
    seekData: (file, from) => seekTo(file, from, seek.data),
    seekHole: (file, from) => seekTo(file, from, seek.hole),
  }
}
