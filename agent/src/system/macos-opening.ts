/** Opening and closing on macOS: never through a symlink, and never what would be fetched from a cloud. */
import { errno } from './error-numbers.ts'
import type { MacosCalls } from './macos-calls.ts'
import { dataless } from './macos-flags.ts'
import { atOf, open } from './macos-numbers.ts'
import type { MacosStat } from './macos-stat.ts'
import { pathBuffer } from './scratch.ts'
import { emptyStat, type Opening } from './system.ts'
import { checked } from './system-error.ts'

const always = open.noFollow | open.closeOnExec

export function macosOpening(
  calls: Pick<MacosCalls, 'openat' | 'close' | 'errno'>,
  stats: Pick<MacosStat, 'tryStat' | 'flags'>,
): Opening {
  const path = pathBuffer()
  const stat = emptyStat()

  function opened(at: number, name: Uint8Array, flags: number): number {
    const refused = path.set(name)
    if (refused < 0) return refused
    const handle = calls.openat(atOf(at), path.bytes, flags | always, 0)
    if (handle < 0) return -calls.errno()
    // Opening fetches nothing yet; reading and listing would.
    const known = stats.tryStat(handle, stat)
    if (known === 0 && (stats.flags() & dataless) === 0) return handle
    calls.close(handle)
    return known < 0 ? known : -errno.EREMOTE
  }

  const system: Opening = {
    openFolder: (at, name) => checked(system.tryOpenFolder(at, name), 'open folder'),
    tryOpenFolder: (at, name) => opened(at, name, open.read | open.folder),
    openFile: (at, name) => checked(system.tryOpenFile(at, name), 'open'),
    tryOpenFile: (at, name) => opened(at, name, open.read | open.nonBlock),
    close(handle) {
      checked(calls.close(handle) < 0 ? -calls.errno() : 0, 'close')
    },
  }
  return system
}
