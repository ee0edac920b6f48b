/** Reading bytes, links and holes on macOS. */
import { constants } from 'node:os'
import type { MacosCalls } from './macos-calls.ts'
import { macosListFolder } from './macos-folder.ts'
import { atOf, seek } from './macos-numbers.ts'
import type { MacosStat } from './macos-stat.ts'
import { pathBuffer } from './scratch.ts'
import type { Reading } from './system.ts'
import { checked } from './system-error.ts'

const targetBytesMax = 4096

export function macosReading(calls: MacosCalls, stats: MacosStat): Reading {
  const path = pathBuffer()
  const target = new Uint8Array(targetBytesMax)
  const { stat, statAt, tryStat, tryStatAt } = stats

  /** Undefined when the file system does not know holes, or this is no regular file. */
  function seekTo(file: number, from: number, whence: number): number | undefined {
    const found = calls.lseek(file, from, whence)
    if (found >= 0) return found
    const { ENXIO, EINVAL, ENOTTY, EOPNOTSUPP, ENOTSUP, ESPIPE } = constants.errno
    const errno = calls.errno()
    if (errno === ENXIO) return Number.POSITIVE_INFINITY
    if (![EINVAL, ENOTTY, EOPNOTSUPP, ENOTSUP, ESPIPE].includes(errno)) checked(-errno, 'seek')
    return undefined
  }

  const system: Reading = {
    ...{ stat, statAt, tryStat, tryStatAt },
    listFolder: macosListFolder(calls),
    readLink(at, name) {
      checked(path.set(name), 'read link')
      const length = calls.readlinkat(atOf(at), path.bytes, target, targetBytesMax)
      return target.slice(0, checked(length < 0 ? -calls.errno() : length, 'read link'))
    },
    read: (file, into, position) => checked(system.tryRead(file, into, position), 'read'),
    tryRead(file, into, position) {
      const length =
        position === undefined
          ? calls.read(file, into, into.length)
          : calls.pread(file, into, into.length, position)
      return length < 0 ? -calls.errno() : length
    },
    seekData: (file, from) => seekTo(file, from, seek.data),
    seekHole: (file, from) => seekTo(file, from, seek.hole),
    // The system reads ahead by itself.
    advise: () => undefined,
  }
  return system
}
