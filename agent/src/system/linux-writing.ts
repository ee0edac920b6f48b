/** Making and naming on Linux, where it has its own way. */
import { constants } from 'node:os'
import type { LinuxCalls } from './linux-calls.ts'
import { callNumber, linuxNumbers, renameNoReplace } from './linux-numbers.ts'
import { linuxWriteAround } from './linux-write-around.ts'
import { posixWriting } from './posix-writing.ts'
import type { DeviceNumber, Writing } from './system.ts'

const { EINVAL, ENOSYS } = constants.errno

export function linuxWriting(calls: LinuxCalls): Writing {
  const writing = posixWriting(calls, linuxNumbers, {
    makeNode: (at, path, mode, device) =>
      calls.mknodat(callNumber.mknodat, at, path, mode, deviceNumber(device)),
    renameExclusive: (fromAt, from, toAt, to) =>
      calls.renameat2(callNumber.renameat2, fromAt, from, toAt, to, renameNoReplace),
    cannotRename: [-EINVAL, -ENOSYS],
    sync: calls.fsync,
  })
  return { ...writing, writeAround: linuxWriteAround(calls, writing.write) }
}

/** The kernel's new_encode_dev: 12 bits of major between the lower 8 and the upper 12 of minor. */
function deviceNumber(device: DeviceNumber): number {
  return ((device.minor & 0xff) | ((device.major & 0xfff) << 8) | ((device.minor & ~0xff) << 12)) >>> 0
}
