/** Opening and closing on Linux. */
import { constants } from 'node:os'
import type { LinuxCalls } from './linux-calls.ts'
import { open } from './linux-numbers.ts'
import { pathBuffer } from './scratch.ts'
import type { Opening } from './system.ts'
import { checked } from './system-error.ts'

const always = open.noFollow | open.closeOnExec

export function linuxOpening(calls: LinuxCalls): Opening {
  const path = pathBuffer()

  function opened(at: number, name: Uint8Array, flags: number): number {
    const refused = path.set(name)
    if (refused < 0) return refused
    const handle = calls.openat(at, path.bytes, flags | always, 0)
    return handle < 0 ? -calls.errno() : handle
  }

  const system: Opening = {
    openFolder: (at, name) => checked(system.tryOpenFolder(at, name), 'open folder'),
    tryOpenFolder: (at, name) => opened(at, name, open.folder),
    openFile: (at, name) => checked(system.tryOpenFile(at, name), 'open'),
    tryOpenFile(at, name) {
      const handle = opened(at, name, open.read | open.noAccessTime)
      // Only the owner and root may leave the access time alone.
      return handle === -constants.errno.EPERM ? opened(at, name, open.read) : handle
    },
    close(handle) {
      checked(calls.close(handle) < 0 ? -calls.errno() : 0, 'close')
    },
  }
  return system
}
