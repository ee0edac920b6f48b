/** Reading on Linux. */
import { fileSystemKind } from './file-systems.ts'
import type { LinuxCalls } from './linux-calls.ts'
import { linuxListFolder } from './linux-folder.ts'
import { advice as adviceNumber, linuxNumbers } from './linux-numbers.ts'
import { linuxStat } from './linux-stat.ts'
import { posixReading } from './posix-reading.ts'
import type { Reading } from './system.ts'

export function linuxReading(calls: LinuxCalls): Reading {
  return {
    ...linuxStat(calls),
    ...posixReading(calls, linuxNumbers),
    listFolder: linuxListFolder(calls),
    advise(file, start, length, advice) {
      calls.posix_fadvise(file, start, length, adviceNumber[advice])
    },
    fileSystemKind,
  }
}
