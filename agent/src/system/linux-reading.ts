/** Reading bytes, links and holes on Linux. */
import { constants } from 'node:os'
import type { LinuxCalls } from './linux-calls.ts'
import { linuxListFolder } from './linux-folder.ts'
import { advice as adviceNumber, seek } from './linux-numbers.ts'
import { linuxStat } from './linux-stat.ts'
import { pathBuffer } from './scratch.ts'
import type { Reading } from './system.ts'
import { checked } from './system-error.ts'

/** A target has at most 4,095 bytes. */
const targetBytesMax = 4096

export function linuxReading(calls: LinuxCalls): Reading {
  const path = pathBuffer()
  const target = new Uint8Array(targetBytesMax)

  /** Undefined when the file system does not know holes, or this is no regular file. */
  function seekTo(file: number, from: number, whence: number): number | undefined {
    const found = calls.lseek(file, from, whence)
    if (found >= 0) return found
    const { ENXIO, EINVAL, EOPNOTSUPP, ESPIPE } = constants.errno
    const errno = calls.errno()
    if (errno === ENXIO) return Number.POSITIVE_INFINITY
    if (errno !== EINVAL && errno !== EOPNOTSUPP && errno !== ESPIPE) checked(-errno, 'seek')
    return undefined
  }

  const system: Reading = {
    ...linuxStat(calls),
    listFolder: linuxListFolder(calls),
    readLink(at, name) {
      checked(path.set(name), 'read link')
      const length = calls.readlinkat(at, path.bytes, target, targetBytesMax)
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
    advise(file, start, length, advice) {
      calls.posix_fadvise(file, start, length, adviceNumber[advice])
    },
  }
  return system
}
