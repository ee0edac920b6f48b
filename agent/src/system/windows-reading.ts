/** Reading bytes, links and holes on Windows. */
import type { Bytes } from '@backstay/proto/bytes'
import { errno } from './error-numbers.ts'
import type { Handle, Reading } from './system.ts'
import { checked } from './system-error.ts'
import type { WindowsCalls } from './windows-calls.ts'
import { windowsListFolder } from './windows-folder.ts'
import { access, control, fileInformation } from './windows-numbers.ts'
import type { Objects } from './windows-objects.ts'
import { linkTarget } from './windows-reparse.ts'
import { windowsStat } from './windows-stat.ts'
import { errorOf, status } from './windows-status.ts'

/** MAXIMUM_REPARSE_DATA_BUFFER_SIZE */
export const reparseBytesMax = 16 * 1024
/** One FILE_ALLOCATED_RANGE_BUFFER: where it starts and how long it is, 64 bits each. */
const rangeBytes = 16

export function windowsReading(calls: WindowsCalls, objects: Objects): Reading {
  const position = new Uint8Array(8)
  const kept = new Uint8Array(8)
  const positionView = new DataView(position.buffer)
  const asked = new Uint8Array(rangeBytes)
  const range = new Uint8Array(rangeBytes)

  /** What a file has in it from `from` on, as the file system says; undefined when it says nothing. */
  function dataFrom(file: Handle, from: number): { start: number; end: number } | 'none' | undefined {
    const view = new DataView(asked.buffer)
    view.setBigUint64(0, BigInt(from), true)
    view.setBigUint64(8, 2n ** 62n - BigInt(from), true)
    const { ioStatus } = objects
    const known = calls.NtFsControlFile(
      file,
      0,
      null,
      null,
      ioStatus,
      control.allocatedRanges,
      asked,
      asked.length,
      range,
      range.length,
    )
    // There are more ranges than this one.
    if (known < 0 && known !== status.bufferOverflow) return undefined
    if (objects.information === 0) return 'none'
    const found = new DataView(range.buffer)
    const start = Number(found.getBigUint64(0, true))
    return { start, end: start + Number(found.getBigUint64(8, true)) }
  }

  const system: Reading = {
    ...windowsStat(calls, objects),
    listFolder: windowsListFolder(calls, objects),
    readLink(at, name) {
      const handle = checked(
        objects.open(at, name, { access: access.readAttributes, options: 0 }),
        'read link',
      )
      try {
        const data = checkedReparseData(calls, objects, handle)
        return linkTarget(data) ?? refuseLink()
      } finally {
        objects.close(handle)
      }
    },
    read: (file, into, at) => checked(system.tryRead(file, into, at), 'read'),
    tryRead(file, into, at) {
      const { ioStatus } = objects
      // A call with a position moves the handle's own: it is put back.
      if (at !== undefined) {
        calls.NtQueryInformationFile(file, ioStatus, kept, kept.length, fileInformation.position)
        positionView.setBigUint64(0, BigInt(at), true)
      }
      const where = at === undefined ? null : position
      const result = calls.NtReadFile(file, 0, null, null, ioStatus, into, into.length, where, null)
      const length = objects.information
      if (at !== undefined)
        calls.NtSetInformationFile(file, ioStatus, kept, kept.length, fileInformation.position)
      if (result === status.endOfFile) return 0
      return result < 0 ? errorOf(result) : length
    },
    seekData(file, from) {
      const found = dataFrom(file, from)
      if (found === undefined) return undefined
      return found === 'none' ? Number.POSITIVE_INFINITY : Math.max(from, found.start)
    },
    seekHole(file, from) {
      for (let at = from; ; ) {
        const found = dataFrom(file, at)
        if (found === undefined) return undefined
        // Ranges that touch are one.
        if (found === 'none' || found.start > at) return at
        at = found.end
      }
    },
    // There is no such call: the cache of Windows reads ahead by itself.
    advise: () => undefined,
    // What a service sees of other machines it is told by a path.
    fileSystemKind: () => 'local',
  }
  return system
}

/** The whole REPARSE_DATA_BUFFER; EINVAL of what is no reparse point. */
export function checkedReparseData(calls: WindowsCalls, objects: Objects, handle: Handle): Bytes {
  const data = new Uint8Array(reparseBytesMax)
  const read = calls.NtFsControlFile(
    handle,
    0,
    null,
    null,
    objects.ioStatus,
    control.getReparsePoint,
    null,
    0,
    data,
    data.length,
  )
  checked(errorOf(read), 'read link')
  return data.slice(0, objects.information)
}

function refuseLink(): never {
  checked(-errno.EINVAL, 'read link')
  throw new Error('assertion failed: a negative number is thrown')
}
