/** Reading on macOS. */
import type { MacosCalls } from './macos-calls.ts'
import { macosListFolder } from './macos-folder.ts'
import { macosNumbers } from './macos-numbers.ts'
import type { MacosStat } from './macos-stat.ts'
import { posixReading } from './posix-reading.ts'
import type { Reading } from './system.ts'

export function macosReading(calls: MacosCalls, stats: MacosStat): Reading {
  const { stat, statAt, tryStat, tryStatAt } = stats
  return {
    ...{ stat, statAt, tryStat, tryStatAt },
    ...posixReading(calls, macosNumbers),
    listFolder: macosListFolder(calls),
    // The system reads ahead by itself.
    advise: () => undefined,
    // It tells of changes on shares, too, and its /dev is no place for roots.
    fileSystemKind: () => 'local',
  }
}
