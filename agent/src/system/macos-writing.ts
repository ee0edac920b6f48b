/** Making and naming on macOS, where it has its own way. */
import { constants } from 'node:os'
import type { MacosCalls } from './macos-calls.ts'
import { macosNumbers, renameExclusive, syncToDisk } from './macos-numbers.ts'
import { posixWriting } from './posix-writing.ts'
import type { DeviceNumber, Writing } from './system.ts'

const { EINVAL, ENOTSUP, ENOTTY, EOPNOTSUPP } = constants.errno

export function macosWriting(calls: MacosCalls): Writing {
  return posixWriting(calls, macosNumbers, {
    makeNode: (at, path, mode, device) => calls.mknodat(at, path, mode, deviceNumber(device)),
    renameExclusive: (fromAt, from, toAt, to) => calls.renameatx(fromAt, from, toAt, to, renameExclusive),
    cannotRename: [-EINVAL, -ENOTSUP, -ENOTTY, -EOPNOTSUPP],
    sync: handle => calls.fcntl(handle, syncToDisk, 0),
  })
}

/** makedev of sys/types.h. */
function deviceNumber({ major, minor }: DeviceNumber): number {
  return ((major & 0xff) << 24) | (minor & 0xff_ffff)
}
